import type { SpecialDay } from '../../lib/special-days.js';
import { WEEKDAYS, type Weekday } from '../../contracts/settings.js';
import {
  addDays,
  CLOCK,
  clockTime,
  DAYS_BY_DATE,
  HOLIDAY_NAMES,
  MONTH_WORDS,
  PUBLIC_HOLIDAY,
  RELATIVE_DAYS,
  TIME_OF_DAY,
  WEEK_AS_LENGTH,
  WEEKDAY_WORDS,
  weekdayOf,
  WEEKEND,
  WORKDAYS,
} from '../../lib/calendar-words.js';
import { nextDate } from '../../lib/when/read-day.js';

/** A day mentioned in a message. */
export interface AskedDay {
  /** Local, YYYY-MM-DD. */
  readonly date: string;
  /** Whether it was given as a weekday, a date, a holiday or relative to today. */
  readonly as: 'weekday' | 'date' | 'holiday' | 'relative';
}

/** The time references in a message, and the remaining text. */
export interface RequestedTime {
  readonly days: readonly AskedDay[];
  /** Local, HH:MM. */
  readonly time: string | undefined;
  /** The alternative reading of an hour without a time of day: 17:00 may also be 05:00. */
  readonly otherTime?: string | undefined;
  /** The message asks about working days in general. */
  readonly onWorkdays: boolean;
  /** The message names a holiday for which the business never set a date. */
  readonly unknownHoliday: boolean;
  /** The message without its time references. */
  readonly rest: string;
}

const WORD_START = String.raw`(?<![\p{L}\d])`;
const WORD_END = String.raw`(?![\p{L}\d])`;
const word = (alternatives: string): RegExp =>
  new RegExp(`${WORD_START}(?:${alternatives})${WORD_END}`, 'giu');
const MONTHS = MONTH_WORDS.map((words) => words.split(' ').join('|'));
const ANY_MONTH = MONTHS.join('|');
/** "25 des", "tgl 25", "dec 25th", "25/12", "the 25th". */
const DATE = new RegExp(
  String.raw`${WORD_START}(?:(?:tgl|tanggal|tg|the|on the)\s*)?(\d{1,2})(?:st|nd|rd|th)?\s*(?:of\s+)?(${ANY_MONTH})${WORD_END}|${WORD_START}(${ANY_MONTH})\s+(\d{1,2})(?:st|nd|rd|th)?${WORD_END}|${WORD_START}(?:tgl|tanggal|tg)\s*(\d{1,2})(?![\d:.])|${WORD_START}(\d{1,2})(?:st|nd|rd|th)${WORD_END}|(?<![\d./])(\d{1,2})[/-](\d{1,2})(?![\d./])`,
  'iu',
);

/**
 * Extracts days, dates, holidays and an hour from a message. `today` is the business's local date; `special`
 * are its upcoming special days, soonest first.
 */
export function requestedTime(message: string, today: string, special: readonly SpecialDay[]): RequestedTime {
  let rest = message.normalize('NFKC').replace(/[’‘]/g, "'");
  const days: AskedDay[] = [];
  const take = (pattern: RegExp): boolean => {
    const without = rest.replace(pattern, ' ');
    const isThere = without !== rest;
    rest = without;
    return isThere;
  };
  for (const [names, date] of DAYS_BY_DATE) {
    if (take(word(names))) days.push(...dateOf(date, today));
  }
  let unknownHoliday = false;
  for (;;) {
    const holiday = takeHoliday(rest, special);
    if (holiday === undefined) break;
    rest = holiday.rest;
    days.push(...holiday.days);
    unknownHoliday ||= holiday.days.length === 0;
  }
  const date = takeDate(rest, today);
  rest = date.rest;
  days.push(...date.days);
  const clock = takeClock(rest);
  rest = clock.rest;
  take(word(WEEK_AS_LENGTH));
  take(word(PUBLIC_HOLIDAY));
  for (const [pattern, away] of RELATIVE_DAYS) {
    if (take(word(pattern))) days.push({ date: addDays(today, away), as: 'relative' });
  }
  if (take(word(WEEKEND))) days.push(...(['sat', 'sun'] as const).map((day) => nextWeekday(day, today)));
  const onWorkdays = take(word(WORKDAYS));
  for (const day of WEEKDAYS) {
    if (take(word(WEEKDAY_WORDS[day].split(' ').join('|')))) days.push(nextWeekday(day, today));
  }
  // "Jumat besok", "next monday": the weekday decides.
  const weekdays = days.filter(({ as }) => as === 'weekday');
  const askedDays = (weekdays.length > 0 ? days.filter(({ as }) => as !== 'relative') : days).toSorted(
    (a, b) => a.date.localeCompare(b.date),
  );
  take(TIME_OF_DAY);
  take(word(String.raw`hari|tanggal|tgl|depan|ini|next|this|day|on|public holiday`));
  return { ...clock, days: askedDays, onWorkdays, unknownHoliday, rest: rest.trim() };
}

function dateOf(monthAndDay: string, today: string): readonly AskedDay[] {
  const [month, day] = monthAndDay.split('-').map(Number);
  const date = nextDate(day ?? 0, month, today);
  return date === undefined ? [] : [{ date, as: 'date' }];
}

function nextWeekday(day: Weekday, today: string): AskedDay {
  for (let away = 0; away < WEEKDAYS.length; away += 1) {
    const date = addDays(today, away);
    if (weekdayOf(date) === day) return { date, as: 'weekday' };
  }
  return { date: today, as: 'weekday' };
}

/** Hours up to this one, without a time of day, are taken to be in the afternoon. */
const LAST_OF_AFTERNOON = 6;

function takeClock(text: string): Pick<RequestedTime, 'time' | 'otherTime' | 'rest'> {
  const match = CLOCK.exec(text);
  if (match === null) return { time: undefined, rest: text };
  const [all, a, aMinute, aPart, b, bMinute, bPart, c, cMinute] = match;
  const hour = Number(a ?? b ?? c);
  const rest = text.replace(all, ' ');
  // "Sore jam 5": the time of day stands elsewhere in the message.
  const part = (aPart ?? bPart)?.replace(/^in the /i, '') ?? rest.match(TIME_OF_DAY)?.[0];
  const minute = Number(aMinute ?? bMinute ?? cMinute ?? 0);
  const time = clockTime(hour, minute, part);
  if (part !== undefined || hour > 12 || time === undefined) return { time, rest };
  const later = clockTime(hour, minute, 'pm');
  return hour <= LAST_OF_AFTERNOON
    ? { time: later, otherTime: time, rest }
    : { time, otherTime: later, rest };
}

function takeDate(
  text: string,
  today: string,
): { readonly days: readonly AskedDay[]; readonly rest: string } {
  const match = DATE.exec(text);
  if (match === null) return { days: [], rest: text };
  const [all, day1, month1, month2, day2, day3, day4, day5, month5] = match;
  const name = month1 ?? month2;
  const month =
    name === undefined
      ? month5 === undefined
        ? undefined
        : Number(month5)
      : MONTHS.findIndex((names) => new RegExp(`^(?:${names})$`, 'iu').test(name)) + 1;
  const date = nextDate(Number(day1 ?? day2 ?? day3 ?? day4 ?? day5), month, today);
  if (date === undefined) return { days: [], rest: text };
  return { days: [{ date, as: 'date' }], rest: text.replace(all, ' ') };
}

/**
 * A holiday under the business's own name for it, or its name in the other language. The list is empty if the
 * business never set its date; `undefined`: the message names no holiday.
 */
function takeHoliday(
  text: string,
  special: readonly SpecialDay[],
): { readonly days: readonly AskedDay[]; readonly rest: string } | undefined {
  const holidays = special.map((holiday) => ({ holiday, names: holiday.names.flatMap(namesOf) }));
  const match = holidays
    .flatMap(({ holiday, names }) => names.map((name) => ({ holiday, name, pattern: word(escaped(name)) })))
    .filter(({ pattern }) => pattern.test(text))
    .sort((a, b) => b.name.length - a.name.length || a.holiday.date.localeCompare(b.holiday.date))[0];
  const general = HOLIDAY_NAMES.flatMap((line) => line.split('|'))
    .filter((name) => word(escaped(name)).test(text))
    .sort((a, b) => b.length - a.length)[0];
  if (match !== undefined && (general === undefined || match.name.length >= general.length)) {
    const rest = text.replace(word(escaped(match.name)), ' ');
    return { days: daysOfHoliday(match.holiday, special), rest };
  }
  // "17 agustus" is a date, whether or not it is a holiday there.
  if (general === undefined || /^\d/.test(general)) return undefined;
  return { days: [], rest: text.replace(word(escaped(general)), ' ') };
}

/** The day together with directly following days of the same name. */
function daysOfHoliday(first: SpecialDay, special: readonly SpecialDay[]): readonly AskedDay[] {
  const dates = [first.date];
  for (const { date, name } of special) {
    const isNext = date === addDays(dates.at(-1) ?? first.date, 1);
    if (isNext && name !== undefined && name.en === first.name?.en) dates.push(date);
  }
  return dates.map((date) => ({ date, as: 'holiday' }));
}

function namesOf(name: string): readonly string[] {
  const own = name
    .split(/\s*[/,()]\s*/)
    .map((each) => each.trim().toLowerCase())
    .filter((each) => each.length >= 3);
  const others = HOLIDAY_NAMES.map((line) => line.split('|')).filter((line) =>
    line.some((each) => own.includes(each)),
  );
  return [...new Set([...own, ...others.flat()])].filter((each) => !/^\d/.test(each));
}

function escaped(name: string): string {
  return name.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`).replace(/\s+/g, String.raw`\s+`);
}
