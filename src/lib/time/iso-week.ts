import { WEEKDAYS } from '../../contracts/settings.js';
import { addDays, weekdayOf } from './calendar-words.js';

export const DAYS_OF_WEEK = 7;
/** 4 January is always in the first ISO week. */
const IN_FIRST_WEEK = '01-04';
const WEEK_MS = DAYS_OF_WEEK * 86_400_000;

/** The Monday of a day's week, YYYY-MM-DD. */
export function mondayOf(date: string): string {
  return addDays(date, -WEEKDAYS.indexOf(weekdayOf(date)));
}

/** The ISO week of a day, `2026-W48`: it belongs to the year that has its Thursday. */
export function isoWeekOf(date: string): string {
  const monday = mondayOf(date);
  const year = addDays(monday, 3).slice(0, 4);
  const first = mondayOf(`${year}-${IN_FIRST_WEEK}`);
  const number = Math.round((Date.parse(monday) - Date.parse(first)) / WEEK_MS) + 1;
  return `${year}-W${String(number).padStart(2, '0')}`;
}

/** The Monday of the week `2026-W48`; `undefined` when there is no such week. */
export function mondayOfWeek(week: string): string | undefined {
  const [, year = '', number = ''] = /^(\d{4})-W(\d{2})$/.exec(week) ?? [];
  if (year === '') return undefined;
  const monday = addDays(mondayOf(`${year}-${IN_FIRST_WEEK}`), (Number(number) - 1) * DAYS_OF_WEEK);
  return isoWeekOf(monday) === week ? monday : undefined;
}
