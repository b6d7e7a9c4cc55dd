import type { TenantSettings } from '../contracts/settings.js';
import { openingHours } from '../lib/opening-hours.js';

/** The hours as data for the model: the week, the holidays, and whether it is open now. */
export function describeHours(
  settings: Pick<TenantSettings, 'business_hours' | 'timezone'>,
  now: Date,
): string {
  const { business_hours: hours } = settings;
  return [
    openingHours.describe(hours, 'en'),
    ...hours.holidays.map((holiday) => `Closed on ${holiday.date}: ${holiday.name}`),
    `Right now the business is ${openingHours.state(settings, now).state}.`,
  ].join('\n');
}
