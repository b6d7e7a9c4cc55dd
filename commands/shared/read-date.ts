import { WEEKDAYS } from '../../src/contracts/settings.js';
import { addDays, WEEKDAY_WORDS, weekdayOf } from '../../src/lib/calendar-words.js';
import { dayIn } from '../../src/lib/calendar.js';

const ISO_DATE = /^\d{4}-\d{2}-\d{2}$/;
const YESTERDAY = /^(yesterday|kemarin|kemaren|kmrn)$/;
const LAST_WEEK = /^(last week|(minggu|pekan) (lalu|kemarin|kemaren))$/;
const THIS_WEEK = /^(this week|(minggu|pekan) ini)$/;
const WEEKDAY_THAT_WAS = /^(?:last (\S+)|(?:hari )?(\S+) (?:yang |yg )?(?:lalu|kemarin|kemaren))$/;

export type ReportPeriod = 'daily' | 'weekly';

/**
 * The period that a report is asked of, and a day in it, YYYY-MM-DD: as written, or by its name in
 * either language. "minggu lalu" may have been read as the period and "lalu".
 */
export function readPeriod(
  text: string,
  known: ReportPeriod | undefined,
  { now, timezone }: { readonly now: Date; readonly timezone: string },
): { readonly period: ReportPeriod; readonly day: string } | undefined {
  const input = text.trim().toLowerCase();
  const today = dayIn(timezone, now);
  const words = known === 'weekly' ? `minggu ${input}` : known === 'daily' ? `hari ${input}` : input;
  for (const each of [input, words]) {
    if (LAST_WEEK.test(each)) return { period: 'weekly', day: addDays(today, -7) };
    if (THIS_WEEK.test(each)) return { period: 'weekly', day: today };
  }
  const day = dayThatWas(input, today) ?? (words === 'hari ini' ? today : undefined);
  return day === undefined ? undefined : { period: known ?? 'daily', day };
}

function dayThatWas(written: string, today: string): string | undefined {
  if (ISO_DATE.test(written)) {
    const date = new Date(`${written}T00:00:00Z`);
    return Number.isNaN(date.getTime()) || date.toISOString().slice(0, 10) !== written ? undefined : written;
  }
  if (/^(today|hari ini)$/.test(written)) return today;
  if (YESTERDAY.test(written)) return addDays(today, -1);
  const [, english, indonesian] = WEEKDAY_THAT_WAS.exec(written) ?? [];
  const name = english ?? indonesian;
  const weekday = WEEKDAYS.find(
    (each) => name !== undefined && WEEKDAY_WORDS[each].split(' ').includes(name),
  );
  if (weekday === undefined) return undefined;
  const back = (WEEKDAYS.indexOf(weekdayOf(today)) - WEEKDAYS.indexOf(weekday) + 7) % 7;
  return addDays(today, -(back === 0 ? 7 : back));
}
