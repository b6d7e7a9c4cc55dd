import type { Translate } from '../contracts/i18n.js';
import type { Locale } from '../contracts/message.js';
import type { NextOpening, OpeningHours } from '../contracts/opening-hours.js';
import { WEEKDAYS, type BusinessHours, type Weekday } from '../contracts/settings.js';

const DAY_MS = 86_400_000;
/** How far ahead the next opening is looked for: longer closures are not worth a forecast. */
const HORIZON_DAYS = 14;
/** A Monday, to name the weekdays from. */
const SOME_MONDAY = Date.UTC(2024, 0, 1);

type Spans = NonNullable<BusinessHours['days'][Weekday]>;

export const openingHours: OpeningHours = {
  state({ business_hours: hours, timezone }, now) {
    if (WEEKDAYS.every((day) => spansOf(hours, day).length === 0)) return { state: 'unknown' };
    const local = localTime(now, timezone);
    const current = spansOn(hours, local.date).find(
      ({ open, close }) => open <= local.time && local.time < close,
    );
    if (current) return { state: 'open', until: current.close };
    const opensNext = nextOpening(hours, local);
    return opensNext ? { state: 'closed', opensNext } : { state: 'closed' };
  },

  describe(hours, locale) {
    const groups: { first: Weekday; last: Weekday; spans: string }[] = [];
    for (const day of WEEKDAYS) {
      const spans = spansOf(hours, day)
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
        return t('hours.open', { time: opening.until });
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

function dayName({ daysAway, date }: NextOpening, locale: Locale, t: Translate): string {
  if (daysAway === 0) return t('hours.today');
  if (daysAway === 1) return t('hours.tomorrow');
  const format = new Intl.DateTimeFormat(locale, {
    weekday: 'long',
    ...(daysAway < 7 ? {} : { day: 'numeric', month: 'long' }),
    timeZone: 'UTC',
  });
  return format.format(new Date(date));
}

function nextOpening(
  hours: BusinessHours,
  local: { readonly date: string; readonly time: string },
): NextOpening | undefined {
  for (let daysAway = 0; daysAway <= HORIZON_DAYS; daysAway++) {
    const date = addDays(local.date, daysAway);
    const span = spansOn(hours, date).find(({ open }) => daysAway > 0 || open > local.time);
    if (span) return { daysAway, date, time: span.open };
  }
  return undefined;
}

function spansOf(hours: Pick<BusinessHours, 'days'>, day: Weekday): Spans {
  return (hours.days[day] ?? []).toSorted((a, b) => a.open.localeCompare(b.open));
}

/** Spans of a local date; none on a holiday. */
function spansOn(hours: BusinessHours, date: string): Spans {
  if (hours.holidays.some((holiday) => holiday.date === date)) return [];
  const day = WEEKDAYS[(new Date(date).getUTCDay() + 6) % 7];
  return day ? spansOf(hours, day) : [];
}

function addDays(date: string, days: number): string {
  return new Date(Date.parse(date) + days * DAY_MS).toISOString().slice(0, 10);
}

function localTime(now: Date, timeZone: string): { date: string; time: string } {
  // The Swedish form is ISO 8601: 2024-01-31 09:05.
  const format = new Intl.DateTimeFormat('sv', { timeZone, dateStyle: 'short', timeStyle: 'short' });
  const [date = '', time = ''] = format.format(now).split(' ');
  return { date, time };
}

function weekdayName(day: Weekday, locale: Locale): string {
  const date = new Date(SOME_MONDAY + WEEKDAYS.indexOf(day) * DAY_MS);
  return new Intl.DateTimeFormat(locale, { weekday: 'long', timeZone: 'UTC' }).format(date);
}
