import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { SapaClient } from '../e2e/support/http-client.js';
import { ask, openHouse, type House } from './support/open-house.js';
import { startShopService, type ShopService } from './support/shop-service.js';

let house: House;
let shop: ShopService;
let harbour: SapaClient;
let people = 0;
const person = (): string => `person-${(people += 1)}`;

beforeAll(async () => {
  // Without a model: a command is explicit, so no model has to choose.
  house = await openHouse({ OUTBOUND_ALLOW: '127.0.0.1', LLM_CHAIN: 'extractive' });
  shop = await startShopService();
  harbour = await house.business('harbour');
  const orderStatus = {
    name: 'order_status',
    description: 'Where an order is.',
    method: 'GET',
    url: `${shop.url}/orders/{order}`,
    input_schema: { type: 'object', properties: { order: { type: 'string' } }, required: ['order'] },
  };
  const bookTable = {
    name: 'book_table',
    description: 'Books a table.',
    method: 'POST',
    url: `${shop.url}/bookings`,
    input_schema: {
      type: 'object',
      properties: { day: { type: 'string' }, guests: { type: 'integer', minimum: 1 } },
      required: ['day', 'guests'],
    },
  };
  for (const json of [orderStatus, bookTable]) {
    expect((await harbour.call('POST', '/v1/tools/http', { json })).status).toBe(201);
  }
}, 60_000);
beforeEach(() => {
  shop.calls.length = 0;
  shop.answer = () => ({});
});
afterAll(async () => {
  await house.close();
  await shop.close();
});

it('a tool is called by name as a command, and its result is shown in lines', async () => {
  shop.answer = () => ({ body: { state: 'on the way', parcels: [{ no: 1, weight: '2 kg' }] } });
  const { answer, source } = await ask(harbour, person(), '/order_status A-17');
  expect(shop.calls.map(({ path }) => path)).toEqual(['/orders/A-17']);
  expect(source).toBe('tool');
  expect(answer).toContain('**state**: on the way');
  expect(answer).toContain('**parcels**: no: 1; weight: 2 kg');
  expect(house.model.requests).toEqual([]);
});

it('a calculation is answered, and unreadable arguments get a usage hint', async () => {
  expect((await ask(harbour, person(), '/calculate 3 * 25000')).answer).toContain('**value**: 75000');
  expect((await ask(harbour, person(), '/calculate three times')).answer).toContain('/calculate …');
  const unclear = await ask(harbour, person(), '/book_table tomorrow for two');
  expect(unclear.answer).toContain('/book_table day=… guests=…');
  expect(shop.calls).toEqual([]);
});

it('a tool with an effect asks first, with every argument, and runs once after confirmation', async () => {
  const user = person();
  const { pending_confirmation: pending, answer } = await ask(
    harbour,
    user,
    '/book_table day="next Friday" guests=4',
  );
  expect(shop.calls).toEqual([]);
  expect(pending).toMatchObject({ tool: 'book_table', arguments: { day: 'next Friday', guests: 4 } });
  expect(answer).toContain('next Friday');
  await ask(harbour, user, `/confirm ${pending?.id ?? ''}`);
  await expect.poll(() => shop.calls.length, { timeout: 20_000 }).toBe(1);
  expect(shop.calls[0]).toMatchObject({ method: 'POST', path: '/bookings' });
});

it('staff tools and unknown ones are unknown commands to everybody else', async () => {
  for (const line of ['/find_contact Rina', '/export_contacts', '/order_stats 1']) {
    const { answer, source } = await ask(harbour, person(), line);
    expect(source).toBe('command');
    expect(answer).toMatch(/do not know|don't know|no command|unknown/iu);
  }
  expect((await harbour.call('GET', '/v1/actions?status=waiting')).body['items']).toEqual([]);
});

it('a link in what a tool found leaves only to hosts that the business allows', async () => {
  shop.answer = () => ({ body: { track: 'https://evil.example/a?b=1' } });
  expect((await ask(harbour, person(), '/order_status A-18')).answer).not.toContain('evil.example');
});
