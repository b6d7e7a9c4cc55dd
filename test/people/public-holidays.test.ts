import { afterAll, beforeAll, expect, it } from 'vitest';
import { requestedTime } from '../../src/conversation/hours/requested-time.js';
import { openingHours } from '../../src/lib/time/opening-hours.js';
import { specialDaysFrom } from '../../src/lib/time/special-days.js';
import { followPublicHolidays, publicHolidays } from '../../src/people/public-holidays.js';
import { openShop, write, type Shop } from '../commands/open-shop.js';

const DAY = [{ open: '09:00', close: '17:00' }];
const days = { mon: DAY, tue: DAY, wed: DAY, thu: DAY, fri: DAY, sat: DAY, sun: DAY };
const TODAY = '2026-01-01';

let shop: Shop;
let staff: Awaited<ReturnType<Shop['person']>>;
beforeAll(async () => {
  shop = await openShop({ business_hours: { days } });
  staff = await shop.person('boss');
  await (await shop.scope()).contacts.update(staff.contact.id, { isStaff: true });
}, 60_000);
afterAll(() => shop.close());

const hoursNow = async () => (await shop.scope()).settings.business_hours;
/** As the service does after settings changed. */
async function follows(): Promise<void> {
  await followPublicHolidays({ service: shop.service, ...shop.shared }, await shop.scope());
}

it('public holidays are known by country and region, with names in both languages', async () => {
  const indonesia = await publicHolidays('ID', undefined, [2026]);
  const holidayOn = (date: string) => indonesia.find((each) => each.date === date);
  expect(holidayOn('2026-12-25')?.name).toEqual({ en: 'Christmas Day', id: 'Hari Natal' });
  expect(holidayOn('2026-03-20')?.also).toBe('lebaran');
  const epiphany = (all: typeof indonesia) => all.some(({ date }) => date === '2026-01-06');
  expect(epiphany(await publicHolidays('DE', 'BY', [2026]))).toBe(true);
  expect(epiphany(await publicHolidays('DE', undefined, [2026]))).toBe(false);
  expect(await publicHolidays('XX', undefined, [2026])).toEqual([]);
});

it.each([
  ['are you open on Christmas?', ['2026-12-25']],
  ['natal buka ga kak', ['2026-12-25']],
  ['pas lebaran buka?', ['2026-03-20', '2026-03-21']],
  ['buka di hari nyepi?', ['2026-03-19']],
  ['imlek tutup?', ['2026-02-17']],
  ['17 Agustus buka?', ['2026-08-17']],
  ['open on good friday?', ['2026-04-03']],
  ['tahun baru islam buka?', ['2026-06-16']],
])('the holidays asked about in %j are recognised', async (message, dates) => {
  const own = await publicHolidays('ID', undefined, [2026]);
  const special = specialDaysFrom(
    {
      holidays: [],
      exceptions: [],
      public_holidays: { enabled: true, corrections: [], days: [...own], days_of: '' },
    },
    TODAY,
  );
  expect(requestedTime(message, TODAY, special).days.map(({ date }) => date)).toEqual(dates);
});

it('public holidays are switched on in chat, fill in the days, and can be corrected one by one', async () => {
  const now = new Date();
  const year = String(now.getUTCFullYear() + 1);
  const christmas = `${year}-12-25`;
  const on = (date: string) => async () =>
    openingHours.onDay({ business_hours: await hoursNow() }, date, 'en');
  expect((await write(shop, staff, '/hours holidays')).text).toContain('holidays of ID are off');
  expect((await on(christmas)()).spans).toEqual(DAY);

  expect((await write(shop, staff, '/hours holidays on')).text).toContain('are on now');
  await follows();
  const { spans, holiday } = await on(christmas)();
  expect([spans, holiday]).toEqual([[], expect.stringContaining('Christmas Day')]);
  const listed = (await write(shop, staff, '/hours holidays', { locale: 'id' })).text;
  expect(listed).toMatch(/Hari Natal\): tutup/);

  expect((await write(shop, staff, `/hours open ${christmas}`)).text).toContain('usual hours');
  expect((await on(christmas)()).spans).toEqual(DAY);
  await write(shop, staff, `/hours open ${christmas} | 10:00-12:00, 13:00-14:00`);
  expect((await on(christmas)()).spans).toEqual([
    { open: '10:00', close: '12:00' },
    { open: '13:00', close: '14:00' },
  ]);
  await write(shop, staff, `/hours closed ${christmas} | Stock-taking`);
  expect(await on(christmas)()).toEqual({ spans: [], holiday: 'Stock-taking' });
  await write(shop, staff, `/hours open ${christmas}`);
  expect((await on(christmas)()).spans).toEqual(DAY);

  // Holidays that were filled in before are kept.
  const before = await hoursNow();
  await follows();
  expect(await hoursNow()).toEqual(before);
  await write(shop, staff, '/hours holidays off');
  expect((await on(`${year}-05-01`)()).spans).toEqual(DAY);
});

it('an unknown or past day and an invalid time are refused', async () => {
  expect((await write(shop, staff, '/hours closed someday')).text).toContain("I can't read “someday”");
  expect((await write(shop, staff, '/hours closed 2020-01-01')).text).toContain('as a day to come');
  expect((await write(shop, staff, '/hours open 25 Dec | 9 to 5')).text).toContain('It works like this');
});

it('a request for a person while the business is closed gets its own closing text', async () => {
  const scope = await shop.scope();
  const { business_hours: hours } = scope.settings;
  const customer = await shop.person('ani');
  const closedNow = { ...hours, days: { mon: [{ open: '00:00', close: '00:01' }] } };
  await shop.services.updateSettings(scope, {
    business_hours: { ...closedNow, closed_text: { id: 'Kami tutup, besok pagi kami balas.' } },
  });
  const inIndonesian = await write(shop, customer, '/human', {
    locale: 'id',
    now: new Date('2026-11-28T05:00:00Z'),
  });
  expect(inIndonesian.text).toContain('Kami tutup, besok pagi kami balas.');
  const other = await shop.person('bob');
  const inEnglish = await write(shop, other, '/human', { now: new Date('2026-11-28T05:00:00Z') });
  expect(inEnglish.text).toContain('We are closed right now.');
});
