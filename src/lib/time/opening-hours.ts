import { dateFormat } from './date-format.js';
import type { Translate } from '../../contracts/i18n.js';
import type { Locale } from '../../contracts/message.js';
import type { NextOpening, OpeningHours } from '../../contracts/opening-hours.js';
import { WEEKDAYS, type BusinessHours, type Weekday } from '../../contracts/settings.js';
import { specialDay } from './special-days.js';

const DAY_MS = 86_400_000;
/** How far ahead to look for the next opening; longer closures are not worth predicting. */
const HORIZON_DAYS = 14;
/** Any Monday, from which the weekday names are derived. */
const SOME_MONDAY = Date.UTC(2024, 0, 1);

const DAY_MINUTES = 1440;
const MIDNIGHT = '00:00';
const LAST_MINUTE = '23:59';
/** Opening hours from midnight until this time belong to the previous evening. */
const NIGHT_ENDS = '10:00';

type Spans = readonly { readonly open: string; readonly close: string }[];

export const openingHours: OpeningHours = {
  state({ business_hours: hours, timezone }, now) {
    if (WEEKDAYS.every((day) => spansOf(hours, day).length === 0)) return { state: 'unknown' };
    const local = localTime(now, timezone);
    const at = minuteOf(local.time);
    const stretches = stretchesFrom(hours, addDays(local.date, -1));
    const current = stretches.find(({ from, to }) => from <= at + DAY_MINUTES && at + DAY_MINUTES < to);
    if (current === undefined) {
      const opensNext = nextOpening(stretches, local.date, at);
      return opensNext ? { state: 'closed', opensNext } : { state: 'closed' };
    }
    const isSoon = current.to - at - DAY_MINUTES < DAY_MINUTES;
    return isSoon ? { state: 'open', until: clockOf(current.to % DAY_MINUTES) } : { state: 'open' };
  },

  onDay({ business_hours: hours }, date, locale = 'en') {
    const holiday = specialDay(hours, date)?.name?.[locale];
    return { spans: daySpans(hours, date), ...(holiday === undefined ? {} : { holiday }) };
  },

  localTime: (timezone, now) => localTime(now, timezone),

  describe(hours, locale) {
    const groups: { first: Weekday; last: Weekday; spans: string }[] = [];
    for (const day of WEEKDAYS) {
      const spans = weekSpans(hours, day)
        .map(({ open, close }) => `${open}–${close}`)
        .join(', ');
      const previous = groups.at(-1);
      if (previous?.spans === spans) previous.last = day;
      else groups.push({ first: day, last: day, spans });
    }
    return groups
      .filter(({ spans }) => spans !== '')
      .map(({ first, last, spans }) => {
        const days = first === last ? [first] : [first, last];
        return `${days.map((day) => weekdayName(day, locale)).join('–')} ${spans}`;
      })
      .join('; ');
  },

  sentence(settings, now, locale, t) {
    const opening = openingHours.state(settings, now);
    switch (opening.state) {
      case 'unknown':
        return undefined;
      case 'open':
        return opening.until === undefined ? t('hours.openNow') : t('hours.open', { time: opening.until });
      case 'closed': {
        const next = opening.opensNext;
        return next
          ? t('hours.closed', { day: dayName(next, locale, t), time: next.time })
          : t('hours.closedForNow');
      }
      default:
        return opening satisfies never;
    }
  },
};

/**
 * Says until when nobody is available; `undefined` while the business is open or if its hours are unknown.
 */
export function awaySentence(
  settings: Parameters<OpeningHours['state']>[0],
  now: Date,
  locale: Locale,
  t: Translate,
): string | undefined {
  const opening = openingHours.state(settings, now);
  if (opening.state !== 'closed' || opening.opensNext === undefined) return undefined;
  const { opensNext: next } = opening;
  return t('hours.away', { day: dayName(next, locale, t), time: next.time });
}

function dayName({ daysAway, date }: NextOpening, locale: Locale, t: Translate): string {
  if (daysAway === 0) return t('hours.today');
  if (daysAway === 1) return t('hours.tomorrow');
  const format = dateFormat(locale, {
    weekday: 'long',
    ...(daysAway < 7 ? {} : { day: 'numeric', month: 'long' }),
    timeZone: 'UTC',
  });
  return format.format(new Date(date));
}

/** A continuous span in minutes, counted from midnight at the start of the first day. */
interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** All open spans from a day on, with adjacent ones joined, also across midnight. */
function stretchesFrom(hours: BusinessHours, first: string): readonly Stretch[] {
  const stretches: { from: number; to: number }[] = [];
  for (let day = 0; day <= HORIZON_DAYS + 1; day += 1) {
    for (const { open, close } of spansOn(hours, addDays(first, day))) {
      const from = day * DAY_MINUTES + minuteOf(open);
      const to = day * DAY_MINUTES + endOf(close);
      const last = stretches.at(-1);
      if (last !== undefined && from <= last.to) last.to = Math.max(last.to, to);
      else stretches.push({ from, to });
    }
  }
  return stretches;
}

function nextOpening(stretches: readonly Stretch[], today: string, at: number): NextOpening | undefined {
  const next = stretches.find(({ from }) => from > at + DAY_MINUTES);
  if (next === undefined) return undefined;
  const daysAway = Math.floor(next.from / DAY_MINUTES) - 1;
  return { daysAway, date: addDays(today, daysAway), time: clockOf(next.from % DAY_MINUTES) };
}

/**
 * The spans beginning on a day: what continues from the previous night belongs to that night, and what ends
 * on the next day belongs to this one.
 */
function daySpans(hours: BusinessHours, date: string): Spans {
  return withNights(
    spansOn(hours, addDays(date, -1)),
    spansOn(hours, date),
    spansOn(hours, addDays(date, 1)),
  );
}

/** The same for a week without holidays. */
function weekSpans(hours: Pick<BusinessHours, 'days'>, day: Weekday): Spans {
  const at = WEEKDAYS.indexOf(day);
  const near = (step: number): Spans =>
    spansOf(hours, WEEKDAYS[(at + step + WEEKDAYS.length) % WEEKDAYS.length] ?? day);
  return withNights(near(-1), spansOf(hours, day), near(1));
}

function withNights(before: Spans, spans: Spans, after: Spans): Spans {
  const isNight = ({ open, close }: Spans[number]): boolean => open === MIDNIGHT && close <= NIGHT_ENDS;
  const endsLate = (spans: Spans): boolean => spans.some(({ close }) => close === LAST_MINUTE);
  const night = after.find(isNight);
  return spans
    .filter((span) => !(isNight(span) && endsLate(before)))
    .map((span) => {
      if (span.close !== LAST_MINUTE) return span;
      return { open: span.open, close: night === undefined ? '24:00' : night.close };
    });
}

function minuteOf(time: string): number {
  const [hour = 0, minute = 0] = time.split(':').map(Number);
  return hour * 60 + minute;
}

/** "Open until 23:59" means until midnight, because no later time can be written. */
function endOf(close: string): number {
  return close === LAST_MINUTE ? DAY_MINUTES : minuteOf(close);
}

function clockOf(minutes: number): string {
  return `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
}

function spansOf(hours: Pick<BusinessHours, 'days'>, day: Weekday): Spans {
  return joined(hours.days[day] ?? []);
}

/** Sorted, with adjacent spans joined. */
function joined(spans: Spans): Spans {
  const whole: { open: string; close: string }[] = [];
  for (const { open, close } of spans.toSorted((a, b) => a.open.localeCompare(b.open))) {
    const last = whole.at(-1);
    if (last !== undefined && open <= last.close) last.close = close > last.close ? close : last.close;
    else whole.push({ open, close });
  }
  return whole;
}

/** The spans of a local date; none on a holiday. */
function spansOn(hours: BusinessHours, date: string): Spans {
  const special = specialDay(hours, date)?.hours ?? 'as-usual';
  if (special === 'closed') return [];
  if (special !== 'as-usual') return joined(special);
  const day = WEEKDAYS[(new Date(date).getUTCDay() + 6) % 7];
  return day ? spansOf(hours, day) : [];
}

function addDays(date: string, days: number): string {
  return new Date(Date.parse(date) + days * DAY_MS).toISOString().slice(0, 10);
}

function localTime(now: Date, timeZone: string): { date: string; time: string } {
  // The Swedish form is ISO 8601: 2024-01-31 09:05.
  const format = dateFormat('sv', { timeZone, dateStyle: 'short', timeStyle: 'short' });
  const [date = '', time = ''] = format.format(now).split(' ');
  return { date, time };
}

function weekdayName(day: Weekday, locale: Locale): string {
  const date = new Date(SOME_MONDAY + WEEKDAYS.indexOf(day) * DAY_MS);
  return dateFormat(locale, { weekday: 'long', timeZone: 'UTC' }).format(date);
}
