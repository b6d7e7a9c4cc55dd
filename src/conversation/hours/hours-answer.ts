import type { Translate } from '../../contracts/i18n.js';
import type { Locale } from '../../contracts/message.js';
import type { DayHours } from '../../contracts/opening-hours.js';
import type { TenantSettings } from '../../contracts/settings.js';
import { openingHours } from '../../lib/time/opening-hours.js';
import type { RequestedTime } from './requested-time.js';
import type { AskedDay } from './take-days.js';
import { addDays, weekdayOf } from '../../lib/time/calendar-words.js';
import { WEEKDAYS } from '../../contracts/settings.js';

/** Maximum number of days in one answer. */
const MOST_DAYS = 7;
/** Any Monday, from which the weekday names are derived. */
const SOME_MONDAY = Date.UTC(2024, 0, 1);

interface Asking {
  readonly settings: Pick<TenantSettings, 'business_hours' | 'timezone'>;
  readonly now: Date;
  readonly locale: Locale;
  readonly t: Translate;
}

/** What the settings say about the days and the hour asked about. */
export function hoursAnswer(requestedTime: RequestedTime, asking: Asking): string | undefined {
  const { settings, now, locale, t } = asking;
  const { days } = requestedTime;
  const today = openingHours.localTime(settings.timezone, now).date;
  if (days.length === 0 && requestedTime.time !== undefined) {
    return dayAnswer({ date: today, as: 'relative' }, requestedTime, today, asking);
  }
  if (days.length === 0) {
    const sentence = openingHours.sentence(settings, now, locale, t);
    const hours = openingHours.describe(settings.business_hours, locale);
    return sentence && `${sentence} ${t('hours.week', { hours })}`;
  }
  return days
    .slice(0, MOST_DAYS)
    .map((day) => dayAnswer(day, requestedTime, today, asking))
    .join('\n');
}

/** Whether days are named and the business is closed on all of them, from morning to night. */
export function isClosedThroughout({ days }: RequestedTime, settings: Asking['settings']): boolean {
  return days.length > 0 && days.every(({ date }) => openingHours.onDay(settings, date).spans.length === 0);
}

function dayAnswer(
  askedDay: AskedDay,
  { time, otherTime }: Pick<RequestedTime, 'time' | 'otherTime'>,
  today: string,
  asking: Asking,
): string {
  const { settings, t } = asking;
  const { spans, holiday } = openingHours.onDay(settings, askedDay.date, asking.locale);
  const day = dayName(askedDay, today, asking);
  if (spans.length === 0) {
    const closedNotice =
      holiday === undefined ? t('hours.closedDay', { day }) : t('hours.holiday', { day, holiday });
    const next = nextOpenDay(askedDay.date, asking);
    return next === undefined ? closedNotice : `${closedNotice} ${t('hours.nextDay', next)}`;
  }
  const hours = formatSpans(spans);
  const isToday = askedDay.date === today;
  const now = isToday ? openingHours.sentence(settings, asking.now, asking.locale, t) : undefined;
  if (time !== undefined) {
    const isWithin = (at: string): boolean =>
      spans.some(({ open, close }) => open <= at && (at < close || close < open));
    const isOther = otherTime !== undefined && !isWithin(time) && isWithin(otherTime);
    const likelyTime = isOther ? otherTime : time;
    return t(isWithin(likelyTime) ? 'hours.openAt' : 'hours.closedAt', {
      day,
      time: likelyTime,
      spans: hours,
    });
  }
  const label = holiday === undefined ? day : `${day} (${holiday})`;
  const answer = t('hours.openDay', { day: label, spans: hours });
  return now === undefined ? answer : `${answer} ${now}`;
}

function nextOpenDay(
  date: string,
  asking: Asking,
): { readonly day: string; readonly spans: string } | undefined {
  for (let away = 1; away <= WEEKDAYS.length * 2; away += 1) {
    const next = addDays(date, away);
    const { spans } = openingHours.onDay(asking.settings, next);
    if (spans.length > 0) {
      const day = { date: next, as: away < WEEKDAYS.length ? 'weekday' : 'date' } as const;
      return { day: nameOf(day, asking.locale), spans: formatSpans(spans) };
    }
  }
  return undefined;
}

function formatSpans(spans: DayHours['spans']): string {
  return spans.map(({ open, close }) => `${open}–${close}`).join(', ');
}

/** "Saturday", "tomorrow (Sunday)", "Friday, 25 December". */
function dayName(askedDay: AskedDay, today: string, { locale, t }: Asking): string {
  const name = nameOf(askedDay, locale);
  const relative =
    askedDay.date === today
      ? t('hours.today')
      : askedDay.date === addDays(today, 1)
        ? t('hours.tomorrow')
        : undefined;
  if (askedDay.as !== 'relative' || relative === undefined) return name;
  return `${relative.charAt(0).toUpperCase()}${relative.slice(1)} (${name})`;
}

function nameOf({ date, as }: AskedDay, locale: Locale): string {
  if (as === 'weekday' || as === 'relative') {
    const monday = new Date(SOME_MONDAY + WEEKDAYS.indexOf(weekdayOf(date)) * 86_400_000);
    return new Intl.DateTimeFormat(locale, { weekday: 'long', timeZone: 'UTC' }).format(monday);
  }
  return new Intl.DateTimeFormat(locale, {
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    timeZone: 'UTC',
  }).format(new Date(date));
}
