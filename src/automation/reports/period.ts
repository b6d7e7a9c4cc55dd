import { addDays } from '../../lib/time/calendar-words.js';
import { dayIn } from '../../lib/time/calendar.js';
import { DAYS_OF_WEEK, isoWeekOf, mondayOf } from '../../lib/time/iso-week.js';
import { momentAt } from '../../lib/time/moment-at.js';

export type PeriodKind = 'day' | 'week';

/** A day or an ISO week, in the time zone of the business. */
export interface Period {
  readonly kind: PeriodKind;
  /** `2026-11-28`, or `2026-W48`. */
  readonly key: string;
  /** Its days, YYYY-MM-DD. */
  readonly days: readonly string[];
  readonly from: Date;
  /** The first moment after the period. */
  readonly until: Date;
}

export function dayPeriod(date: string, timezone: string): Period {
  return periodOf('day', date, [date], timezone);
}

/** The week that contains this day. */
export function weekPeriod(date: string, timezone: string): Period {
  const monday = mondayOf(date);
  const days = Array.from({ length: DAYS_OF_WEEK }, (_, day) => addDays(monday, day));
  return periodOf('week', isoWeekOf(monday), days, timezone);
}

export function periodOfKind(kind: PeriodKind, date: string, timezone: string): Period {
  return kind === 'day' ? dayPeriod(date, timezone) : weekPeriod(date, timezone);
}

/** The same weekday in earlier weeks, or the earlier weeks themselves; latest first. */
export function periodsBefore(period: Period, count: number, timezone: string): readonly Period[] {
  const [first = ''] = period.days;
  return Array.from({ length: count }, (_, index) =>
    periodOfKind(period.kind, addDays(first, -DAYS_OF_WEEK * (index + 1)), timezone),
  );
}

/** The latest period that is over. */
export function lastCompletePeriod(kind: PeriodKind, now: Date, timezone: string): Period {
  return periodOfKind(kind, addDays(dayIn(timezone, now), kind === 'day' ? -1 : -DAYS_OF_WEEK), timezone);
}

function periodOf(kind: PeriodKind, key: string, days: readonly string[], timezone: string): Period {
  const [first = key] = days;
  const last = days.at(-1) ?? first;
  return {
    kind,
    key,
    days,
    from: momentAt(first, '00:00', timezone),
    until: momentAt(addDays(last, 1), '00:00', timezone),
  };
}
