import type { TenantSettings } from '../contracts/settings.js';
import { openingHours } from '../lib/time/opening-hours.js';
import { specialDaysFrom, type SpecialDay } from '../lib/time/special-days.js';

/** About a year of public holidays. */
const MOST_SPECIAL_DAYS = 25;

/** The opening hours as data for the model: the week, the holidays, and whether the business is open now. */
export function describeHours(
  settings: Pick<TenantSettings, 'business_hours' | 'timezone'>,
  now: Date,
): string {
  const { business_hours: hours, timezone } = settings;
  return [
    openingHours.describe(hours, 'en'),
    ...specialDaysFrom(hours, openingHours.localTime(timezone, now).date)
      .slice(0, MOST_SPECIAL_DAYS)
      .map((day) => describeDay(day)),
    `Right now the business is ${openingHours.state(settings, now).state}.`,
  ].join('\n');
}

function describeDay({ date, name, hours }: SpecialDay): string {
  const day = name === undefined ? date : `${date} (${name.en})`;
  if (hours === 'closed') return `Closed on ${day}`;
  if (hours === 'as-usual') return `Open as usual on ${day}`;
  return hours.length === 0
    ? `Closed on ${day}`
    : `Open on ${day}: ${hours.map(({ open, close }) => `${open}–${close}`).join(', ')}`;
}
