/** Which number comes first if the year does not: 03/04/2024. */
export type DateOrder = 'day-first' | 'month-first';

const TIME = String.raw`(?:[ T,]+(\d{1,2})[:.](\d{2})(?:[:.](\d{2})(?:[.,]\d+)?)?\s*(am|pm)?\s*(?:Z|[+-]\d{2}:?\d{2}|WIB|WITA|WIT|UTC)?)?`;
const YEAR_FIRST = new RegExp(String.raw`^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})${TIME}$`, 'i');
const YEAR_LAST = new RegExp(String.raw`^(\d{1,2})[-/.](\d{1,2})[-/.](\d{4}|\d{2})${TIME}$`, 'i');
const DAY_NAME_MONTH = new RegExp(
  String.raw`^(\d{1,2})(?:st|nd|rd|th)?[ -]([a-z]{3,9})\.?[ -,]+(\d{4})${TIME}$`,
  'i',
);
const NAME_DAY_YEAR = new RegExp(
  String.raw`^([a-z]{3,9})\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})${TIME}$`,
  'i',
);
/** A month without a day, as in reports, means its first day. */
const MONTH_YEAR = /^([a-z]{3,9})\.?[ -](\d{4})$/i;

/** Months by their first three letters, in English and Indonesian. */
const MONTHS: Readonly<Record<string, number>> = {
  jan: 1,
  feb: 2,
  mar: 3,
  apr: 4,
  may: 5,
  mei: 5,
  jun: 6,
  jul: 7,
  aug: 8,
  agu: 8,
  ags: 8,
  sep: 9,
  oct: 10,
  okt: 10,
  nov: 11,
  dec: 12,
  des: 12,
};

/** Day names in the long dates of spreadsheets: `Senin, 1 Agustus 2025`. */
const DAY_NAME =
  /^(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?,? |^(?:senin|selasa|rabu|kamis|jum'?at|sabtu|minggu|ahad),? /i;

/** The possible values of one cell as a date: days since 1970-01-01 with the time as a fraction, or NaN. */
export interface DateReading {
  readonly dayFirst: number;
  readonly monthFirst: number;
  readonly hasTime: boolean;
}

const NONE: DateReading = { dayFirst: Number.NaN, monthFirst: Number.NaN, hasTime: false };

export function readDate(cell: string): DateReading {
  if (cell.length < 6 || cell.length > 40) return NONE;
  const first = cell.charCodeAt(0);
  if (first >= 0x30 && first <= 0x39) return numericDate(cell) ?? namedDate(cell) ?? NONE;
  const plain = cell.replace(DAY_NAME, '');
  return (plain === cell ? undefined : numericDate(plain)) ?? namedDate(plain) ?? NONE;
}

function numericDate(cell: string): DateReading | undefined {
  const yearFirst = YEAR_FIRST.exec(cell);
  if (yearFirst) {
    const [, year, month, day] = yearFirst;
    return unambiguous(daysOf(Number(year), Number(month), Number(day)), timeOf(yearFirst));
  }
  const yearLast = YEAR_LAST.exec(cell);
  if (!yearLast) return undefined;
  const [, one, two, yearText = ''] = yearLast;
  const year = fullYear(yearText);
  return readingOf(
    daysOf(year, Number(two), Number(one)),
    daysOf(year, Number(one), Number(two)),
    timeOf(yearLast),
  );
}

function namedDate(cell: string): DateReading | undefined {
  const dayFirst = DAY_NAME_MONTH.exec(cell);
  const nameFirst = dayFirst ? null : NAME_DAY_YEAR.exec(cell);
  const match = dayFirst ?? nameFirst;
  if (!match) return monthDate(cell);
  const [, one = '', two = '', year] = match;
  const [day, name] = dayFirst ? [one, two] : [two, one];
  const month = monthOf(name);
  return month === undefined
    ? undefined
    : unambiguous(daysOf(Number(year), month, Number(day)), timeOf(match));
}

function monthDate(cell: string): DateReading | undefined {
  const [, name = '', year] = MONTH_YEAR.exec(cell) ?? [];
  const month = monthOf(name);
  return month === undefined ? undefined : unambiguous(daysOf(Number(year), month, 1), undefined);
}

function monthOf(name: string): number | undefined {
  return MONTHS[name.slice(0, 3).toLowerCase()];
}

function unambiguous(days: number, time: number | undefined): DateReading {
  return readingOf(days, days, time);
}

function readingOf(dayFirst: number, monthFirst: number, time: number | undefined): DateReading {
  if (time === undefined) return { dayFirst, monthFirst, hasTime: false };
  if (Number.isNaN(time)) return NONE;
  return { dayFirst: dayFirst + time, monthFirst: monthFirst + time, hasTime: true };
}

/** The time as a fraction of a day; `undefined` if none is given, NaN if there is no such time. */
function timeOf(match: RegExpExecArray): number | undefined {
  const [, , , , hour, minute, second, half] = match;
  if (hour === undefined) return undefined;
  const minutes = Number(minute);
  const seconds = Number(second ?? 0);
  const share = (hoursOf(Number(hour), half) * 3600 + minutes * 60 + seconds) / 86_400;
  // 24:00 is the end of a day.
  return minutes < 60 && seconds < 60 && share <= 1 ? share : Number.NaN;
}

/** Some programs write 13:45 PM, which can be understood; 13:45 AM cannot. */
function hoursOf(hour: number, half: string | undefined): number {
  if (half === undefined) return hour;
  if (half.toLowerCase() === 'pm') return hour < 12 ? hour + 12 : hour;
  return hour > 12 ? Number.NaN : hour % 12;
}

/** Two-digit years as spreadsheets read them: up to 68 means this century. */
function fullYear(text: string): number {
  const year = Number(text);
  if (text.length > 2) return year;
  return year <= 68 ? 2000 + year : 1900 + year;
}

function daysOf(year: number, month: number, day: number): number {
  const at = new Date(Date.UTC(year, month - 1, day));
  const isReal = at.getUTCMonth() === month - 1 && at.getUTCDate() === day && year >= 1000;
  return isReal ? at.getTime() / 86_400_000 : Number.NaN;
}

export function dateBy(order: DateOrder, reading: DateReading): number {
  return order === 'day-first' ? reading.dayFirst : reading.monthFirst;
}

/** Converts days since 1970-01-01 to an ISO 8601 date, with the time if there is one. */
export function dateText(days: number): string {
  const text = new Date(Math.round(days * 86_400) * 1000).toISOString();
  return Number.isInteger(days) ? text.slice(0, 10) : text;
}
