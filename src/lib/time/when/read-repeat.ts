import { WEEKDAYS, type Weekday } from '../../../contracts/settings.js';
import { daysFromTo, WEEKDAY_WORDS, weekdayOf, WEEKEND, WORKDAYS } from '../calendar-words.js';
import { likelyTime, readClock } from './read-clock.js';
import { anyOf, type TextReader } from './text-reader.js';

/** A day that every month has, or the month's last day. */
export type DayOfMonth = number | 'last';

/** Repeats at a time of day, on certain weekdays or on a day of each month. */
export interface Repeat {
  /** Local, HH:MM. */
  readonly time: string;
  readonly weekdays: readonly Weekday[];
  readonly dayOfMonth?: DayOfMonth;
}

const EVERY = 'every|each|setiap|tiap|saban';
/** Between the first and the last of several days. */
const TO = String.raw`[-–]|(?:to|through|until|sampai|hingga|s\/d|sd)(?=\s)`;
const WORKING: readonly Weekday[] = ['mon', 'tue', 'wed', 'thu', 'fri'];
/** Cron counts from Sunday. */
const CRON_DAYS: readonly Weekday[] = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

/**
 * "every Monday 09:00", "tiap hari jam 8", "monthly on the 1st"; consumes nothing if there is no repetition.
 */
export function readRepeat(reader: TextReader, today: string, defaultTime: string): Repeat | undefined {
  const before = reader.position();
  const days = repeatedDays(reader, today);
  if (days === undefined) {
    reader.back(before);
    return undefined;
  }
  const clock = readClock(reader);
  return { ...days, time: clock === undefined ? defaultTime : likelyTime(clock) };
}

function repeatedDays(reader: TextReader, today: string): Omit<Repeat, 'time'> | undefined {
  if (reader.take('daily|harian') !== undefined) return { weekdays: WEEKDAYS };
  if (reader.take('weekly|mingguan') !== undefined) return weeklyDays(reader, today);
  if (reader.take('monthly|bulanan') !== undefined) return monthly(reader, today);
  if (reader.take(EVERY) === undefined) {
    const plural = WEEKDAYS.filter((day) => reader.take(`(?:on )?${FULL_NAMES[day]}s`) !== undefined);
    return plural.length === 0 ? undefined : { weekdays: plural };
  }
  const hasNumber = reader.take(String.raw`(?:\d+|two|dua|other)\s+\p{L}+`);
  // Cron cannot express "every two weeks".
  if (hasNumber !== undefined && !/^\d+\s*(?:am|pm)/i.test(hasNumber[0])) return undefined;
  if (lastDay(reader)) return { weekdays: [], dayOfMonth: 'last' };
  if (reader.take(WORKDAYS) !== undefined) return { weekdays: WORKING };
  if (reader.take(WEEKEND) !== undefined) return { weekdays: ['sat', 'sun'] };
  const days = weekdays(reader);
  if (days.length > 0) return { weekdays: days };
  if (reader.take('days?|hari') !== undefined) return { weekdays: WEEKDAYS };
  if (reader.take('weeks?|minggu|pekan') !== undefined) return weeklyDays(reader, today);
  if (reader.take('months?|bulan|bln') !== undefined) return monthly(reader, today);
  const day = dayOfMonth(reader);
  if (day !== undefined) return { weekdays: [], dayOfMonth: day };
  const here = reader.position();
  const isDaily = readClock(reader) !== undefined;
  reader.back(here);
  return isDaily ? { weekdays: WEEKDAYS } : undefined;
}

const FULL_NAMES: Readonly<Record<Weekday, string>> = {
  mon: 'monday',
  tue: 'tuesday',
  wed: 'wednesday',
  thu: 'thursday',
  fri: 'friday',
  sat: 'saturday',
  sun: 'sunday',
};

/** "Monday and Thursday", "hari senin, rabu dan jumat", "senin-jumat"; "minggu" alone means a week. */
function weekdays(reader: TextReader): readonly Weekday[] {
  const days: Weekday[] = [];
  for (;;) {
    const before = reader.position();
    const last = days.at(-1);
    const isRange = last !== undefined && reader.take(TO, 'within') !== undefined;
    reader.take('and|dan|&');
    const isDay = reader.take('hari|on') !== undefined || days.length > 0;
    const day = WEEKDAYS.find((each) => {
      const words = WEEKDAY_WORDS[each].split(' ').filter((word) => isDay || word !== 'minggu');
      return reader.take(anyOf(words.join(' '))) !== undefined;
    });
    if (day === undefined) {
      reader.back(before);
      return WEEKDAYS.filter((each) => days.includes(each));
    }
    days.push(...(isRange ? daysFromTo(last, day).slice(1) : [day]));
  }
}

function weeklyDays(reader: TextReader, today: string): Omit<Repeat, 'time'> {
  const days = weekdays(reader);
  return { weekdays: days.length > 0 ? days : [weekdayOf(today)] };
}

function monthly(reader: TextReader, today: string): Omit<Repeat, 'time'> {
  if (lastDay(reader)) return { weekdays: [], dayOfMonth: 'last' };
  return { weekdays: [], dayOfMonth: dayOfMonth(reader) ?? dayOrLast(Number(today.slice(8))) };
}

function lastDay(reader: TextReader): boolean {
  const english =
    '(?:on |at )?(?:the )?(?:last day(?: of (?:the|each|every) month)?|end(?: of (?:the )?month)?|month end)';
  const indonesian = '(?:pada )?(?:akhir bulan|(?:hari|tanggal|tgl) terakhir(?: (?:tiap |setiap )?bulan)?)';
  return reader.take(`${english}|${indonesian}`) !== undefined;
}

/** "Every 31st" is not meant to skip the five shorter months. */
function dayOrLast(day: number): DayOfMonth {
  return day === 31 ? 'last' : day;
}

function dayOfMonth(reader: TextReader): DayOfMonth | undefined {
  const before = reader.position();
  const match =
    reader.take(String.raw`(?:tgl|tanggal|tg)\s*(\d{1,2})`) ??
    reader.take(String.raw`(?:on )?(?:the )?(\d{1,2})(?:st|nd|rd|th)(?: of (?:the|each|every) month)?`);
  const day = Number(match?.[1]);
  if (match !== undefined && day >= 1 && day <= 31) return dayOrLast(day);
  reader.back(before);
  return undefined;
}

/** Five fields, interpreted in the business's time zone. */
export function cronOf({ time, weekdays: days, dayOfMonth: day }: Repeat): string {
  const [hour, minute] = time.split(':').map(Number);
  const week =
    days.length === 0 || days.length === 7
      ? '*'
      : CRON_DAYS.flatMap((each, index) => (days.includes(each) ? [index] : [])).join(',');
  return `${minute ?? 0} ${hour ?? 0} ${day === 'last' ? 'L' : (day ?? '*')} * ${week}`;
}

/** The meaning of a cron expression, if it is one that `cronOf` produces. */
export function repeatOf(cron: string): Repeat | undefined {
  const match = /^(\d{1,2}) (\d{1,2}) (\*|L|\d{1,2}) \* (\*|[0-7](?:,[0-7])*|[0-7]-[0-7])$/.exec(cron.trim());
  if (match === null) return undefined;
  const [, minute = '', hour = '', day = '*', week = '*'] = match;
  const [from, to] = week.split('-').map(Number);
  const numbers =
    week === '*'
      ? [0, 1, 2, 3, 4, 5, 6]
      : to === undefined
        ? week.split(',').map((each) => Number(each) % 7)
        : [0, 1, 2, 3, 4, 5, 6].filter((each) => each >= (from ?? 0) && each <= to);
  const days = CRON_DAYS.filter((_day, index) => numbers.includes(index));
  const time = `${hour.padStart(2, '0')}:${minute.padStart(2, '0')}`;
  return day === '*'
    ? { time, weekdays: WEEKDAYS.filter((each) => days.includes(each)) }
    : { time, weekdays: [], dayOfMonth: day === 'L' ? 'last' : Number(day) };
}
