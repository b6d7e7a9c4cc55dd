import { expect, it } from 'vitest';
import { nextTime } from '../../../src/lib/time/next-time.js';

const next = (cron: string, now: string, zone = 'Europe/Berlin'): string =>
  nextTime(cron, zone, new Date(now)).toISOString();

it.each([
  // 02:00 becomes 03:00 in Berlin on 29 March 2026.
  ['0 9 * * *', '2026-03-28T10:00:00Z', '2026-03-29T07:00:00.000Z'],
  ['30 2 * * *', '2026-03-28T10:00:00Z', '2026-03-29T01:30:00.000Z'],
  ['30 2 * * *', '2026-03-29T01:30:00Z', '2026-03-30T00:30:00.000Z'],
  // 03:00 becomes 02:00 on 25 October 2026: 02:30 comes twice, and runs once.
  ['0 9 * * *', '2026-10-24T10:00:00Z', '2026-10-25T08:00:00.000Z'],
  ['30 2 * * *', '2026-10-24T10:00:00Z', '2026-10-25T00:30:00.000Z'],
  ['30 2 * * *', '2026-10-25T00:30:00Z', '2026-10-26T01:30:00.000Z'],
  ['30 2 * * *', '2026-10-25T01:00:00Z', '2026-10-26T01:30:00.000Z'],
])('“%s” finds its next local time across a clock change, from %s', (cron, now, expected) => {
  expect(next(cron, now)).toBe(expected);
});

it('refuses a cron line that names no time', () => {
  for (const cron of ['', 'every monday', '61 * * * *', '0 9 31 2 *', '0 0 9 * * 1'])
    expect(() => next(cron, '2026-01-01T00:00:00Z'), cron).toThrow(/names no time/);
});
