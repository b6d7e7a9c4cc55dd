import { openingHours } from './opening-hours.js';

/** The moment a clock in that zone shows this date (YYYY-MM-DD) and time (HH:MM); after a gap the next one. */
export function momentAt(date: string, time: string, timezone: string): Date {
  const wanted = Date.parse(`${date}T${time}:00Z`);
  let moment = wanted;
  // A clock is off by its zone's offset, which may be another one after the correction.
  for (let round = 0; round < 2; round++) {
    const local = openingHours.localTime(timezone, new Date(moment));
    moment += wanted - Date.parse(`${local.date}T${local.time}:00Z`);
  }
  return new Date(moment);
}
