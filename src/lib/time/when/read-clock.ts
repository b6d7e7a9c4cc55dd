import { clockTime } from '../calendar-words.js';
import { SMALL_NUMBER, smallNumber } from './number-words.js';
import type { TextReader } from './text-reader.js';

/** A time of day. `isOpen`: it could also mean twelve hours later, as in "at 5". */
export interface ClockTime {
  /** HH:MM. */
  readonly time: string;
  readonly isOpen: boolean;
}

const AT = String.raw`(?:(?:sekitar|kira-kira|kurang lebih)\s+)?(?:jam|jm|pukul|pkl)|at(?:\s+(?:about|around))?|@`;
const PARTS = String.raw`am|pm|a\.m\.?|p\.m\.?|(?:in the )?(?:morning|afternoon|evening|night)|pagi|subuh|siang|sore|petang|malam|malem|dini hari`;
const HOUR = String.raw`(\d{1,2})(?:[.:](\d{2}))?`;
/** An hour, also as a word, or about that hour: "nine", "9ish", "jam 9an". */
const SOME_HOUR = `(${SMALL_NUMBER})(?:[.:](\\d{2})|-?(?:ish|an))?`;
/** Minutes before or after an hour; a quarter and a half have names. */
const MINUTES = String.raw`(half|(?:a )?quarter|\d{1,2})(?: minutes?)?`;
const QUARTER = 15;
/** The hour a part of the day stands for when none is given. */
const HOUR_OF_PART: readonly (readonly [words: string, time: string])[] = [
  ['dini hari|subuh', '05:00'],
  ['(?:in the |this )?morning|pagi(?:-pagi|2)?', '09:00'],
  ['(?:at )?noon|tengah hari|midday', '12:00'],
  ['siang', '13:00'],
  ['(?:in the |this )?afternoon', '14:00'],
  ['sore|petang', '16:00'],
  ['(?:in the |this )?evening|malam|malem', '19:00'],
  ['(?:at )?night', '20:00'],
];
/**
 * Earlier hours are taken to be in the afternoon unless stated otherwise: a shop sends nothing at four in the
 * morning.
 */
const FIRST_LIKELY_HOUR = 7;

/** "jam 9", "at 9:30 pm", "pukul 19.30", "5 sore", "noon"; consumes nothing if there is no time. */
export function readClock(reader: TextReader): ClockTime | undefined {
  const beside = readBesideHour(reader);
  if (beside !== undefined) return beside;
  const before = reader.position();
  const match =
    reader.take(`(?:${AT})\\s*${SOME_HOUR}(?:\\s*(${PARTS}|o'clock))?`) ??
    reader.take(`${HOUR}\\s*(${PARTS}|o'clock)`) ??
    reader.take(String.raw`(\d{1,2})[.:](\d{2})`);
  if (match === undefined) return readPart(reader);
  const clock = clockOf(match[1] ?? '', match[2], match[3]);
  if (clock === undefined) reader.back(before);
  return clock;
}

/** Some minutes before or after an hour: "setengah 9", "jam 9 kurang 15", "half past nine", "quarter to five". */
function readBesideHour(reader: TextReader, givenPart?: string): ClockTime | undefined {
  const half = reader.take(`(?:(?:${AT})\\s*)?setengah\\s+(${SMALL_NUMBER})(?:\\s*(${PARTS}))?`);
  if (half !== undefined) return clockBeside(half[1], -30, half[2] ?? givenPart);
  const after = reader.take(
    `(?:${AT})\\s*(${SMALL_NUMBER})\\s+(lewat|lebih|kurang)\\s+(\\d{1,2}|seperempat)(?:\\s*menit)?(?:\\s*(${PARTS}))?`,
  );
  if (after !== undefined) {
    const minutes = after[3] === 'seperempat' ? QUARTER : Number(after[3]);
    return clockBeside(after[1], after[2] === 'kurang' ? -minutes : minutes, after[4] ?? givenPart);
  }
  const english = reader.take(`(?:at\\s+)?${MINUTES}\\s+(past|to)\\s+(${SMALL_NUMBER})(?:\\s*(${PARTS}))?`);
  if (english === undefined) return undefined;
  const [, written = '', side, hour, part] = english;
  const minutes = /half/i.test(written) ? 30 : /quarter/i.test(written) ? QUARTER : Number(written);
  return clockBeside(hour, side === 'to' ? -minutes : minutes, part ?? givenPart);
}

function clockBeside(
  hour: string | undefined,
  minutes: number,
  part: string | undefined,
): ClockTime | undefined {
  const before = smallNumber(hour ?? '') - (minutes < 0 ? 1 : 0);
  return clockOf(String(before), String((minutes + 60) % 60), part);
}

/** The part of the day that follows later: "pagi" in "jam 9 besok pagi". */
export function readLaterPart(reader: TextReader, { time, isOpen }: ClockTime): ClockTime | undefined {
  const part = isOpen ? reader.take(PARTS)?.[0] : undefined;
  return part === undefined ? undefined : clockOf(String(Number(time.slice(0, 2))), time.slice(3), part);
}

function readPart(reader: TextReader): ClockTime | undefined {
  for (const [words, time] of HOUR_OF_PART) {
    const part = reader.take(words);
    if (part === undefined) continue;
    const before = reader.position();
    // "Besok malam jam 8", "tomorrow morning at half past 8".
    const beside = readBesideHour(reader, part[0]);
    if (beside !== undefined) return beside;
    const exact = reader.take(`(?:${AT})\\s*${SOME_HOUR}(?:\\s*(?:${PARTS}|o'clock))?`);
    const clock = exact && clockOf(exact[1] ?? '', exact[2], part[0]);
    if (clock !== undefined) return clock;
    reader.back(before);
    return { time, isOpen: false };
  }
  return reader.take('(?:at )?midnight|tengah malam') === undefined
    ? undefined
    : { time: '00:00', isOpen: false };
}

function clockOf(hour: string, minute: string | undefined, part: string | undefined): ClockTime | undefined {
  const partName = part === undefined || /clock$/i.test(part) ? undefined : part.replace(/^in the /i, '');
  const number = smallNumber(hour);
  const time = clockTime(number, Number(minute ?? 0), partName);
  if (time === undefined || hour === '') return undefined;
  const isOpen = partName === undefined && !hour.startsWith('0') && number >= 1 && number < 12;
  return { time, isOpen };
}

export function twelveHoursLater(time: string): string {
  return `${String(Number(time.slice(0, 2)) + 12)}${time.slice(2)}`;
}

/** The likely time on a day without further information: "besok jam 3" is in the afternoon. */
export function likelyTime({ time, isOpen }: ClockTime): string {
  return isOpen && Number(time.slice(0, 2)) < FIRST_LIKELY_HOUR ? twelveHoursLater(time) : time;
}
