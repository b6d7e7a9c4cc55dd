import type { TenantScope } from '../../contracts/stores.js';
import { openingHours } from '../../lib/time/opening-hours.js';
import type { Appointment } from './appointment-store.js';

const DAY_MS = 86_400_000;
/** Times start every 30 minutes, or closer together for shorter appointments. */
const STEP_MINUTES = 30;

export interface FreeTime {
  readonly date: string;
  readonly from: number;
}

export function minuteOf(time: string): number {
  const [hour = 0, minute = 0] = time.split(':').map(Number);
  return hour * 60 + minute;
}

export function clockOf(minute: number): string {
  return [Math.floor(minute / 60), minute % 60].map((part) => String(part).padStart(2, '0')).join(':');
}

export function addDays(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
}

/** Whether the business is open during the whole time, within one day. */
export function isOpen(
  { settings }: Pick<TenantScope, 'settings'>,
  date: string,
  from: number,
  to: number,
): boolean {
  return spansOn(settings, date).some((span) => span.from <= from && to <= span.to);
}

/**
 * Start times at which an appointment of that length fits, earliest first. `after`: the current time at the
 * business.
 */
export function freeTimes(
  { settings }: Pick<TenantScope, 'settings'>,
  busy: readonly Appointment[],
  criteria: {
    readonly from: string;
    readonly days: number;
    readonly minutes: number;
    readonly limit: number;
  },
  after: { readonly date: string; readonly time: string },
): readonly FreeTime[] {
  const { minutes, limit } = criteria;
  const step = Math.min(STEP_MINUTES, minutes);
  const free: FreeTime[] = [];
  for (let day = 0; day < criteria.days && free.length < limit; day += 1) {
    const date = addDays(criteria.from, day);
    const earliest = date === after.date ? minuteOf(after.time) + 1 : date < after.date ? Infinity : 0;
    for (const span of spansOn(settings, date)) {
      for (let from = span.from; from + minutes <= span.to && free.length < limit; from += step) {
        const isTaken = busy.some(
          (each) => each.date === date && each.from < from + minutes && each.to > from,
        );
        if (from >= earliest && !isTaken) free.push({ date, from });
      }
    }
  }
  return free;
}

function spansOn(settings: TenantScope['settings'], date: string) {
  return openingHours.onDay(settings, date).spans.map(({ open, close }) => {
    const [from, to] = [minuteOf(open), minuteOf(close)];
    // Hours that continue past midnight can be booked until midnight.
    return { from, to: to <= from ? 1440 : to };
  });
}
