import { connect } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { StoreError } from '../../src/contracts/stores.js';
import { Accounts, createWebhooks } from '../../src/gateway/index.js';
import { noOffers } from '../fakes/no-offers.js';
import { SIGNATURE, signed } from '../fakes/signing-channel.js';
import { unsharedBots } from '../fakes/unshared-bots.js';
import type { Answer, HttpFixture } from './support/http-fixture.js';
import { startHttpFixture } from './support/http-fixture.js';

const SECRET = 'the secret of the account';
const LARGEST = 1024 * 1024;

let http: HttpFixture;
beforeAll(async () => {
  http = await startHttpFixture();
  await http.tenant('a');
  const account = { tenantId: 'a', channel: 'signing' };
  await http.store.service.putAccount({ ...account, id: 'a.bot', config: { secret: SECRET } });
  await http.store.service.putAccount({ ...account, id: 'a.other', config: { secret: 'another one' } });
  await http.store.service.putAccount({
    ...account,
    id: 'a.polls',
    config: { secret: SECRET, called: false },
  });
});
afterAll(() => http.close(1000));

let ids = 0;
function bodyOf(...texts: string[]): string {
  const messages = texts.map((text) => ({ id: `m${++ids}`, at: ids, chat: 'p', text }));
  return JSON.stringify({ messages });
}

function call(
  body: string,
  signature = signed(SECRET, body),
  account = 'a.bot',
  path = '/v1/webhooks/signing',
) {
  return http.call('POST', `${path}/${account}`, { body, headers: { [SIGNATURE]: signature } });
}

const textsOf = (): string[] => [...http.intake.accepted.values()].map(({ text }) => text);
const withoutRequestId = ({ status, text, headers }: Answer) => [
  status,
  text.replace(/"request_id":"[^"]*"/, ''),
  headers.get('www-authenticate'),
];

it('stores what a platform sends and replies as it expects, under both paths', async () => {
  expect(await call(bodyOf('one', 'two'))).toMatchObject({ status: 200, body: { heard: true } });
  expect((await call(bodyOf('three'), undefined, 'a.bot', '/webhooks/signing')).status).toBe(200);
  expect(textsOf()).toEqual(['one', 'two', 'three']);
  expect(await call('{"ping":true}')).toMatchObject({ status: 200, body: { pong: true } });
});

it('accepts a repeated call without a second effect', async () => {
  const body = bodyOf('only once');
  for (let i = 0; i < 3; i += 1) expect((await call(body)).status).toBe(200);
  expect(textsOf().filter((text) => text === 'only once')).toHaveLength(1);
});

it('checks a signature over the raw bytes, not over their meaning', async () => {
  const body = bodyOf('it’s \\u2764');
  const reencoded = JSON.stringify(JSON.parse(body), null, 1);
  expect((await call(reencoded, signed(SECRET, body))).status).toBe(401);
  expect((await call(reencoded)).status).toBe(200);
});

it('answers an unknown account exactly like a call that is not from the platform', async () => {
  const body = bodyOf('forged');
  const wrong = await call(body, signed('a guess', body));
  expect(wrong).toMatchObject({ status: 401, body: { code: 'unauthorized' } });
  const others = [
    await call(body, signed(SECRET, body), 'a.nobody'),
    await call(body, signed(SECRET, body), 'a.other'),
    await call(body, signed(SECRET, body), 'a.polls'),
    await call(body, signed(SECRET, body), 'a.bot', '/v1/webhooks/telegram'),
    await call(body, signed(SECRET, body), 'a.bot', '/v1/webhooks/nothing'),
    await call(body, signed(SECRET, body), '__proto__'),
    await call(body, 'not a signature'),
    await http.call('POST', '/v1/webhooks/signing/a.bot', { body }),
  ];
  for (const answer of others) expect(withoutRequestId(answer)).toEqual(withoutRequestId(wrong));
  expect(textsOf()).not.toContain('forged');
});

it('refuses a call by its headers before any byte of the body was sent', async () => {
  const answer = await new Promise<string>((resolve, reject) => {
    const socket = connect(http.port, '127.0.0.1', () => {
      socket.write('POST /v1/webhooks/signing/a.bot HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n\r\n');
    });
    socket.setEncoding('utf8').once('data', (text: string) => {
      socket.destroy();
      resolve(text);
    });
    socket.once('error', reject);
  });
  expect(answer).toMatch(/^HTTP\/1\.1 401 /);
});

it('accepts bodies up to its limit', async () => {
  const padded = (size: number): string => {
    const body = bodyOf('long');
    return body + ' '.repeat(size - body.length);
  };
  expect((await call(padded(LARGEST))).status).toBe(200);
  expect(await call(padded(LARGEST + 1))).toMatchObject({ status: 413, body: { code: 'body_too_large' } });
});

it('accepts malformed bodies, so that they are not sent again forever', async () => {
  for (const body of ['{', '[]', '', '{"messages":[{"id":7},{}]}', '\u0000']) {
    expect([body, (await call(body)).status]).toEqual([body, 200]);
  }
});

it('asks the platform to call again while the store is down', async () => {
  const { accept } = http.intake;
  const body = bodyOf('kept by the platform');
  http.intake.accept = () => Promise.reject(new StoreError('unavailable', 'away'));
  try {
    const answer = await call(body);
    expect(answer).toMatchObject({ status: 503, body: { code: 'unavailable' } });
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
  } finally {
    http.intake.accept = accept;
  }
  expect((await call(body)).status).toBe(200);
  expect(textsOf()).toContain('kept by the platform');
});

it('reports that it cannot verify a call while the store is down', async () => {
  const service = {
    ...http.store.service,
    accounts: () => Promise.reject(new StoreError('unavailable', 'away')),
  };
  const { channels, metrics, logger, clock, intake } = http.deps;
  const accounts = new Accounts({ service, channels, builtIn: new Map(), logger });
  const webhooks = createWebhooks({
    service: http.store.service,
    accounts,
    intake,
    metrics,
    logger,
    clock,
    ...noOffers,
    sharedBots: unsharedBots,
  });
  const address = { channel: 'signing', accountId: 'a.bot' };
  await expect(webhooks.admit(address, { headers: {}, query: {} })).rejects.toMatchObject({
    kind: 'unavailable',
  });
});

it('knows an account that another process has just added', async () => {
  const id = 'a.new';
  const body = bodyOf('first words');
  expect((await call(body, undefined, id)).status).toBe(401);
  await http.store.service.putAccount({ id, tenantId: 'a', channel: 'signing', config: { secret: SECRET } });
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  expect((await call(body, undefined, id)).status).toBe(200);
});

it('limits callers who forge calls, and nobody else', async () => {
  const strict = await startHttpFixture({ limits: { failedAuthPerMinute: 3, loopbackFactor: 1 } });
  try {
    await strict.tenant('a');
    const config = { secret: SECRET };
    await strict.store.service.putAccount({ id: 'a.bot', tenantId: 'a', channel: 'signing', config });
    const statuses = async (signature: (body: string) => string, times: number): Promise<number[]> => {
      const results: number[] = [];
      for (let i = 0; i < times; i += 1) {
        const body = bodyOf(`${i}`);
        const headers = { [SIGNATURE]: signature(body) };
        results.push((await strict.call('POST', '/webhooks/signing/a.bot', { body, headers })).status);
      }
      return results;
    };
    expect(await statuses((body) => signed('a guess', body), 5)).toEqual([401, 401, 401, 429, 429]);
    expect(await statuses((body) => signed(SECRET, body), 5)).toEqual([200, 200, 200, 200, 200]);
  } finally {
    await strict.close(1000);
  }
});

it('refuses an account that needs calls if the service has no public URL', async () => {
  const key = await http.tenant('b');
  const json = { channel: 'signing', config: { secret: SECRET } };
  const refused = await http.call('POST', '/v1/tenants/b/channels', { key, json });
  expect(refused).toMatchObject({
    status: 400,
    body: { code: 'invalid_request', errors: [{ path: 'config', code: 'public_url_required' }] },
  });
  const config = { secret: SECRET, called: false };
  const response = await http.call('POST', '/v1/tenants/b/channels', { key, json: { ...json, config } });
  expect(response.status).toBe(201);
});
