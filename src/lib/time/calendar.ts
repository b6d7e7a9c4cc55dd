import { dateFormat } from './date-format.js';

/** `2026-11-28`: the calendar day in a time zone. */
export function dayIn(timeZone: string, at: Date): string {
  // The Swedish date format equals ISO's.
  return dateFormat('sv-SE', { timeZone, dateStyle: 'short' }).format(at);
}

/** The first day of the month a day belongs to. */
export function firstOfMonth(day: string): string {
  return `${day.slice(0, 7)}-01`;
}
