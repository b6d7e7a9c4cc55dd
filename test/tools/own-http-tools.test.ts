import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { SapaClient } from '../e2e/support/http-client.js';
import { ask, calls, openHouse, says, type House } from './support/open-house.js';
import { startShopService, type ShopService } from './support/shop-service.js';

const SECRET = 'Bearer tok-5mQ0x7cWb2nVrT8s';

let house: House;
let shop: ShopService;
let harbour: SapaClient;
let other: SapaClient;
let people = 0;
const person = (): string => `person-${(people += 1)}`;

beforeAll(async () => {
  house = await openHouse({ OUTBOUND_ALLOW: '127.0.0.1' });
  shop = await startShopService();
  harbour = await house.business('harbour');
  other = await house.business('other');
}, 60_000);
beforeEach(() => {
  shop.calls.length = 0;
  shop.answer = () => ({});
  house.model.requests.length = 0;
});
afterAll(async () => {
  await house.close();
  await shop.close();
});

const add = (json: object, client = harbour) => client.call('POST', '/v1/tools/http', { json });
const orderStatus = () => ({
  name: 'order_status',
  description: 'Where an order is, by its number.',
  method: 'GET',
  url: `${shop.url}/orders/{order}`,
  headers: { Authorization: SECRET },
  input_schema: { type: 'object', properties: { order: { type: 'string' } }, required: ['order'] },
  result_path: 'data.items[0].state',
});
const bookTable = () => ({
  name: 'book_table',
  description: 'Books a table.',
  method: 'POST',
  url: `${shop.url}/bookings`,
  headers: { Authorization: SECRET },
  input_schema: {
    type: 'object',
    properties: { day: { type: 'string' }, guests: { type: 'integer', minimum: 1 } },
    required: ['day', 'guests'],
  },
});

/** What the model was given as the result of a tool. */
function told(round = 1): string {
  return JSON.stringify(house.model.requests[round]?.body);
}

it("a business's own tool is used in a turn and returns the selected part of the response", async () => {
  const response = await add(orderStatus());
  expect(response.status, response.text).toBe(201);
  expect(response.body).toMatchObject({ effect: 'read', confirmation: 'never', origin: 'own' });
  shop.answer = () => ({ body: { data: { items: [{ state: 'on the way' }], secret: 'of another' } } });
  house.model.play(calls('order_status', { order: 'A 7/b?x#y' }), says('It is on the way.'));
  const answer = await ask(harbour, person(), 'Where is my order A 7/b?x#y?');
  expect(answer).toMatchObject({ answer: 'It is on the way.', source: 'tool' });
  expect(shop.calls).toMatchObject([
    { method: 'GET', path: '/orders/A%207%2Fb%3Fx%23y', headers: { authorization: SECRET } },
  ]);
  expect(told()).toContain('on the way');
  expect(told()).not.toContain('of another');
});

it("a business's own tools belong to it alone, and are gone once it removes them", async () => {
  const listed = (await other.call('GET', '/v1/tools')).text;
  expect(listed).not.toContain('order_status');
  expect((await other.call('DELETE', '/v1/tools/order_status')).status).toBe(404);
  expect((await add(orderStatus())).status).toBe(200);
  expect((await harbour.call('DELETE', '/v1/tools/order_status')).status).toBe(204);
  expect((await harbour.call('DELETE', '/v1/tools/order_status')).status).toBe(404);
  house.model.play(says('Hello.'));
  await ask(harbour, person(), 'Hello, what do you know about orders?');
  expect(told(0)).not.toContain('order_status');
});

it("a tool's secrets are hidden from everybody, even on disk", async () => {
  await add(orderStatus());
  await add(bookTable());
  const toolList = (await harbour.call('GET', '/v1/tools')).text;
  expect(toolList).toContain('order_status');
  expect(toolList).not.toContain('tok-5mQ');
  const files = await readdir(house.dataDir, { recursive: true, withFileTypes: true });
  for (const file of files.filter((each) => each.isFile())) {
    const bytes = await readFile(join(file.parentPath, file.name));
    expect(bytes.includes('tok-5mQ0x7cWb2nVrT8s'), file.name).toBe(false);
  }
});

it('a tool with an effect is confirmed, runs once, and sends an idempotency key', async () => {
  await add(bookTable());
  house.model.play(calls('book_table', { day: 'Friday', guests: 4 }));
  const { pending_confirmation: pending, answer } = await ask(harbour, person(), 'A table for 4 on Friday');
  expect(answer).toContain('guests: 4');
  expect(shop.calls).toEqual([]);
  const path = `/v1/chat/confirmations/${pending?.id ?? ''}`;
  const confirm = () => harbour.call('POST', path, { json: { decision: 'confirm' } });
  const [first] = await Promise.all([confirm(), confirm()]);
  expect(first.body).toMatchObject({ status: 'done' });
  await confirm();
  expect(shop.calls).toHaveLength(1);
  expect(shop.calls[0]).toMatchObject({ method: 'POST', path: '/bookings' });
  expect(JSON.parse(shop.calls[0]?.body ?? '')).toEqual({ day: 'Friday', guests: 4 });
  expect(String(shop.calls[0]?.headers['idempotency-key'])).toMatch(/^run_/);
});

it.each([
  ['a reply that never arrived', { cut: true }, 'unknown'],
  ['a service error', { status: 503 }, 'unknown'],
  ['a redirect', { status: 307, headers: { location: '/elsewhere' } }, 'unknown'],
  ['a refusal', { status: 422 }, 'failed'],
])('after %s the result says truthfully whether the action happened', async (_what, reply, code) => {
  shop.answer = () => reply;
  house.model.play(calls('book_table', { day: 'Sunday', guests: 2 }));
  const { pending_confirmation: pending } = await ask(harbour, person(), 'A table for 2 on Sunday');
  const done = await harbour.call('POST', `/v1/actions/${pending?.id ?? ''}/confirm`);
  expect(done.body).toMatchObject({ status: 'failed', error: { code } });
  expect(shop.calls).toHaveLength(1);
});

it('a tool without confirmation also tells the model if its outcome is unknown', async () => {
  await harbour.call('PUT', '/v1/tools/book_table', { json: { confirmation: 'never' } });
  shop.answer = () => ({ cut: true });
  house.model.play(calls('book_table', { day: 'Sunday', guests: 2 }), says('I do not know.'));
  await ask(harbour, person(), 'A table for 2 on Sunday');
  expect(told()).toContain('not known whether it was done');
  expect(shop.calls).toHaveLength(1);
  await harbour.call('PUT', '/v1/tools/book_table', { json: { confirmation: 'person' } });
});

it('a tool replaced after it was requested is not run', async () => {
  house.model.play(calls('book_table', { day: 'Monday', guests: 2 }));
  const { pending_confirmation: pending } = await ask(harbour, person(), 'A table for 2 on Monday');
  await add({ ...bookTable(), url: `${shop.url}/other` });
  const done = await harbour.call('POST', `/v1/actions/${pending?.id ?? ''}/confirm`);
  expect(done.body).toMatchObject({ status: 'failed', error: { code: 'not-allowed' } });
  expect(shop.calls).toEqual([]);
});

it('an argument can neither escape the path nor leave it empty', async () => {
  await add(orderStatus());
  for (const order of ['..', '.', '', '../admin', 'a/../../b', '..\\admin', '%2e%2e']) {
    shop.calls.length = 0;
    house.model.requests.length = 0;
    house.model.play(calls('order_status', { order }), says('I could not look that up.'));
    await ask(harbour, person(), `Where is my order "${order}"?`);
    const path = shop.calls[0]?.path ?? '/orders/';
    expect(path, order).toMatch(/^\/orders\/(?:%252e%252e)?$/);
  }
});

it('a tool knows for whom it acts, which no model can choose', async () => {
  await add({
    ...orderStatus(),
    name: 'my_orders',
    url: `${shop.url}/orders?of={contact.user_id}&state={state}`,
    input_schema: { type: 'object', properties: { state: { type: 'string' } } },
    result_path: undefined,
  });
  house.model.play(calls('my_orders', { state: 'open', 'contact.user_id': 'siti' }), says('None.'));
  await ask(harbour, 'budi', 'Which open orders have I?');
  expect(shop.calls).toEqual([]);
  house.model.play(calls('my_orders', { state: 'open' }), says('None.'));
  await ask(harbour, 'budi', 'Which open orders have I?');
  expect(shop.calls[0]?.path).toBe('/orders?of=budi&state=open');
});

it('a redirect of a read is followed, without secrets to another host and never inside', async () => {
  const elsewhere = await startShopService();
  elsewhere.answer = () => ({ body: { data: { items: [{ state: 'found' }] } } });
  shop.answer = () => ({ status: 302, headers: { location: `${elsewhere.url}/moved` } });
  house.model.play(calls('order_status', { order: '1' }), says('Found.'));
  await ask(harbour, person(), 'Where is my order 1?');
  expect(told()).toContain('found');
  expect(elsewhere.calls[0]?.headers.authorization).toBeUndefined();
  await elsewhere.close();
  house.model.requests.length = 0;
  shop.answer = () => ({ status: 302, headers: { location: 'http://169.254.169.254/latest/meta-data' } });
  house.model.play(calls('order_status', { order: '1' }), says('I could not look that up.'));
  await ask(harbour, person(), 'Where is my order 1?');
  expect(told()).toContain('cannot be called');
});

it('a response that is too long or malformed is reported as a failure', async () => {
  for (const [body, saying] of [
    ['x'.repeat(600_000), 'too long'],
    ['<html>', 'without what was asked for'],
    [{ data: {} }, 'without what was asked for'],
  ] as const) {
    house.model.requests.length = 0;
    shop.answer = () => ({ body });
    house.model.play(calls('order_status', { order: '1' }), says('I could not look that up.'));
    await ask(harbour, person(), 'Where is my order 1?');
    expect(told()).toContain(saying);
  }
});

it.each([
  ['a private address', { url: 'http://10.0.0.1/{order}' }, 'url', 422],
  ['a placeholder in the host', { url: 'http://{order}.example/' }, 'url', 400],
  ['credentials in the URL', { url: 'https://me:pw@shop.example/{order}' }, 'url', 400],
  ['a path with ..', { url: 'https://shop.example/a/../{order}' }, 'url', 400],
  ['an unknown placeholder', { url: 'https://shop.example/{number}' }, 'url', 400],
  ['an input that is not an object', { input_schema: { type: 'string' } }, 'input_schema', 400],
  ['a connection header', { headers: { Host: 'bank.example' } }, 'headers.Host', 400],
  ['a line break in a header', { headers: { a: 'b\r\nc: d' } }, 'headers.a', 400],
  ['an invalid name', { name: 'Order Status' }, 'name', 400],
  ['the name of a built-in tool', { name: 'calculate' }, undefined, 409],
])('a tool with %s is refused', async (_what, change, path, status) => {
  const answer = await add({ ...orderStatus(), ...change });
  expect(answer.status, answer.text).toBe(status);
  if (path !== undefined) expect(answer.body['errors']).toMatchObject([{ path }]);
});
