import type { TenantSettings } from '../contracts/settings.js';
import { openingHours } from '../lib/opening-hours.js';

/** The hours as data for the model: the week, the holidays, and what time it is there now. */
export function describeHours(
  settings: Pick<TenantSettings, 'business_hours' | 'timezone'>,
  now: Date,
): string {
  const { business_hours: hours, timezone } = settings;
  const local = new Intl.DateTimeFormat('en-GB', {
    timeZone: timezone,
    dateStyle: 'full',
    timeStyle: 'short',
  });
  return [
    openingHours.describe(hours, 'en'),
    ...hours.holidays.map((holiday) => `Closed on ${holiday.date}: ${holiday.name}`),
    `Now: ${local.format(now)} (${timezone}); the business is ${openingHours.state(settings, now).state}.`,
  ].join('\n');
}
