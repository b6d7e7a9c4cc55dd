import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually, pause } from '../support/wait.js';
import { sapaClient, type SapaClient } from './support/http-client.js';
import { prepareBusiness, type PreparedBusiness } from './support/prepared-business.js';
import { startSapa, type RunningSapa } from './support/start-sapa.js';

interface Call {
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: string;
}

let business: PreparedBusiness;
let sapa: RunningSapa;
let shop: SapaClient;
let receiver: Server;
let address: string;
/** The status that the receiver returns from now on. */
let status = 200;
let retryAfter: string | undefined;
const calls: Call[] = [];

beforeAll(async () => {
  receiver = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const headers = Object.fromEntries(
        Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
      );
      calls.push({ path: request.url ?? '', headers, body: Buffer.concat(chunks).toString() });
      const wait = retryAfter === undefined ? {} : { 'Retry-After': retryAfter };
      response.writeHead(status, status === 302 ? { Location: '/elsewhere' } : wait).end();
    });
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  address = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`;
  business = await prepareBusiness();
  await start('127.0.0.1');
}, 120_000);
afterAll(async () => {
  await sapa.stop();
  await business.close();
  receiver.closeAllConnections();
  await new Promise((resolve) => receiver.close(resolve));
});

async function start(allow: string): Promise<void> {
  sapa = await startSapa({ dataDir: await business.copy(), env: { OUTBOUND_ALLOW: allow } });
  shop = sapaClient({ url: sapa.url, key: sapa.adminKey, tenantId: 'demo' });
}

async function hookAt(path: string, events: readonly string[]) {
  const created = await shop.call('POST', '/hooks', { json: { url: address + path, events } });
  expect(created.status, created.text).toBe(201);
  return { id: String(created.body['id']), secret: String(created.body['secret']) };
}

const callsAt = (path: string): Call[] => calls.filter((call) => call.path === path);

function read(secret: string, call: Call): Record<string, unknown> {
  return new Webhook(secret).verify(call.body, call.headers) as Record<string, unknown>;
}

async function told(path: string, secret: string, type: string): Promise<Record<string, unknown>> {
  const match = await eventually(
    () =>
      callsAt(path)
        .map((call) => read(secret, call))
        .find((event) => event['type'] === type),
    (event) => event !== undefined,
    8_000,
  );
  return match ?? {};
}

async function deliveries(id: string, of: string): Promise<readonly Record<string, unknown>[]> {
  const { body } = await shop.call('GET', `/hooks/${id}/deliveries?status=${of}`);
  return body['items'] as Record<string, unknown>[];
}

async function firstOf(id: string, of: string): Promise<Record<string, unknown>> {
  const [first] = await eventually(
    () => deliveries(id, of),
    (matches) => matches.length > 0,
  );
  return first ?? {};
}

it('a webhook receives events, signed with a secret that is shown once', async () => {
  const { id, secret } = await hookAt('/all', [
    'message.received',
    'answer.sent',
    'contact.created',
    'contact.updated',
    'contact.deleted',
    'feedback.received',
    'followup.sent',
    'conversation.handover',
    'conversation.released',
  ]);
  expect(secret).toMatch(/^whsec_/);
  expect((await shop.call('GET', '/hooks')).text).not.toContain('whsec_');

  await shop.call('POST', `/hooks/${id}/test`);
  const test = await told('/all', secret, 'hook.test');
  expect(test).toMatchObject({ tenant_id: 'demo', data: { hook_id: id } });
  const [first] = callsAt('/all');
  expect(first?.headers['webhook-id']).toBe(test['id']);
  expect(() => new Webhook(secret).verify(`${first?.body} `, first?.headers ?? {})).toThrow();

  const answer = await shop.chat('What are your opening hours?', { user_id: 'ani' });
  const received = await told('/all', secret, 'message.received');
  expect(received['data']).toMatchObject({
    conversation_id: answer.conversation_id,
    text: 'What are your opening hours?',
  });
  const delivery = await told('/all', secret, 'answer.sent');
  expect(delivery['data']).toMatchObject({ message_id: answer.message_id, answer: answer.answer });
  await told('/all', secret, 'contact.created');

  await shop.call('POST', `/chat/${answer.message_id}/feedback`, { json: { rating: 'up' } });
  expect((await told('/all', secret, 'feedback.received'))['data']).toMatchObject({ rating: 'up' });

  const { contact_id: contactId } = delivery['data'] as Record<string, unknown>;
  await shop.call('POST', '/followup/schedule', {
    json: { contact_id: contactId, message: 'Hi!', in: 'PT1S' },
  });
  expect((await told('/all', secret, 'followup.sent'))['data']).toMatchObject({
    message: 'Hi!',
    status: 'sent',
  });

  await shop.call('POST', `/v1/conversations/${answer.conversation_id}/takeover`);
  await told('/all', secret, 'conversation.handover');
  await shop.call('POST', `/v1/conversations/${answer.conversation_id}/release`);
  await told('/all', secret, 'conversation.released');

  await shop.call('PATCH', `/contacts/${String(contactId)}`, { json: { name: 'Ani' } });
  expect((await told('/all', secret, 'contact.updated'))['data']).toMatchObject({ name: 'Ani' });
  await shop.call('DELETE', `/contacts/${String(contactId)}`);
  expect((await told('/all', secret, 'contact.deleted'))['data']).toEqual({ id: contactId });
});

it('a failed delivery is retried with the same id, and redirects are not followed', async () => {
  const { id, secret } = await hookAt('/down', ['contact.created']);
  status = 503;
  await shop.call('POST', '/contacts', { json: { name: 'Budi', phone: '+62 812 3456 7001' } });
  const waiting = await eventually(
    () => firstOf(id, 'pending'),
    ({ attempts }) => Number(attempts) >= 1,
  );
  expect(waiting).toMatchObject({ last_status: 503, type: 'contact.created' });
  status = 302;
  const path = `/hooks/${id}/deliveries/${String(waiting['id'])}/retry`;
  expect((await shop.call('POST', path)).status).toBe(202);
  await eventually(
    () => firstOf(id, 'pending'),
    ({ attempts }) => Number(attempts) >= 2,
  );
  status = 200;
  await shop.call('POST', path);
  // The automatic retry may coincide with the requested one; the id shows that both are the same delivery.
  const delivered = await firstOf(id, 'delivered');
  expect(delivered).toMatchObject({ id: waiting['id'] });
  expect(delivered?.['attempts']).toBeGreaterThanOrEqual(3);
  expect(callsAt('/elsewhere')).toEqual([]);
  const ids = callsAt('/down').map((call) => read(secret, call)['id']);
  expect(ids.length).toBeGreaterThanOrEqual(3);
  expect(new Set(ids)).toEqual(new Set([waiting['id']]));
  expect((await shop.call('POST', path)).body['code']).toBe('already_delivered');
}, 90_000);

it('a receiver that is gone is given up at once, until a retry is requested', async () => {
  const { id } = await hookAt('/gone', ['contact.created']);
  status = 410;
  await shop.call('POST', `/hooks/${id}/test`);
  const dead = await firstOf(id, 'dead');
  expect(dead).toMatchObject({ attempts: 1, last_status: 410, next_attempt_at: null });
  status = 200;
  await shop.call('POST', `/hooks/${id}/deliveries/${String(dead['id'])}/retry`);
  expect(await firstOf(id, 'delivered')).toMatchObject({ id: dead['id'] });
});

it('a webhook receives only its events, and none after it is deleted', async () => {
  const { id } = await hookAt('/few', ['contact.merged']);
  await shop.call('POST', '/contacts', { json: { name: 'Citra', phone: '+62 812 3456 7002' } });
  expect((await shop.call('DELETE', `/hooks/${id}`)).status).toBe(204);
  expect((await shop.call('GET', `/hooks/${id}/deliveries`)).status).toBe(404);
  await pause(500);
  expect(callsAt('/few')).toEqual([]);
});

it('an invalid address or an unknown event is refused', async () => {
  for (const json of [
    { url: 'ftp://shop.example', events: ['answer.sent'] },
    { url: address, events: ['everything'] },
    { url: address, events: [] },
  ]) {
    expect((await shop.call('POST', '/hooks', { json })).status, JSON.stringify(json)).toBe(400);
  }
});

it('events of one contact arrive in order, wait as requested, and delay no other contact', async () => {
  const { id } = await hookAt('/ordered', ['contact.created', 'contact.updated']);
  status = 503;
  retryAfter = '3600';
  const saved = await shop.call('POST', '/contacts', { json: { name: 'First', phone: '081300001111' } });
  const contact = String(saved.body['id']);
  await eventually(
    () => callsAt('/ordered').length,
    (count) => count === 1,
  );
  const deliveries = async () =>
    (await shop.call('GET', `/hooks/${id}/deliveries`)).body['items'] as Record<string, string>[];
  const [waiting] = await eventually(deliveries, ([first]) => first?.['last_status'] !== undefined);
  const waitMs = Date.parse(waiting?.['next_attempt_at'] ?? '') - Date.now();
  expect(waitMs).toBeGreaterThan(50 * 60_000);
  status = 200;
  retryAfter = undefined;
  await shop.call('PATCH', `/contacts/${contact}`, { json: { name: 'Second' } });
  await shop.call('PATCH', `/contacts/${contact}`, { json: { name: 'Third' } });
  await shop.call('POST', '/contacts', { json: { name: 'Another', phone: '081300002222' } });
  await eventually(
    () => callsAt('/ordered').length,
    (count) => count === 2,
  );
  await shop.call('POST', `/hooks/${id}/deliveries/${waiting?.['id'] ?? ''}/retry`);
  const names = await eventually(
    () => callsAt('/ordered').map(({ body }) => (JSON.parse(body) as { data: { name: string } }).data.name),
    ({ length }) => length === 5,
  );
  expect(names).toEqual(['First', 'Another', 'First', 'Second', 'Third']);
});

it('a private address is never called unless the operator allows it', async () => {
  await sapa.stop();
  await start('192.0.2.0/24');
  const port = new URL(address).port;
  for (const host of [
    '127.0.0.1',
    'localhost',
    '[::1]',
    '[::ffff:127.0.0.1]',
    '10.0.0.8',
    '169.254.169.254',
  ]) {
    const json = { url: `http://${host}:${port}/private`, events: ['answer.sent'] };
    const { status: answered, body } = await shop.call('POST', '/hooks', { json });
    expect([host, answered, body['code']]).toEqual([host, 422, 'url_not_allowed']);
  }
  expect(callsAt('/private')).toEqual([]);
});
