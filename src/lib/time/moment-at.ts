import { openingHours } from './opening-hours.js';

const DAY_MS = 86_400_000;

/**
 * The moment at which clocks in the zone show this date (YYYY-MM-DD) and time (HH:MM). A time skipped by a
 * clock change is moved forward by the length of the gap. For a doubled time it is the first occurrence, or
 * the second if only that is after `after`.
 */
export function momentAt(date: string, time: string, timezone: string, after?: Date): Date {
  const target = Date.parse(`${date}T${time}:00Z`);
  // Clocks change at most once within two days, so the offset is the one before or the one after.
  const before = target - offsetMs(timezone, target - DAY_MS);
  const later = target - offsetMs(timezone, target + DAY_MS);
  const matches = [before, later]
    .filter((ms) => ms + offsetMs(timezone, ms) === target)
    .sort((a, b) => a - b);
  const [first = before] = matches;
  const timestamp = after === undefined ? first : (matches.find((ms) => ms > after.getTime()) ?? first);
  return new Date(timestamp);
}

function offsetMs(timezone: string, ms: number): number {
  const minute = Math.floor(ms / 60_000) * 60_000;
  const local = openingHours.localTime(timezone, new Date(minute));
  return Date.parse(`${local.date}T${local.time}:00Z`) - minute;
}
