import { WEEKDAYS, type Weekday } from '../../contracts/settings.js';

/**
 * Words for days, months and times of day: closed classes of both languages, in the spellings people type.
 */
export const WEEKDAY_WORDS: Readonly<Record<Weekday, string>> = {
  mon: 'senin snin sen seninnya monday mondays mon',
  tue: 'selasa slasa sls tuesday tuesdays tue tues',
  wed: 'rabu rbu rb wednesday wednesdays wed weds',
  thu: 'kamis kemis kmis kms thursday thursdays thu thur thurs',
  fri: "jumat jum'at jumaat jmat jmt jum jumatan friday fridays fri",
  sat: 'sabtu sbtu sbt saptu saturday saturdays sat',
  sun: 'minggu mingguan mingu ahad mggu mgg sunday sundays sun',
};

export const MONTH_WORDS: readonly string[] = [
  'januari january jan',
  'februari pebruari february feb',
  'maret march mar',
  'april apr',
  'mei may',
  'juni june jun',
  'juli july jul',
  'agustus august agu agt aug ags',
  'september sept sep',
  'oktober october okt oct',
  'november nopember nov nop',
  'desember december des dec',
];

/** Days from today. */
export const RELATIVE_DAYS: readonly (readonly [pattern: string, days: number])[] = [
  [String.raw`(?:the )?day after tomorrow|besok lusa|lusa`, 2],
  [
    String.raw`hari ini|hr ini|today|tonight|malam ini|malem ini|sore ini|siang ini|pagi ini|nanti malam|nanti malem|nanti sore|nanti siang|ntar malem|this (?:morning|afternoon|evening)`,
    0,
  ],
  [String.raw`besok|bsk|besuk|bsok|tomorrow|tmrw|tmr|tmw`, 1],
];

/** "In 3 days"; the number is the first group that matched. */
export const DAYS_FROM_NOW = String.raw`(\d{1,2}) hari lagi|in (\d{1,2}) days`;
/** "Malam minggu" is the evening before Sunday. */
export const EVENING_BEFORE = String.raw`mal[ae]m(?:an)?\s+`;
/** "The day after Christmas", "H-1 Lebaran". */
export const DAYS_BESIDE: readonly (readonly [pattern: string, days: number])[] = [
  [String.raw`(?:the )?day after(?! tomorrow)|(?:se|satu )hari (?:setelah|sesudah|habis|abis)|h ?\+ ?1`, 1],
  [String.raw`(?:the )?day before(?! yesterday)|(?:se|satu )hari sebelum|h ?- ?1`, -1],
];
export const WEEKEND = String.raw`akhir pekan|weekends?|wiken`;
export const WORKDAYS = String.raw`hari (?:kerja|biasa)|weekdays?`;
export const PUBLIC_HOLIDAY = String.raw`(?:tgl|tanggal|tg) merah|public holidays?`;
/** "Minggu" means both Sunday and week. */
export const WEEK_AS_LENGTH = String.raw`\d+\s*minggu|minggu (?:depan|lalu|ini)|(?:se|satu|dua|tiga) ?minggu|tiap minggu|per minggu`;

/** Times of day that move an hour past noon. */
const AFTERNOON = 'siang|sore|malam|malem|petang|afternoon|evening|night';
const MORNING = 'pagi|subuh|dini hari|morning';
/** "jam 7 malam", "7pm", "at 19.30", "pukul 8", "6:15 am". */
export const CLOCK = new RegExp(
  String.raw`\b(?:(?:jam|jm|pukul|pkl|at|@)\s*)(\d{1,2})(?:[.:](\d{2}))?(?:\s*(am|pm|a\.m\.?|p\.m\.?|${AFTERNOON}|${MORNING})(?![\p{L}]))?|\b(\d{1,2})(?:[.:](\d{2}))?\s*(am|pm|a\.m\.?|p\.m\.?|${AFTERNOON}|${MORNING}|in the (?:morning|afternoon|evening))(?![\p{L}])|\b(\d{1,2})[.:](\d{2})\b`,
  'iu',
);
export const TIME_OF_DAY = new RegExp(String.raw`\b(?:${AFTERNOON}|${MORNING}|noon|midnight)\b`, 'giu');

const NOON = 12;

/** HH:MM for a time as written; `undefined` if there is no such hour. */
export function clockTime(hour: number, minute: number, part: string | undefined): string | undefined {
  if (hour > 24 || minute > 59) return undefined;
  const isLate =
    part !== undefined && (/^p/i.test(part) ? !/^pagi/i.test(part) : new RegExp(AFTERNOON, 'i').test(part));
  const isEarly = part !== undefined && !isLate;
  let at = hour % 24;
  // "jam 12 malam" is midnight; "jam 11 siang" is before noon.
  if (isLate && at < NOON && !(/siang/i.test(part) && at >= 10)) at += NOON;
  if (at === NOON && (isEarly || /malam|malem|night/i.test(part ?? ''))) at = 0;
  return `${String(at).padStart(2, '0')}:${String(minute).padStart(2, '0')}`;
}

/** Names of public holidays in both languages; one holiday per line. */
export const HOLIDAY_NAMES: readonly string[] = [
  'natal|christmas|xmas|hari natal',
  "tahun baru|new year|new years|new years day|new year's day|newyear",
  'lebaran|idul fitri|idulfitri|eid|eid al-fitr|hari raya',
  'idul adha|iduladha|kurban|eid al-adha',
  'nyepi|day of silence|hari raya nyepi',
  'imlek|chinese new year|lunar new year|cny',
  'waisak|vesak',
  'paskah|easter',
  'jumat agung|good friday',
  'kenaikan isa almasih|kenaikan yesus kristus|ascension day',
  'maulid|maulid nabi|mawlid',
  'tahun baru islam|tahun baru hijriah|islamic new year|muharram',
  "isra miraj|isra mikraj|isra mi'raj",
  'hari kemerdekaan|kemerdekaan|hut ri|17 agustus|17an|tujuh belasan|independence day',
  'hari buruh|may day|labour day|labor day',
  'hari lahir pancasila|hari pancasila|pancasila day',
  'galungan',
  'kuningan',
  'thanksgiving',
];

/** Words for days and times of day that typing errors are corrected to. */
export const CALENDAR_SPELLINGS: readonly string[] = [
  ...Object.values(WEEKDAY_WORDS).flatMap((words) => words.split(' ')),
  ...`${AFTERNOON}|${MORNING}|besok|today|tomorrow|weekend`.split('|'),
  ...HOLIDAY_NAMES.flatMap((line) => line.split('|')),
].filter((word) => /^\p{L}+$/u.test(word));

/** Days that are not holidays themselves, with the date (MM-DD) they fall on every year. */
export const DAYS_BY_DATE: readonly (readonly [names: string, date: string])[] = [
  ['malam natal|christmas eve|xmas eve', '12-24'],
  ['boxing day', '12-26'],
  ["malam tahun baru|new year'?s eve|nye", '12-31'],
];

export function weekdayOf(date: string): Weekday {
  return WEEKDAYS[(new Date(date).getUTCDay() + 6) % 7] ?? 'mon';
}

/** The days from one to another, both included, also over the end of the week. */
export function daysFromTo(first: Weekday, last: Weekday): readonly Weekday[] {
  const from = WEEKDAYS.indexOf(first);
  const length = (WEEKDAYS.indexOf(last) - from + WEEKDAYS.length) % WEEKDAYS.length;
  return [...WEEKDAYS, ...WEEKDAYS].slice(from, from + length + 1);
}

export function addDays(date: string, days: number): string {
  return new Date(Date.parse(date) + days * 86_400_000).toISOString().slice(0, 10);
}
