import { WEEKDAYS, type BusinessHours, type Weekday } from '../../contracts/settings.js';

/** A moment as the clock on the wall of the business shows it. */
export interface LocalTime {
  /** YYYY-MM-DD */
  readonly date: string;
  readonly weekday: Weekday;
  /** HH:MM, 24 hours */
  readonly time: string;
}

export interface OpeningState {
  readonly isOpen: boolean;
  /** Spans of today, `HH:MM-HH:MM`; none on a holiday. */
  readonly today: readonly string[];
  readonly holiday?: string;
  /** When it closes, if it is open: HH:MM. */
  readonly closesAt?: string;
  /** When it opens next, if it is closed; absent when no day within a month has hours. */
  readonly opensAt?: LocalTime;
}

const DAY_MS = 24 * 60 * 60 * 1000;
/** Longest run of closed days that is looked through. */
const DAYS_AHEAD = 31;

export function localTime(now: Date, timeZone: string): LocalTime {
  const parts = new Intl.DateTimeFormat('en-CA', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
  }).formatToParts(now);
  const part = (type: Intl.DateTimeFormatPartTypes): string =>
    parts.find((each) => each.type === type)?.value ?? '';
  const date = `${part('year')}-${part('month')}-${part('day')}`;
  return { date, weekday: weekdayOf(date), time: `${part('hour')}:${part('minute')}` };
}

/** `undefined` when the business has told no hours at all. */
export function openingState(hours: BusinessHours, local: LocalTime): OpeningState | undefined {
  if (WEEKDAYS.every((day) => (hours.days[day] ?? []).length === 0)) return undefined;
  const holiday = hours.holidays.find((each) => each.date === local.date)?.name;
  const spans = spansOn(hours, local.date);
  const current = spans.find((span) => span.open <= local.time && local.time < span.close);
  const next = current === undefined ? nextOpening(hours, local) : undefined;
  return {
    isOpen: current !== undefined,
    today: spans.map((span) => `${span.open}-${span.close}`),
    ...(holiday === undefined ? {} : { holiday }),
    ...(current === undefined ? {} : { closesAt: current.close }),
    ...(next === undefined ? {} : { opensAt: next }),
  };
}

function nextOpening(hours: BusinessHours, local: LocalTime): LocalTime | undefined {
  for (let ahead = 0; ahead <= DAYS_AHEAD; ahead += 1) {
    const date = addDays(local.date, ahead);
    const span = spansOn(hours, date).find((each) => ahead > 0 || each.open > local.time);
    if (span !== undefined) return { date, weekday: weekdayOf(date), time: span.open };
  }
  return undefined;
}

type Span = NonNullable<BusinessHours['days'][Weekday]>[number];

function spansOn(hours: BusinessHours, date: string): readonly Span[] {
  if (hours.holidays.some((holiday) => holiday.date === date)) return [];
  return [...(hours.days[weekdayOf(date)] ?? [])].sort((a, b) => a.open.localeCompare(b.open));
}

function weekdayOf(date: string): Weekday {
  // getUTCDay counts from Sunday, our week from Monday.
  return WEEKDAYS[(new Date(`${date}T00:00:00Z`).getUTCDay() + 6) % 7] ?? 'mon';
}

function addDays(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
}
