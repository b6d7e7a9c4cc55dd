import type { Translate } from '../../../contracts/i18n.js';
import type { Locale } from '../../../contracts/message.js';
import { WEEKDAYS, type Weekday } from '../../../contracts/settings.js';
import { repeatOf } from './read-repeat.js';

/** Any Monday, from which the weekday names are derived. */
const SOME_MONDAY = Date.UTC(2024, 0, 1);
/** Length of the shortest month; months without a later day are skipped. */
const SHORTEST_MONTH = 28;
const TAGS: Readonly<Record<Locale, string>> = { en: 'en-GB', id: 'id-ID' };

/** "Mon, 30 Nov 2026, 09:00 (Asia/Jakarta)": complete, so that a misunderstanding is noticed. */
export function describeMoment(at: Date, timezone: string, locale: Locale): string {
  const format = new Intl.DateTimeFormat(TAGS[locale], {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZone: timezone,
  });
  return `${format.format(at)} (${timezone})`;
}

/** "every Monday and Thursday at 09:00", or the cron expression itself if it says more than that. */
export function describeRepeat(cron: string, locale: Locale, t: Translate): string {
  const repeat = repeatOf(cron);
  if (repeat === undefined) return `\`${cron}\``;
  const { time, weekdays, dayOfMonth } = repeat;
  if (dayOfMonth === 'last') return t('when.lastDay', { time });
  if (dayOfMonth !== undefined && dayOfMonth > SHORTEST_MONTH)
    return t('when.someMonths', { day: dayOfMonth, time });
  if (dayOfMonth !== undefined) return t('when.monthly', { day: dayOfMonth, time });
  if (weekdays.length === WEEKDAYS.length) return t('when.daily', { time });
  const list = new Intl.ListFormat(TAGS[locale], { type: 'conjunction' });
  return t('when.weekly', { days: list.format(weekdays.map((day) => nameOf(day, locale))), time });
}

function nameOf(day: Weekday, locale: Locale): string {
  const date = new Date(SOME_MONDAY + WEEKDAYS.indexOf(day) * 86_400_000);
  return new Intl.DateTimeFormat(TAGS[locale], { weekday: 'long', timeZone: 'UTC' }).format(date);
}
