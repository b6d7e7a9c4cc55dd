import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { Webhook } from 'standardwebhooks';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { HookDelivery } from '../../src/automation/hook.js';
import { createJobQueue } from '../../src/jobs/index.js';
import { systemClock } from '../../src/lib/time/clock.js';
import { createGuardedFetch } from '../../src/lib/net/guarded-fetch.js';
import { startLoopbackServer, type LoopbackServer } from '../fakes/loopback-server.js';
import { silentLogger } from '../fakes/silent-logger.js';
import { makeTlsCertificate } from '../fakes/whatsapp/tls-certificate.js';
import { eventually } from '../support/wait.js';
import { openHookDesk, type HookDesk } from './hook-desk.js';

const TIMEOUT_MS = 3_000;
const HOUR_MS = 3_600_000;

interface Call {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

let desk: HookDesk;
let receiver: LoopbackServer;
let secured: LoopbackServer;
let inner: LoopbackServer;
let innerCalls = 0;
let calls: Call[] = [];
/** Responses that are held back until the test says so. */
const held: ServerResponse[] = [];
let areHeldBack = true;

const later = (work: () => void): unknown => setTimeout(work, 200);

/** What a receiver does at each address, once it has read the request. */
const receivers: Readonly<Record<string, (response: ServerResponse) => unknown>> = {
  well: (response) => response.writeHead(204).end(),
  'headers-late': (response) => later(() => response.writeHead(200).end('ok')),
  drips: (response) => {
    response.writeHead(200).write('a');
    const dripping = setInterval(() => response.write('a'), 20);
    response.on('close', () => clearInterval(dripping));
  },
  'never-ends': (response) => {
    response.writeHead(202);
    const pour = (): void => {
      while (!response.destroyed && response.write('a'.repeat(65_536)));
    };
    response.on('drain', pour);
    pour();
  },
  'resets-after-headers': (response) => {
    response.writeHead(200, { 'Content-Length': 100 }).write('a');
    later(() => response.socket?.resetAndDestroy());
  },
  'gives-hints-first': (response) => {
    response.writeEarlyHints({ link: '</a>; rel=preload' });
    later(() => response.writeHead(200).end());
  },
  'switches-protocols': (response) =>
    response.socket?.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n'),
  'only-hints': (response) => response.writeEarlyHints({ link: '</a>; rel=preload' }),
  'is-silent': () => undefined,
  'hangs-up': (response) => response.socket?.end(),
  'speaks-nonsense': (response) => response.socket?.end('hello\r\n\r\n'),
  'is-gone': (response) => response.writeHead(410).end(),
  'has-too-much': (response) => response.writeHead(429, { 'Retry-After': '3600' }).end(),
  'is-away-until': (response) =>
    response.writeHead(503, { 'Retry-After': new Date(Date.now() + 2 * HOUR_MS).toUTCString() }).end(),
  'asks-too-much': (response) => response.writeHead(503, { 'Retry-After': '99999999' }).end(),
  'moved-inside': (response) =>
    response.writeHead(301, { Location: `http://127.0.0.2:${port(inner)}/x` }).end(),
  'holds-back': (response) => (areHeldBack ? held.push(response) : response.writeHead(200).end()),
};

const port = ({ host }: LoopbackServer): string => host.split(':')[1] ?? '';

beforeAll(async () => {
  const answer = (
    { url = '', headers }: { readonly url?: string | undefined; readonly headers: IncomingHttpHeaders },
    response: ServerResponse,
    body: Buffer,
  ): void => {
    calls.push({ path: url, headers, body: body.toString() });
    receivers[url.slice(1)]?.(response);
  };
  receiver = await startLoopbackServer(answer);
  secured = await startLoopbackServer(answer, { certificate: makeTlsCertificate() });
  inner = await startLoopbackServer((_request, response) => {
    innerCalls += 1;
    response.end();
  });
  const outbound = createGuardedFetch({ allow: ['127.0.0.1'] });
  desk = await openHookDesk({ clock: systemClock, outbound, timeoutMs: TIMEOUT_MS });
}, 60_000);
afterEach(() => {
  calls = [];
});
afterAll(async () => {
  for (const server of [receiver, secured, inner]) await server.close();
  await desk.close();
});

/** Sends one event to this address, once, and returns what is known of its delivery. */
async function deliver(url: string): Promise<{ readonly delivery: HookDelivery; readonly secret: string }> {
  const { hook, secret } = await desk.hooks.create(desk.scope, url, ['contact.created']);
  await desk.hooks.emit(desk.scope, 'contact.created', { id: `contact_of_${hook.id}`, name: 'Ani' });
  await desk.runNext();
  const [delivery] = await desk.deliveriesOf(hook.id);
  await desk.hooks.remove(desk.scope, hook.id);
  desk.waiting.clear();
  if (delivery === undefined) throw new Error('nothing was stored');
  return { delivery, secret };
}

const waitOf = ({ nextAttemptAt, lastAttemptAt }: HookDelivery): number =>
  (nextAttemptAt?.getTime() ?? 0) - (lastAttemptAt?.getTime() ?? 0);

it.each(['well', 'headers-late', 'drips', 'never-ends', 'resets-after-headers', 'gives-hints-first'])(
  'an event is delivered once the status is a success, however the response continues: %s',
  async (path) => {
    const { delivery, secret } = await deliver(`${receiver.url}/${path}`);
    expect(delivery).toMatchObject({ status: 'delivered', attempts: 1 });
    expect(calls).toHaveLength(1);
    for (const { body, headers } of calls) {
      const signed = headers as Record<string, string>;
      const event = new Webhook(secret).verify(body, signed);
      expect(event).toMatchObject({ id: delivery.id, type: 'contact.created', data: { name: 'Ani' } });
      expect(() => new Webhook(secret).verify(body.replace('Ani', 'Budi'), signed)).toThrow();
    }
  },
);

it.each([
  ['switches-protocols', { lastStatus: 101, lastError: 'answered 101' }],
  ['only-hints', { lastStatus: 0, lastError: 'timeout' }],
  ['is-silent', { lastStatus: 0, lastError: 'timeout' }],
  ['hangs-up', { lastStatus: 0, lastError: 'unreachable (ECONNRESET)' }],
  ['speaks-nonsense', { lastStatus: 0, lastError: 'unreachable (HPE_INVALID_CONSTANT)' }],
  ['moved-inside', { lastStatus: 301, lastError: 'answered 301' }],
])('a receiver that fails is soon called again: %s', async (path, outcome) => {
  const { delivery } = await deliver(`${receiver.url}/${path}`);
  expect(delivery).toMatchObject({ status: 'pending', attempts: 1, ...outcome });
  expect(waitOf(delivery)).toBeLessThan(10_000);
  expect(innerCalls).toBe(0);
});

it('nothing is sent to a receiver without a valid certificate, and the reason is stored', async () => {
  const nobody = await startLoopbackServer(() => undefined);
  await nobody.close();
  for (const [url, reason] of [
    [`${secured.url}/well`, /^unreachable \((DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN)\)$/],
    [`${receiver.url.replace('http:', 'https:')}/well`, /^unreachable \(E.*\)$/],
    [`${nobody.url}/well`, /^unreachable \(ECONNREFUSED\)$/],
    [`http://127.0.0.2:${port(inner)}/well`, /^forbidden$/],
  ] as const) {
    const { delivery } = await deliver(url);
    expect([url, delivery.status, delivery.lastError]).toEqual([
      url,
      'pending',
      expect.stringMatching(reason),
    ]);
  }
  expect(calls).toEqual([]);
  expect(innerCalls).toBe(0);
});

it('a receiver that is gone is not called again, and one that names a time is called then, within a day', async () => {
  expect((await deliver(`${receiver.url}/is-gone`)).delivery).toMatchObject({ status: 'dead', attempts: 1 });
  for (const [path, hours] of [
    ['has-too-much', 1],
    ['is-away-until', 2],
    ['asks-too-much', 24],
  ] as const) {
    const { delivery } = await deliver(`${receiver.url}/${path}`);
    expect([path, delivery.status, Math.round(waitOf(delivery) / HOUR_MS)]).toEqual([path, 'pending', hours]);
  }
});

it('a receiver that does not respond delays no other, and later gets everything in order', async () => {
  const people = Array.from({ length: 12 }, (_, n) => `contact_${n}`);
  const database = desk.store.connection.getClient().db(`${desk.store.connection.name}_slow`);
  const scope = () => Promise.resolve(desk.scope);
  const queue = createJobQueue({ database, scope, clock: systemClock, logger: silentLogger });
  // Patient enough that the slow receiver's calls stay open.
  const hooks = desk.hooksWith(queue, { timeoutMs: 60_000 });
  await queue.start(hooks.jobs());
  await hooks.create(desk.scope, `${receiver.url}/holds-back`, ['contact.updated']);
  for (const step of [1, 2])
    for (const id of people) await hooks.emit(desk.scope, 'contact.updated', { id, name: `step ${step}` });
  await eventually(
    () => held.length,
    (count) => count === 3,
  );
  await hooks.create(desk.scope, `${receiver.url}/well`, ['contact.created']);
  for (const id of people) await hooks.emit(desk.scope, 'contact.created', { id, name: 'new' });
  const callsTo = (path: string): Call[] => calls.filter((call) => call.path === path);
  await eventually(
    () => callsTo('/well').length,
    (count) => count === people.length,
  );
  expect([held.length, callsTo('/holds-back').length]).toEqual([3, 3]);

  areHeldBack = false;
  for (const response of held.splice(0)) response.writeHead(200).end();
  await eventually(
    () => callsTo('/holds-back').length,
    (count) => count === 2 * people.length,
  );
  const steps = callsTo('/holds-back').map(
    ({ body }) =>
      (JSON.parse(body) as { readonly data: { readonly id: string; readonly name: string } }).data,
  );
  for (const id of people)
    expect(steps.filter((step) => step.id === id).map(({ name }) => name)).toEqual(['step 1', 'step 2']);
  await queue.stop(2_000);
}, 120_000);
