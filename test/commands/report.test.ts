import { afterAll, beforeAll, expect, it } from 'vitest';
import { openShop, write, type Shop } from './open-shop.js';

/** A Saturday, 14:30 in Jakarta. */
const now = new Date('2026-11-28T07:30:00Z');

let shop: Shop;
let staff: Awaited<ReturnType<Shop['person']>>;
beforeAll(async () => {
  shop = await openShop({ timezone: 'Asia/Jakarta' });
  staff = await shop.person('Sari');
  await (await shop.scope()).contacts.update(staff.contact.id, { isStaff: true });
});
afterAll(() => shop.close());

const title = async (line: string): Promise<string> =>
  (await write(shop, staff, line, { now })).text.split('\n')[0] ?? '';

it.each([
  ['/report hari ini', 'Saturday, November 28, 2026'],
  ['/report yesterday', 'Friday, November 27, 2026'],
  ['/report kemarin', 'Friday, November 27, 2026'],
  ['/report daily yesterday', 'Friday, November 27, 2026'],
  ['/report harian 2026-11-20', 'Friday, November 20, 2026'],
  ['/report 2026-11-20', 'Friday, November 20, 2026'],
  ['/report senin lalu', 'Monday, November 23, 2026'],
  ['/report last saturday', 'Saturday, November 21, 2026'],
  ['/report minggu ini', 'week November 23'],
  ['/report this week', 'week November 23'],
  ['/report minggu lalu', 'week November 16'],
  ['/report last week', 'week November 16'],
  ['/report weekly last week', 'week November 16'],
  ['/report mingguan 2026-11-04', 'week November 2'],
  ['/report date=last week', 'week November 16'],
  ['/report 2026-W47', 'week November 16'],
  ['/report weekly 2026-w47', 'week November 16'],
  ['/report W47', 'week November 16'],
  ['/report week 47', 'week November 16'],
  ['/report minggu ke-47', 'week November 16'],
  ['/report 27 nov', 'Friday, November 27, 2026'],
  ['/report tanggal 30', 'Friday, October 30, 2026'],
  ['/report 25/12', 'Thursday, December 25, 2025'],
  ['/report weekly 4 November', 'week November 2'],
])('“%s” reports on the named period', async (line, period) => {
  expect(await title(line)).toContain(period);
});

it.each([
  '/report sometime',
  '/report bulan lalu',
  '/report 2026-02-31',
  '/report minggu entah',
  '/report last',
  '/report 2026-W54',
  '/report 2026-W50',
  '/report besok',
  '/report 2026-11-29',
  '/report the 5th of next month',
])('“%s” is answered with a plain request for a valid period', async (line) => {
  expect(await title(line)).toMatch(/^I can't make a report of “.+”/);
});
