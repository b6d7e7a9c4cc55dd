import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PERMISSIONS } from '../../src/contracts/permissions.js';
import { hostOf } from '../../src/http/request/client-address.js';
import type { Route } from '../../src/lib/api/route.js';
import type { Answer, CallOptions, HttpFixture } from './support/http-fixture.js';
import { ADMIN_KEY, startHttpFixture } from './support/http-fixture.js';

/** A body that the route accepts, taken from its own documentation. */
function goodBody(route: Route): CallOptions {
  if (route.body === undefined) return {};
  if (route.body.type === 'json') return { json: route.body.example };
  const form = new FormData();
  form.set('file', new Blob(['question,answer\na,b\n']), 'a.csv');
  return { body: form };
}

const fill = (path: string, id: string) => path.replaceAll(/\{\w+\}/g, id);

/** A problem response without the one thing that must differ. */
const withoutRequestId = ({ status, text }: Answer) => [status, text.replace(/"request_id":"[^"]*"/, '')];

describe('access control', () => {
  let http: HttpFixture;
  let keyA: string;
  beforeAll(async () => {
    http = await startHttpFixture();
    keyA = await http.tenant('a');
    await http.tenant('b');
  });
  afterAll(() => http.close(1000));

  it('covers exactly these routes, under these names', () => {
    const table = http.routes.map(
      ({ method, path, legacyPaths, auth }) =>
        `${auth.padEnd(12)}${method.padEnd(7)}${path}${legacyPaths.length === 0 ? '' : ` (${legacyPaths.join(', ')})`}`,
    );
    expect(table.sort()).toMatchSnapshot();
  });

  it('refuses every non-public route without a key or with a wrong one', async () => {
    for (const route of http.routes.filter(({ auth }) => auth !== 'public')) {
      for (const path of [route.path, ...route.legacyPaths].map((one) => fill(one, 'a'))) {
        for (const key of [undefined, '', 'sapa_wrong', `${ADMIN_KEY}x`]) {
          const answer = await http.call(route.method, path, { ...goodBody(route), key });
          expect([route.method, path, answer.status]).toEqual([route.method, path, 401]);
          expect(answer.body['code']).toBe('unauthorized');
          expect(answer.headers.get('www-authenticate')).toBeTruthy();
        }
      }
    }
  });

  it('refuses another tenant’s id next to a key on every tenant route', async () => {
    for (const route of http.routes.filter(({ auth }) => auth === 'tenant')) {
      const headers = { 'X-Tenant-Id': 'b' };
      const answer = await http.call(route.method, fill(route.path, 'x'), {
        ...goodBody(route),
        key: keyA,
        headers,
      });
      expect([route.path, answer.status]).toEqual([route.path, 403]);
    }
  });

  it('answers for another tenant’s path exactly as for an unknown one', async () => {
    for (const route of http.routes.filter(({ auth }) => auth === 'path-tenant')) {
      const call = (id: string) =>
        http.call(route.method, fill(route.path, id), { ...goodBody(route), key: keyA });
      const foreign = await call('b');
      expect([route.path, foreign.status]).toEqual([route.path, 404]);
      expect(withoutRequestId(foreign)).toEqual(withoutRequestId(await call('nobody')));
    }
  });

  it('refuses a header that contradicts the path, even with the global key', async () => {
    for (const route of http.routes.filter(({ auth }) => auth === 'path-tenant')) {
      const headers = { 'X-Tenant-Id': 'a' };
      const call = { ...goodBody(route), key: ADMIN_KEY, headers };
      const answer = await http.call(route.method, fill(route.path, 'b'), call);
      expect([route.path, answer.status]).toEqual([route.path, 403]);
    }
  });

  it('answers for ids of another tenant exactly as for unknown ids', async () => {
    const b = await http.scope('b');
    const at = new Date();
    const sameId = 'id-of-b';
    const chat = { chatId: 'x', kind: 'direct' } as const;
    const common = { accountId: 'api', channel: 'web', contactId: 'p', title: '' };
    await b.conversations.ensure({ id: sameId, ...common, chat, at });
    const entry = { question: 'q', answer: 'a', locale: 'en', createdAt: at, updatedAt: at } as const;
    await b.faq.insert([{ id: sameId, ...entry }]);
    await http.deps.knowledge.upsert(b, { id: sameId, title: 't', text: 't' });
    const withIds = http.routes.filter(({ auth, path }) => auth === 'tenant' && path.includes('{'));
    for (const route of withIds) {
      const call = (id: string) =>
        http.call(route.method, fill(route.path, id), { ...goodBody(route), key: keyA });
      const foreign = await call(sameId);
      expect([route.path, foreign.status]).toEqual([route.path, 404]);
      expect(withoutRequestId(foreign)).toEqual(withoutRequestId(await call('no-such-id')));
    }
  });

  it('denies the global key’s routes to tenants', async () => {
    for (const route of http.routes.filter(({ auth }) => auth === 'admin')) {
      const answer = await http.call(route.method, fill(route.path, 'a'), { ...goodBody(route), key: keyA });
      expect([route.path, answer.status, answer.body['code']]).toEqual([route.path, 403, 'admin_only']);
    }
    expect((await http.call('DELETE', '/v1/tenants/a', { key: keyA })).status).toBe(403);
  });

  it('refuses a revoked key on the very next request', async () => {
    const { body } = await http.call('POST', '/v1/tenants/a/keys', { key: keyA, json: { name: 'second' } });
    const second = String(body['api_key']);
    expect((await http.call('GET', '/v1/faq', { key: second })).status).toBe(200);
    const list = await http.call('GET', '/v1/tenants/a/keys', { key: keyA });
    expect(list.text).not.toContain(second);
    await http.call('DELETE', `/v1/tenants/a/keys/${String(body['id'])}`, { key: keyA });
    expect((await http.call('GET', '/v1/faq', { key: second })).status).toBe(401);
  });

  it('limits clients that guess keys or call too often, with Retry-After', async () => {
    const strict = await startHttpFixture({
      limits: { keyPerSecond: 3, failedAuthPerMinute: 2, loopbackFactor: 1 },
    });
    try {
      const key = await strict.tenant('a');
      const calls = await Promise.all([1, 2, 3, 4].map(() => strict.call('GET', '/v1/faq', { key })));
      const refused = calls.find(({ status }) => status === 429);
      expect(calls.filter(({ status }) => status === 200)).toHaveLength(3);
      expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(refused?.body['code']).toBe('too_many_requests');
      const guesses = [];
      for (let i = 0; i < 3; i += 1) guesses.push(await strict.call('GET', '/v1/faq', { key: 'wrong' }));
      expect(guesses.map(({ status }) => status)).toEqual([401, 401, 429]);
      // Attempts are counted before the key is compared, so that even a right guess reveals nothing.
      expect((await strict.call('GET', '/v1/faq', { key })).status).toBe(429);
    } finally {
      await strict.close(1000);
    }
  });

  it('does not limit a valid key on loopback', async () => {
    const statuses = new Set<number>();
    for (let n = 0; n < 150; n += 1) statuses.add((await http.call('GET', '/v1/faq', { key: keyA })).status);
    expect(statuses).toEqual(new Set([200]));
  });

  it('identifies a client by the address that our proxy saw, not by what the client claims', async () => {
    const behind = await startHttpFixture({
      limits: { failedAuthPerMinute: 2, loopbackFactor: 1 },
      deps: {
        config: {
          ...http.deps.config,
          trustProxy: 1,
          limits: { ...http.deps.config.limits, failedAuthPerMinute: 2, loopbackFactor: 1 },
        },
      },
    });
    const guess = async (forwarded: string): Promise<number> =>
      (await behind.call('GET', '/v1/faq', { key: 'wrong', headers: { 'X-Forwarded-For': forwarded } }))
        .status;
    try {
      const tries = [];
      for (let n = 0; n < 4; n += 1) tries.push(await guess(`10.0.0.${n}, 203.0.113.7`));
      expect(tries).toEqual([401, 401, 429, 429]);
      expect(await guess('203.0.113.7, 198.51.100.1')).toBe(401);
    } finally {
      await behind.close(1000);
    }
  });

  it('takes the Host that our proxy was asked for, not what the client claims', () => {
    const forwarded = 'evil.example, Shop.example:443';
    expect(hostOf('inner:8000', forwarded, 0)).toBe('inner');
    expect(hostOf('inner:8000', forwarded, 1)).toBe('shop.example');
    expect(hostOf('inner:8000', `old.example, ${forwarded}`, 2)).toBe('evil.example');
    expect(hostOf('inner:8000', undefined, 1)).toBe('inner');
  });

  it('requires a known permission for every protected route', () => {
    const protectedRoutes = http.routes.filter(({ auth }) => auth === 'tenant' || auth === 'path-tenant');
    const strange = protectedRoutes.filter(({ permission }) => !PERMISSIONS.includes(permission));
    expect(strange.map(({ path }) => path)).toEqual([]);
  });

  it('reserves a response kept for an Idempotency-Key to the key that sent it', async () => {
    const created = await http.call('POST', '/v1/tenants/a/keys', { key: keyA, json: { name: 'second' } });
    const other = String(created.body['api_key']);
    const headers = { 'Idempotency-Key': 'shared-by-chance' };
    const write = (key: string, question: string) =>
      http.call('POST', '/v1/faq', { key, headers, json: { question, answer: 'yes' } });
    const first = await write(keyA, 'one?');
    const second = await write(other, 'two?');
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(second.body['question']).toBe('two?');
    expect((await write(keyA, 'one?')).body).toEqual(first.body);
  });
});
