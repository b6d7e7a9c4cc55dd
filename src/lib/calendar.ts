import { dateFormat } from './date-format.js';

/** `2026-11-28`: the day in a time zone. */
export function dayIn(timeZone: string, at: Date): string {
  // Swedish writes dates as ISO does.
  return dateFormat('sv-SE', { timeZone, dateStyle: 'short' }).format(at);
}

/** The first day of a day's month. */
export function firstOfMonth(day: string): string {
  return `${day.slice(0, 7)}-01`;
}
