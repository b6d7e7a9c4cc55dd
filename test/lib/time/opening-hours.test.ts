import { describe, expect, it } from 'vitest';
import { businessHoursSchema } from '../../../src/contracts/settings.js';
import { openingHours } from '../../../src/lib/time/opening-hours.js';

const weekday = [{ open: '09:00', close: '17:00' }];
const settings = {
  timezone: 'Asia/Jakarta',
  business_hours: businessHoursSchema.parse({
    days: {
      mon: weekday,
      tue: weekday,
      wed: weekday,
      thu: weekday,
      fri: [
        { open: '13:30', close: '17:00' },
        { open: '09:00', close: '11:30' },
      ],
      sat: [{ open: '09:00', close: '13:00' }],
    },
    holidays: [{ date: '2026-12-25', name: 'Natal' }],
  }),
};
/** Jakarta is seven hours ahead of UTC, all year. */
const at = (local: string): Date => new Date(`${local}:00+07:00`);

describe('opening hours', () => {
  it.each([
    ['2026-11-23T09:00', { state: 'open', until: '17:00' }],
    ['2026-11-23T16:59', { state: 'open', until: '17:00' }],
    ['2026-11-23T17:00', { state: 'closed', opensNext: { daysAway: 1, date: '2026-11-24', time: '09:00' } }],
    ['2026-11-23T00:00', { state: 'closed', opensNext: { daysAway: 0, date: '2026-11-23', time: '09:00' } }],
    ['2026-11-27T12:00', { state: 'closed', opensNext: { daysAway: 0, date: '2026-11-27', time: '13:30' } }],
    ['2026-11-28T13:00', { state: 'closed', opensNext: { daysAway: 2, date: '2026-11-30', time: '09:00' } }],
    ['2026-12-24T18:00', { state: 'closed', opensNext: { daysAway: 2, date: '2026-12-26', time: '09:00' } }],
    ['2026-12-25T10:00', { state: 'closed', opensNext: { daysAway: 1, date: '2026-12-26', time: '09:00' } }],
  ])('at %s in the shop are %j', (local, state) => {
    expect(openingHours.state(settings, at(local))).toEqual(state);
  });

  it("apply in the business's time zone, not in the server's", () => {
    const now = new Date('2026-11-23T03:00:00Z');
    expect(openingHours.state(settings, now).state).toBe('open');
    expect(openingHours.state({ ...settings, timezone: 'America/New_York' }, now).state).toBe('closed');
  });

  it('are refused if they end before they start, with the correct way to write them', () => {
    const past = businessHoursSchema.safeParse({ days: { fri: [{ open: '17:00', close: '02:00' }] } });
    expect(past.error?.issues[0]).toMatchObject({ path: ['days', 'fri', 0, 'close'] });
    expect(past.error?.issues[0]?.message).toContain('23:59');
    const split = { fri: [{ open: '17:00', close: '23:59' }], sat: [{ open: '00:00', close: '02:00' }] };
    expect(businessHoursSchema.safeParse({ days: split }).success).toBe(true);
    const wrong = businessHoursSchema.safeParse({ days: { fri: [{ open: '9', close: '17:00' }] } });
    expect(wrong.error?.issues[0]?.message).toBe('must be a time like 09:00');
  });

  it('are unknown if none are set', () => {
    const none = { ...settings, business_hours: businessHoursSchema.parse({}) };
    expect(openingHours.state(none, at('2026-11-23T10:00'))).toEqual({ state: 'unknown' });
    expect(openingHours.describe(none.business_hours, 'en')).toBe('');
  });

  it('predict no opening if holidays fill the coming weeks', () => {
    const holidays = [...Array(20).keys()].map((day) => ({
      date: new Date(Date.UTC(2026, 10, 23 + day)).toISOString().slice(0, 10),
      name: 'Libur',
    }));
    const closed = { ...settings, business_hours: { ...settings.business_hours, holidays } };
    expect(openingHours.state(closed, at('2026-11-23T10:00'))).toEqual({ state: 'closed' });
  });

  it('are written in one line in both languages', () => {
    expect(openingHours.describe(settings.business_hours, 'en')).toBe(
      'Monday–Thursday 09:00–17:00; Friday 09:00–11:30, 13:30–17:00; Saturday 09:00–13:00',
    );
    expect(openingHours.describe(settings.business_hours, 'id')).toBe(
      'Senin–Kamis 09:00–17:00; Jumat 09:00–11:30, 13:30–17:00; Sabtu 09:00–13:00',
    );
  });
});
