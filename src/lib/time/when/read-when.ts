import { dayIn } from '../calendar.js';
import { addDays, WEEKDAY_WORDS } from '../calendar-words.js';
import { momentAt } from '../moment-at.js';
import { SMALL_NUMBER } from './number-words.js';
import { likelyTime, readClock, readLaterPart, twelveHoursLater, type ClockTime } from './read-clock.js';
import { addMonths, readDay, type NamedDay } from './read-day.js';
import { readDuration, type Duration } from './read-duration.js';
import { cronOf, readRepeat } from './read-repeat.js';
import { anyOf, textReader, type TextReader } from './text-reader.js';

/** A time as people write it. `length`: how much of the text it takes up. */
export type When = { readonly length: number; readonly timezone: string } & (
  | { readonly type: 'at'; readonly at: Date }
  | { readonly type: 'cron'; readonly cron: string }
  /** Understood, but in the past. */
  | { readonly type: 'past'; readonly at: Date }
);

/** The hour for a day given without one: a usual opening time. */
const DEFAULT_TIME = '09:00';
const DAY_MS = 86_400_000;
const ZONES: Readonly<Record<string, string>> = {
  wib: 'Asia/Jakarta',
  wita: 'Asia/Makassar',
  wit: 'Asia/Jayapura',
  utc: 'UTC',
  gmt: 'UTC',
};
const ISO_MOMENT = String.raw`20\d{2}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:\d{2})`;
const ANY_WEEKDAY = Object.values(WEEKDAY_WORDS).map(anyOf).join('|');
/** How a time goes on that was not understood to its end. */
const MORE_OF_A_TIME = [
  String.raw`(?:(?:sekitar|kira-kira|around|about|at|@|jam|jm|pukul|pkl)\s*){1,2}(?:\d|(?:${SMALL_NUMBER}|setengah|half|quarter)\b)`,
  String.raw`[-:.]\d|\d{1,2}\s*[-–]\s*\d{1,2}(?!\d)`,
  '(?:of )?(?:next|this) (?:month|week)|(?:bulan|minggu|pekan) (?:depan|ini)',
  String.raw`(?:[-–]|(?:from|on|hari|to|through|sampai|hingga|s\/d)\s+)(?:besok|${ANY_WEEKDAY})\b`,
  String.raw`(?:dan|and|&)\s+(?:(?:tgl|tanggal|the)\s*)?\d`,
].join('|');
const CRON_LINE = String.raw`(?=[\d\s/,-]{0,60}\*)(?:[\d*/,-]+\s+){4}[\d*/,-]+`;

/**
 * Parses a time at the beginning of a text, in either language: "in 2 hours", "besok jam 9", "Friday 10:30",
 * "every Monday 09:00". We use our own parser over closed word classes because libraries for this know
 * English only. `undefined`: the text does not begin with a time.
 */
export function readWhen(
  text: string,
  { now, timezone }: { readonly now: Date; readonly timezone: string },
): When | undefined {
  const reader = textReader(text);
  const when = read(reader, now, timezone);
  // The time continues with something unreadable, as in "tomorrow at 25": neither guess nor treat it as part
  // of the message.
  return when === undefined || reader.take(MORE_OF_A_TIME, 'within') !== undefined ? undefined : when;
}

function read(reader: TextReader, now: Date, timezone: string): When | undefined {
  const iso = reader.take(ISO_MOMENT);
  if (iso !== undefined) return momentOf(new Date(iso[0]), now, timezone, reader);
  const cron = reader.take(CRON_LINE, 'within');
  if (cron !== undefined) return { type: 'cron', cron: cron[0].trim(), timezone, length: reader.position() };
  const today = dayIn(timezone, now);
  const repeat = readRepeat(reader, today, DEFAULT_TIME);
  if (repeat !== undefined) {
    const zone = readZone(reader) ?? timezone;
    return { type: 'cron', cron: cronOf(repeat), timezone: zone, length: reader.position() };
  }
  return readLater(reader, now, timezone, today) ?? readDayAndClock(reader, now, timezone, today);
}

/** Parses the whole text as a length of time in ms; greater than zero. */
export function wholeDurationMs(text: string): number | undefined {
  const reader = textReader(text);
  reader.take('in|dalam');
  const duration = readDuration(reader);
  reader.take('lagi|from now|later|kemudian');
  const isWhole = text.slice(reader.position()).trim() === '';
  return duration === undefined || duration.months > 0 || !isWhole ? undefined : duration.ms;
}

function readLater(reader: TextReader, now: Date, timezone: string, today: string): When | undefined {
  reader.take('in|dalam');
  const duration = readDuration(reader);
  if (duration === undefined) {
    reader.back(0);
    return undefined;
  }
  reader.take('lagi|from now|later|kemudian');
  const at = after(duration, now, timezone, today);
  const isDays = duration.months > 0 || duration.ms % DAY_MS === 0;
  const clock = isDays ? readClock(reader) : undefined;
  const zone = readZone(reader) ?? timezone;
  const moment = clock === undefined ? at : momentAt(dayIn(timezone, at), likelyTime(clock), zone);
  return { type: 'at', at: moment, timezone: zone, length: reader.position() };
}

function after({ ms, months }: Duration, now: Date, timezone: string, today: string): Date {
  if (months === 0) return new Date(now.getTime() + ms);
  const time = new Intl.DateTimeFormat('sv', { timeZone: timezone, timeStyle: 'short' }).format(now);
  return new Date(momentAt(addMonths(today, months), time, timezone).getTime() + ms);
}

function readDayAndClock(reader: TextReader, now: Date, timezone: string, today: string): When | undefined {
  let day: NamedDay | undefined;
  let clock: ClockTime | undefined;
  for (let round = 0; round < 2; round += 1) {
    day ??= readDay(reader, today);
    if (day === undefined && clock === undefined) reader.take('nanti|ntar');
    clock ??= readClock(reader);
  }
  if (day === undefined && clock === undefined) return undefined;
  if (day !== undefined && clock !== undefined) clock = readLaterPart(reader, clock) ?? clock;
  const zone = readZone(reader) ?? timezone;
  const again = day === undefined ? 1 : day.as === 'weekday' ? 7 : undefined;
  const at = momentOfDay(day ?? { date: today, as: 'today' }, clock, now, zone, again);
  return momentOf(at, now, zone, reader);
}

/** `again`: how many days later it is meant if the hour has already passed. */
function momentOfDay(
  { date, as, part }: NamedDay,
  clock: ClockTime | undefined,
  now: Date,
  zone: string,
  again: number | undefined,
): Date {
  const namedTime = clock ?? (part === undefined ? undefined : readClock(textReader(part)));
  if (namedTime === undefined) {
    const morning = momentAt(date, DEFAULT_TIME, zone);
    return again !== undefined && morning <= now
      ? momentAt(addDays(date, again), DEFAULT_TIME, zone)
      : morning;
  }
  const isEvening = part === 'evening' && namedTime.isOpen;
  const exactTime = momentAt(date, isEvening ? twelveHoursLater(namedTime.time) : namedTime.time, zone);
  const likely = momentAt(date, likelyTime(namedTime), zone);
  if (as === 'date' || isEvening) return isEvening ? exactTime : likely;
  if (likely > now) return likely;
  // "At 5", written at two in the afternoon.
  const later =
    namedTime.isOpen && as === 'today' ? momentAt(date, twelveHoursLater(namedTime.time), zone) : likely;
  if (later > now || again === undefined) return later;
  return momentAt(addDays(date, again), likelyTime(namedTime), zone);
}

function momentOf(at: Date, now: Date, timezone: string, reader: TextReader): When {
  return { type: at > now ? 'at' : 'past', at, timezone, length: reader.position() };
}

function readZone(reader: TextReader): string | undefined {
  const name = reader.take(Object.keys(ZONES).join('|'))?.[0].toLowerCase();
  return name === undefined ? undefined : ZONES[name.trim()];
}
