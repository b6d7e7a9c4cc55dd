import { expect, it } from 'vitest';
import { fittingTime } from '../../src/automation/fitting-time.js';
import { tenantSettingsSchema, type TenantSettingsInput } from '../../src/contracts/settings.js';

const DAY = [{ open: '09:00', close: '17:00' }];
const WEEKDAYS = { mon: DAY, tue: DAY, wed: DAY, thu: DAY, fri: DAY };

function fitting(due: string, settings: Partial<TenantSettingsInput>, respectHours = false): string {
  const business = tenantSettingsSchema.parse({ name: 'Toko', ...settings });
  return fittingTime(business, { respectHours, respectQuiet: true }, new Date(due)).toISOString();
}

const JAKARTA = { timezone: 'Asia/Jakarta', quiet_hours: { from: '21:00', to: '08:00' } };

it.each([
  ['in the evening waits for the morning', '2026-01-05T15:00:00Z', '2026-01-06T01:00:00.000Z'],
  ['after midnight waits for the same morning', '2026-01-05T18:30:00Z', '2026-01-06T01:00:00.000Z'],
  ['at noon is sent at once', '2026-01-05T05:00:00Z', '2026-01-05T05:00:00.000Z'],
  ['at the start of quiet hours already waits', '2026-01-05T14:00:00Z', '2026-01-06T01:00:00.000Z'],
  ['at the end of quiet hours is sent', '2026-01-06T01:00:00Z', '2026-01-06T01:00:00.000Z'],
])('a message %s', (_when, due, at) => {
  expect(fitting(due, JAKARTA)).toBe(at);
});

it('a message waits for daytime quiet hours, and for none if there are none', () => {
  const siesta = { timezone: 'Europe/Madrid', quiet_hours: { from: '14:00', to: '17:00' } };
  expect(fitting('2026-01-05T14:30:00Z', siesta)).toBe('2026-01-05T16:00:00.000Z');
  expect(fitting('2026-01-05T20:00:00Z', {})).toBe('2026-01-05T20:00:00.000Z');
});

it('a message waits for a time that is neither quiet nor closed', () => {
  const shop = { ...JAKARTA, business_hours: { days: WEEKDAYS } };
  // Saturday evening: quiet until Sunday 08:00, closed until Monday 09:00.
  expect(fitting('2026-01-10T15:00:00Z', shop, true)).toBe('2026-01-12T02:00:00.000Z');
  expect(fitting('2026-01-10T15:00:00Z', shop)).toBe('2026-01-11T01:00:00.000Z');
});

it('a message is checked again in a day if the business is always quiet or closed for weeks', () => {
  const never = {
    ...JAKARTA,
    quiet_hours: { from: '08:00', to: '18:00' },
    business_hours: { days: WEEKDAYS },
  };
  expect(fitting('2026-01-05T05:00:00Z', never, true) > '2026-01-06').toBe(true);
});

it.each([
  // 02:00 becomes 03:00 in Berlin on 2026-03-29: 02:30 does not exist, 03:30 is next.
  ['Europe/Berlin', '02:30', '2026-03-28T23:30:00Z', '2026-03-29T01:30:00.000Z'],
  // 03:00 becomes 02:00 in Berlin on 2026-10-25: 02:30 comes twice.
  ['Europe/Berlin', '02:30', '2026-10-24T22:30:00Z', '2026-10-25T00:30:00.000Z'],
  ['America/New_York', '02:30', '2026-03-08T04:00:00Z', '2026-03-08T07:30:00.000Z'],
  ['America/New_York', '01:30', '2026-11-01T03:00:00Z', '2026-11-01T05:30:00.000Z'],
])('quiet hours of %s end at %s once on a night when clocks change', (timezone, to, due, at) => {
  const settings = { timezone, quiet_hours: { from: '22:00', to } };
  const nextAt = fitting(due, settings);
  expect(nextAt).toBe(at);
  expect(fitting(nextAt, settings)).toBe(nextAt);
});

it('quiet hours include the second pass of a doubled hour and end with it', () => {
  const settings = { timezone: 'America/New_York', quiet_hours: { from: '22:00', to: '01:30' } };
  expect(fitting('2026-11-01T06:10:00Z', settings)).toBe('2026-11-01T06:30:00.000Z');
});
