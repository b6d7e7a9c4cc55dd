import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { amountIn } from '../../src/knowledge/catalogue.js';
import type { SapaClient } from '../e2e/support/http-client.js';
import { eventually } from '../support/wait.js';
import { openHouse, type House } from './support/open-house.js';

const rooms = `Room,Price (Rp),Beds,View,Deposit
Melati,450.000,1,garden,0
Kenanga,"600,000",2,garden,0
Cempaka,1.25jt,3,sea,0
Anggrek,620rb,2,sea,0
`;

let house: House;
let hotel: SapaClient;

beforeAll(async () => {
  house = await openHouse();
  hotel = await house.business('hotel');
  const { body } = await hotel.upload('rooms.csv', rooms, 'text/csv');
  await eventually(
    async () => (await hotel.call('GET', `/v1/kb/documents/${String(body['document_id'])}`)).body,
    ({ status }) => status === 'ready',
    60_000,
  );
}, 90_000);
afterAll(() => house.close());

const answerSchema = z.object({
  result: z.object({
    content: z.tuple([z.object({ text: z.string() })]),
    isError: z.boolean(),
    structuredContent: z.object({ pending_confirmation: z.object({ id: z.string() }) }).optional(),
  }),
});

/** Calls a tool as the business itself, or as a person of the API if `user` is given. */
async function run(name: string, input: object, user?: string) {
  const params = { name, arguments: input, ...(user === undefined ? {} : { _meta: { user_id: user } }) };
  const { text } = await hotel.call('POST', '/v1/mcp', {
    json: { jsonrpc: '2.0', id: 1, method: 'tools/call', params },
    headers: { Accept: 'application/json, text/event-stream' },
  });
  const { result } = answerSchema.parse(JSON.parse(text));
  return { ...result, text: result.content[0].text };
}

async function read(name: string, input: object): Promise<unknown> {
  const { text, isError } = await run(name, input);
  expect(isError, text).toBe(false);
  return JSON.parse(text);
}

/** Calls a tool, confirms the action and returns the result. */
async function done(name: string, input: object, user?: string) {
  const { structuredContent } = await run(name, input, user);
  const id = structuredContent?.pending_confirmation.id ?? '';
  return (await hotel.call('POST', `/v1/actions/${id}/confirm`)).body;
}

const names = (items: readonly { name: string }[]): readonly string[] => items.map(({ name }) => name);

it('the catalogue is searched by words, conditions and order, and its columns are named', async () => {
  const cheapest = { sort_by: 'price', limit: 2 };
  expect(await read('catalogue_search', cheapest)).toMatchObject({
    columns: ['Price (Rp)', 'Beds', 'View', 'Deposit'],
    total: 4,
    items: [{ name: 'Melati', 'Price (Rp)': '450.000' }, { name: 'Kenanga' }],
  });
  const sea = { words: 'sea', where: [{ column: 'price', is: 'at_most', value: 700_000 }] };
  expect(await read('catalogue_search', sea)).toMatchObject({ total: 1, items: [{ name: 'Anggrek' }] });
  // Nothing is not 0.
  for (const is of ['equal', 'at_least', 'at_most']) {
    expect(
      await read('catalogue_search', { where: [{ column: 'deposit', is, value: '' }] }),
      is,
    ).toMatchObject({ total: 0 });
  }
  expect(await read('catalogue_search', { words: 'spaceship' })).toMatchObject({ total: 0 });
  const wrong = await run('catalogue_search', { sort_by: 'colour' });
  expect(wrong).toMatchObject({ isError: true });
  expect(wrong.text).toContain('Beds, View');
});

it('recommendations are most like the given item', async () => {
  const { items } = z
    .object({ items: z.array(z.object({ name: z.string() })) })
    .parse(await read('recommend_items', { like: 'Kenanga', limit: 2 }));
  expect(names(items)).toEqual(['Melati', 'Anggrek']);
});

it.each([
  ['45.000', 45_000],
  ['Rp1.250.000,-', 1_250_000],
  ['1,25 jt', 1_250_000],
  ['85rb', 85_000],
  ['12.5', 12.5],
  ['1,234.50', 1234.5],
  ['0812-3456-7890', undefined],
  ['B-12', undefined],
  ['2 malam', undefined],
])('an amount is read from %s', (input, amount) => {
  expect(amountIn(input)).toBe(amount);
});

it('date arithmetic follows the calendar', async () => {
  const leap = { date: '2028-01-31', months: 1 };
  expect(await read('date_math', leap)).toMatchObject({ date: '2028-02-29', weekday: 'Tuesday' });
  const between = { date: '2026-12-24', until: '2027-01-01' };
  expect(await read('date_math', between)).toMatchObject({ days_between: 8, until_weekday: 'Friday' });
});

it('a lead is saved for the person who asks, after confirmation', async () => {
  expect(await done('save_lead', { interest: 'A wedding for 80 guests' }, 'wulan')).toMatchObject({
    status: 'done',
    summary: 'Tell our team that you are interested: A wedding for 80 guests',
  });
  const { body } = await hotel.call('GET', '/v1/contacts?tag=lead');
  const [wulan] = z.array(z.object({ id: z.string() })).parse(body['items']);
  expect((await hotel.call('GET', `/v1/contacts/${wulan?.id ?? ''}/notes`)).text).toContain('80 guests');
});

it('facts are stored for staff, and an invalid one is refused with the reason', async () => {
  const { body } = await hotel.call('POST', '/v1/contacts', {
    json: { name: 'Tari', phone: '0812 3456 7890' },
  });
  const contact = { contact_id: String(body['id']) };
  expect(await done('set_contact_field', { ...contact, field: 'name', value: 'Tari W.' })).toMatchObject({
    status: 'done',
  });
  expect(await done('set_contact_field', { ...contact, field: 'phone', value: 'none' })).toMatchObject({
    status: 'failed',
    error: { code: 'invalid-input' },
  });
  await done('add_tag', { ...contact, tag: 'vip' });
  expect(await done('remove_tag', { ...contact, tag: 'vip' })).toMatchObject({ result: { tags: [] } });
});

it('a code and a file go to the chat and never into a tool result', async () => {
  const invited = await done('invite_staff', {});
  expect(invited).toMatchObject({ status: 'done', result: { written_to_chat: true } });
  const exported = await done('export_contacts', {});
  expect(exported).toMatchObject({ status: 'done', result: { sent: 'contacts.csv' } });
});

it('bookings fit the opening hours, happen once each, and only if the business enabled them', async () => {
  await expect(run('propose_times', {})).rejects.toThrow();
  for (const name of ['propose_times', 'book_appointment', 'list_appointments', 'cancel_appointment']) {
    expect((await hotel.call('PUT', `/v1/tools/${name}`, { json: { enabled: true } })).status).toBe(200);
  }
  const day = new Date(Date.now() + 40 * 86_400_000).toISOString().slice(0, 10);
  const open = [{ open: '09:00', close: '12:00' }];
  const days = Object.fromEntries(
    ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'].map((name) => [name, open]),
  );
  const json = { timezone: 'Asia/Jakarta', business_hours: { days } };
  expect((await hotel.call('PATCH', '/v1/tenants/hotel/settings', { json })).status).toBe(200);
  const times = { from: day, days: 1, minutes: 60 };
  const free = async (): Promise<string> => JSON.stringify(await read('propose_times', times));
  expect(await free()).toMatch(/"09:00".*"09:30".*"11:00"/);
  const booking = { date: day, time: '10:00', minutes: 60, subject: 'Tasting; menu, wine' };
  expect(await done('book_appointment', booking, 'sari')).toMatchObject({ status: 'done' });
  expect(await done('book_appointment', { ...booking, time: '10:30' }, 'budi')).toMatchObject({
    status: 'failed',
    error: { detail: 'The time is taken.' },
  });
  expect(await done('book_appointment', { ...booking, time: '11:30' }, 'budi')).toMatchObject({
    status: 'failed',
    error: { code: 'invalid-input' },
  });
  expect(await free()).not.toMatch(/"09:30"|"10:00"|"10:30"/);
  const listed = await hotel.call('GET', `/v1/appointments?from=${day}&to=${day}`);
  const [booked] = z.array(z.object({ id: z.string(), starts_at: z.string() })).parse(listed.body['items']);
  expect(booked?.starts_at).toBe(`${day}T03:00:00.000Z`);
  const calendar = (await hotel.call('GET', `/v1/appointments/calendar.ics?from=${day}`)).text;
  expect(calendar).toContain(`DTSTART:${day.replaceAll('-', '')}T030000Z\r\n`);
  expect(calendar).toContain('Tasting\\; menu\\, wine');
  const cancel = { id: booked?.id ?? '' };
  expect(await done('cancel_appointment', cancel, 'budi')).toMatchObject({ status: 'failed' });
  expect(await done('cancel_appointment', cancel, 'sari')).toMatchObject({ status: 'done' });
  expect(await free()).toContain('"10:00"');
});

it('tables and models are listed, and predictions need a model', async () => {
  expect(await read('list_datasets', {})).toEqual({ datasets: [] });
  expect(await read('list_models', {})).toEqual({ models: [] });
  expect(await read('report', { period: 'weekly' })).toMatchObject({ text: expect.any(String) as string });
  expect(await run('predict', { row: { beds: 2 } })).toMatchObject({ isError: true });
});

it('there are at least thirty tools, and staff tools are for staff only', async () => {
  const { body } = await hotel.call('GET', '/v1/tools');
  const tools = z.array(z.object({ name: z.string(), permission: z.string() })).parse(body['items']);
  expect(tools.length).toBeGreaterThanOrEqual(30);
  const forStaff = tools.filter(({ permission }) => permission === 'staff').map(({ name }) => name);
  expect(forStaff).toEqual(expect.arrayContaining(['predict', 'export_contacts', 'invite_staff', 'usage']));
});
