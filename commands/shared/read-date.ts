import { WEEKDAYS } from '../../src/contracts/settings.js';
import { addDays, WEEKDAY_WORDS, weekdayOf } from '../../src/lib/time/calendar-words.js';
import { dayIn } from '../../src/lib/time/calendar.js';
import { isoWeekOf, mondayOfWeek } from '../../src/lib/time/iso-week.js';
import { readWrittenDate } from '../../src/lib/time/when/index.js';

const ISO_DATE = /^\d{4}-\d{2}-\d{2}$/;
const YESTERDAY = /^(yesterday|kemarin|kemaren|kmrn)$/;
const LAST_WEEK = /^(last week|(minggu|pekan) (lalu|kemarin|kemaren))$/;
const THIS_WEEK = /^(this week|(minggu|pekan) ini)$/;
const NUMBERED_WEEK = /^(?:(\d{4})[- ]?)?(?:w|week |(?:minggu|pekan) (?:ke-?)?)(\d{1,2})$/;
const WEEKDAY_THAT_WAS = /^(?:last (\S+)|(?:hari )?(\S+) (?:yang |yg )?(?:lalu|kemarin|kemaren))$/;
/** How far back, in days, to look for the latest date without a month, and without a year. */
const BACK = [31, 366] as const;

export type ReportPeriod = 'daily' | 'weekly';
interface DayOf {
  readonly period: ReportPeriod;
  readonly day: string;
}

/**
 * Parses the period of a report and a day in it, YYYY-MM-DD, from a date or a name in either language;
 * `undefined`: it names none, or one that has not begun. "minggu lalu" may arrive as the period and "lalu".
 */
export function readPeriod(
  text: string,
  requestedPeriod: ReportPeriod | undefined,
  { now, timezone }: { readonly now: Date; readonly timezone: string },
): DayOf | undefined {
  const input = text.trim().toLowerCase();
  const today = dayIn(timezone, now);
  const words =
    requestedPeriod === 'weekly' ? `minggu ${input}` : requestedPeriod === 'daily' ? `hari ${input}` : input;
  const week = parseWeek(input, today) ?? parseWeek(words, today);
  if (week !== undefined) return week <= today ? { period: 'weekly', day: week } : undefined;
  const day = parseDay(input, today) ?? (words === 'hari ini' ? today : undefined);
  return day === undefined || day > today ? undefined : { period: requestedPeriod ?? 'daily', day };
}

/** A day within the named week. */
function parseWeek(text: string, today: string): string | undefined {
  if (LAST_WEEK.test(text)) return addDays(today, -7);
  if (THIS_WEEK.test(text)) return today;
  const [, year, number] = NUMBERED_WEEK.exec(text) ?? [];
  if (number === undefined) return undefined;
  const week = `W${number.padStart(2, '0')}`;
  const thisYear = Number(isoWeekOf(today).slice(0, 4));
  if (year !== undefined) return mondayOfWeek(`${year}-${week}`);
  return [thisYear, thisYear - 1]
    .map((each) => mondayOfWeek(`${each}-${week}`))
    .find((monday) => monday !== undefined && monday <= today);
}

function parseDay(text: string, today: string): string | undefined {
  if (ISO_DATE.test(text)) {
    const date = new Date(`${text}T00:00:00Z`);
    return Number.isNaN(date.getTime()) || date.toISOString().slice(0, 10) !== text ? undefined : text;
  }
  if (/^(today|hari ini)$/.test(text)) return today;
  if (YESTERDAY.test(text)) return addDays(today, -1);
  const [, english, indonesian] = WEEKDAY_THAT_WAS.exec(text) ?? [];
  const name = english ?? indonesian;
  const weekday = WEEKDAYS.find(
    (each) => name !== undefined && WEEKDAY_WORDS[each].split(' ').includes(name),
  );
  if (weekday === undefined) return parseDate(text, today);
  const back = (WEEKDAYS.indexOf(weekdayOf(today)) - WEEKDAYS.indexOf(weekday) + 7) % 7;
  return addDays(today, -(back === 0 ? 7 : back));
}

/** Parses "27 nov", "tanggal 1", "25/12/2025". */
function parseDate(text: string, today: string): string | undefined {
  if (/\b(?:next|depan)\b/.test(text)) return undefined;
  return BACK.map((days) => readWrittenDate(text, addDays(today, -days))).find(
    (date) => date !== undefined && date <= today,
  );
}
