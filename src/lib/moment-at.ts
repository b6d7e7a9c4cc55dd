import { openingHours } from './opening-hours.js';

const DAY_MS = 86_400_000;

/**
 * The moment a clock in that zone shows this date (YYYY-MM-DD) and time (HH:MM). In an hour that a
 * change of clocks removes: as far after it as the time is in it. In a doubled hour the first pass,
 * or the second where only that is after `after`.
 */
export function momentAt(date: string, time: string, timezone: string, after?: Date): Date {
  const target = Date.parse(`${date}T${time}:00Z`);
  // Clocks change at most once within two days: the moment has the offset of before or of after.
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
