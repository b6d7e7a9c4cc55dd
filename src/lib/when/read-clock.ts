import { clockTime } from '../calendar-words.js';
import type { TextReader } from './text-reader.js';

/** A time of day. `isOpen`: it could also mean twelve hours later, as in "at 5". */
export interface ClockTime {
  /** HH:MM. */
  readonly time: string;
  readonly isOpen: boolean;
}

const AT = 'jam|jm|pukul|pkl|at|@';
const PARTS = String.raw`am|pm|a\.m\.?|p\.m\.?|(?:in the )?(?:morning|afternoon|evening|night)|pagi|subuh|siang|sore|petang|malam|malem|dini hari`;
const HOUR = String.raw`(\d{1,2})(?:[.:](\d{2}))?`;
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
  const half = reader.take(`(?:(?:${AT})\\s*)?setengah\\s+(\\d{1,2})(?:\\s*(${PARTS}))?`);
  if (half !== undefined) return clockOf(String(Number(half[1]) - 1), '30', half[2]);
  const before = reader.position();
  const match =
    reader.take(`(?:(?:${AT})\\s*)${HOUR}(?:\\s*(${PARTS}|o'clock))?`) ??
    reader.take(`${HOUR}\\s*(${PARTS})`) ??
    reader.take(String.raw`(\d{1,2})[.:](\d{2})`);
  if (match === undefined) return readPart(reader);
  const clock = clockOf(match[1] ?? '', match[2], match[3]);
  if (clock === undefined) reader.back(before);
  return clock;
}

function readPart(reader: TextReader): ClockTime | undefined {
  for (const [words, time] of HOUR_OF_PART) {
    const part = reader.take(words);
    if (part === undefined) continue;
    const before = reader.position();
    // "Besok malam jam 8", "tomorrow morning at 8".
    const exact = reader.take(`(?:${AT})\\s*${HOUR}(?:\\s*(?:${PARTS}|o'clock))?`);
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
  const time = clockTime(Number(hour), Number(minute ?? 0), partName);
  if (time === undefined || hour === '') return undefined;
  const isOpen = partName === undefined && !hour.startsWith('0') && Number(hour) >= 1 && Number(hour) < 12;
  return { time, isOpen };
}

export function twelveHoursLater(time: string): string {
  return `${String(Number(time.slice(0, 2)) + 12)}${time.slice(2)}`;
}

/** The likely time on a day without further information: "besok jam 3" is in the afternoon. */
export function likelyTime({ time, isOpen }: ClockTime): string {
  return isOpen && Number(time.slice(0, 2)) < FIRST_LIKELY_HOUR ? twelveHoursLater(time) : time;
}
