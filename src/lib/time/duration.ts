import { wholeDurationMs } from './when/index.js';

const MS = { second: 1_000, minute: 60_000, hour: 3_600_000, day: 86_400_000, week: 604_800_000 } as const;
const ISO = /^P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/;
const FURTHEST_MS = 10 * 366 * MS.day;

/** Parses an ISO 8601 duration or words ("2 hours", "3 hari", "in half an hour") to ms; greater than zero. */
export function durationMs(text: string): number | undefined {
  const input = text.trim();
  const iso = ISO.exec(input);
  if (iso === null) return wholeDurationMs(input);
  const [, weeks = '0', days = '0', hours = '0', minutes = '0', seconds = '0'] = iso;
  const ms =
    Number(weeks) * MS.week +
    Number(days) * MS.day +
    Number(hours) * MS.hour +
    Number(minutes) * MS.minute +
    Number(seconds) * MS.second;
  return Number.isFinite(ms) && ms > 0 && ms <= FURTHEST_MS ? ms : undefined;
}
