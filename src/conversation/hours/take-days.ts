import type { SpecialDay } from '../../lib/time/special-days.js';
import { WEEKDAYS, type Weekday } from '../../contracts/settings.js';
import {
  addDays,
  DAYS_BESIDE,
  DAYS_BY_DATE,
  DAYS_FROM_NOW,
  EVENING_BEFORE,
  HOLIDAY_NAMES,
  MONTH_WORDS,
  RELATIVE_DAYS,
  WEEKDAY_WORDS,
  weekdayOf,
  WEEKEND,
} from '../../lib/time/calendar-words.js';
import { nextDate } from '../../lib/time/when/read-day.js';

/** A day mentioned in a message. */
export interface AskedDay {
  /** Local, YYYY-MM-DD. */
  readonly date: string;
  /** Whether it was given as a weekday, a date, a holiday or relative to today. */
  readonly as: 'weekday' | 'date' | 'holiday' | 'relative';
}

/** The days found in a text, and the text without them. */
interface DaysAndRest {
  readonly days: readonly AskedDay[];
  readonly rest: string;
}

const WORD_START = String.raw`(?<![\p{L}\d])`;
const WORD_END = String.raw`(?![\p{L}\d])`;

/** Finds these alternatives as whole words. */
export function wholeWord(alternatives: string): RegExp {
  return new RegExp(`${WORD_START}(?:${alternatives})${WORD_END}`, 'giu');
}

const MONTHS = MONTH_WORDS.map((words) => words.split(' ').join('|'));
const ANY_MONTH = MONTHS.join('|');
/** "25 des", "tgl 25", "dec 25th", "25/12", "the 25th". */
const DATE = new RegExp(
  String.raw`${WORD_START}(?:(?:tgl|tanggal|tg|the|on the)\s*)?(\d{1,2})(?:st|nd|rd|th)?\s*(?:of\s+)?(${ANY_MONTH})${WORD_END}|${WORD_START}(${ANY_MONTH})\s+(\d{1,2})(?:st|nd|rd|th)?${WORD_END}|${WORD_START}(?:tgl|tanggal|tg)\s*(\d{1,2})(?![\d:.])|${WORD_START}(\d{1,2})(?:st|nd|rd|th)${WORD_END}|(?<![\d./])(\d{1,2})[/-](\d{1,2})(?![\d./])`,
  'iu',
);

const ORDINAL = String.raw`(\d{1,2})(?:st|nd|rd|th)?`;
const UNTIL = String.raw`\s*(?:[-–]|sampai|sampe|s/d|sd|to|until|till)\s*`;
/** "24-26 des", "dec 24 to 26". */
const DATES = new RegExp(
  String.raw`${WORD_START}(?:(?:tgl|tanggal|tg|the)\s*)?${ORDINAL}${UNTIL}${ORDINAL}\s*(?:of\s+)?(${ANY_MONTH})${WORD_END}|${WORD_START}(${ANY_MONTH})\s+${ORDINAL}${UNTIL}${ORDINAL}${WORD_END}`,
  'iu',
);
/** Longer spans are not listed day by day. */
const LONGEST_SPAN = 7;

/** Takes everything that names a date: dates, holidays, days like Boxing Day, and the days beside them. */
export function takeNamedDates(
  text: string,
  today: string,
  special: readonly SpecialDay[],
): DaysAndRest & { readonly unknownHoliday: boolean } {
  const fixed = DAYS_BY_DATE.reduce<DaysAndRest>(
    (taken, [names, date]) => {
      const rest = taken.rest.replace(wholeWord(names), ' ');
      return rest === taken.rest ? taken : { days: [...taken.days, ...dateOf(date, today)], rest };
    },
    { days: [], rest: text },
  );
  const holidays = takeAll(fixed.rest, (rest) => takeHoliday(rest, special));
  const dates = takeAll(holidays.rest, (rest) => takeDates(rest, today) ?? takeDate(rest, today));
  const named = [...fixed.days, ...holidays.days, ...dates.days];
  const beside = takeBeside(dates.rest, named);
  return { ...beside, unknownHoliday: holidays.isAnyEmpty };
}

/** Takes from a text until nothing more is found. `isAnyEmpty`: something was found that has no date. */
function takeAll(
  text: string,
  take: (rest: string) => DaysAndRest | undefined,
): DaysAndRest & { readonly isAnyEmpty: boolean } {
  const days: AskedDay[] = [];
  let [rest, isAnyEmpty] = [text, false];
  for (let taken = take(rest); taken !== undefined; taken = take(rest)) {
    days.push(...taken.days);
    isAnyEmpty ||= taken.days.length === 0;
    rest = taken.rest;
  }
  return { days, rest, isAnyEmpty };
}

/** "The day after Christmas" is the day after the last of the days. */
function takeBeside(text: string, days: readonly AskedDay[]): DaysAndRest {
  const dates = days.map(({ date }) => date).sort();
  for (const [pattern, away] of DAYS_BESIDE) {
    const nearest = away > 0 ? dates.at(-1) : dates[0];
    const rest = text.replace(wholeWord(pattern), ' ');
    if (nearest !== undefined && rest !== text) {
      return { days: [{ date: addDays(nearest, away), as: 'date' }], rest };
    }
  }
  return { days, rest: text };
}

/** Takes the weekday of "malam minggu", which is Saturday. The evening stays: an hour may belong to it. */
export function takeEvenings(text: string, today: string): DaysAndRest {
  const days: AskedDay[] = [];
  let rest = text;
  for (const [index, day] of WEEKDAYS.entries()) {
    const evening = wholeWord(`${EVENING_BEFORE}(?:${wordsFor(day)})(?!\\s+(?:depan|lalu|ini))`);
    const before = WEEKDAYS.at(index - 1);
    const without = rest.replace(evening, ' malam ');
    if (before !== undefined && without !== rest) days.push(nextWeekday(before, today));
    rest = without;
  }
  return { days, rest };
}

/** Takes "besok", "in 3 days" and "weekend". */
export function takeRelativeDays(text: string, today: string): DaysAndRest {
  const days: AskedDay[] = [];
  let rest = text.replace(wholeWord(DAYS_FROM_NOW), (_match, ...numbers: readonly unknown[]) => {
    const number = numbers.find((each) => typeof each === 'string');
    days.push({ date: addDays(today, Number(number)), as: 'date' });
    return ' ';
  });
  for (const [pattern, away] of RELATIVE_DAYS) {
    const without = rest.replace(wholeWord(pattern), ' ');
    if (without !== rest) days.push({ date: addDays(today, away), as: 'relative' });
    rest = without;
  }
  const withoutWeekend = rest.replace(wholeWord(WEEKEND), ' ');
  if (withoutWeekend !== rest) days.push(nextWeekday('sat', today), nextWeekday('sun', today));
  return { days, rest: withoutWeekend };
}

export function takeWeekdays(text: string, today: string): DaysAndRest {
  const days: AskedDay[] = [];
  let rest = text;
  for (const day of WEEKDAYS) {
    const without = rest.replace(wholeWord(wordsFor(day)), ' ');
    if (without !== rest) days.push(nextWeekday(day, today));
    rest = without;
  }
  return { days, rest };
}

function wordsFor(day: Weekday): string {
  return WEEKDAY_WORDS[day].split(' ').join('|');
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

/** The days of a span such as "24-26 des". */
function takeDates(text: string, today: string): DaysAndRest | undefined {
  const match = DATES.exec(text);
  if (match === null) return undefined;
  const [all, from1, to1, month1, month2, from2, to2] = match;
  const [from, to] = [Number(from1 ?? from2), Number(to1 ?? to2)];
  const first = nextDate(from, monthNamed(month1 ?? month2 ?? ''), today);
  if (first === undefined || to <= from || to - from >= LONGEST_SPAN) return undefined;
  const days = Array.from({ length: to - from + 1 }, (_, away): AskedDay => ({
    date: addDays(first, away),
    as: 'date',
  }));
  return { days, rest: text.replace(all, ' ') };
}

function monthNamed(name: string): number {
  return MONTHS.findIndex((names) => new RegExp(`^(?:${names})$`, 'iu').test(name)) + 1;
}

function takeDate(text: string, today: string): DaysAndRest | undefined {
  const match = DATE.exec(text);
  if (match === null) return undefined;
  const [all, day1, month1, month2, day2, day3, day4, day5, month5] = match;
  const name = month1 ?? month2;
  const month = name === undefined ? (month5 === undefined ? undefined : Number(month5)) : monthNamed(name);
  const date = nextDate(Number(day1 ?? day2 ?? day3 ?? day4 ?? day5), month, today);
  if (date === undefined) return undefined;
  return { days: [{ date, as: 'date' }], rest: text.replace(all, ' ') };
}

/**
 * A holiday under the business's own name for it, or its name in the other language. The list is empty if the
 * business never set its date; `undefined`: the message names no holiday.
 */
function takeHoliday(text: string, special: readonly SpecialDay[]): DaysAndRest | undefined {
  const holidays = special.map((holiday) => ({ holiday, names: holiday.names.flatMap(namesOf) }));
  const match = holidays
    .flatMap(({ holiday, names }) =>
      names.map((name) => ({ holiday, name, pattern: wholeWord(escaped(name)) })),
    )
    .filter(({ pattern }) => pattern.test(text))
    .sort((a, b) => b.name.length - a.name.length || a.holiday.date.localeCompare(b.holiday.date))[0];
  const general = HOLIDAY_NAMES.flatMap((line) => line.split('|'))
    .filter((name) => wholeWord(escaped(name)).test(text))
    .sort((a, b) => b.length - a.length)[0];
  if (match !== undefined && (general === undefined || match.name.length >= general.length)) {
    const rest = text.replace(wholeWord(escaped(match.name)), ' ');
    return { days: daysOfHoliday(match.holiday, special), rest };
  }
  // "17 agustus" is a date, whether or not it is a holiday there.
  if (general === undefined || /^\d/.test(general)) return undefined;
  return { days: [], rest: text.replace(wholeWord(escaped(general)), ' ') };
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
  // People write "mayday" and "newyear", too.
  return name.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`).replace(/\s+/g, String.raw`\s*`);
}
