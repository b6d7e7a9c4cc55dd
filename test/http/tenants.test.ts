import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HttpFixture } from './support/http-fixture.js';
import { ADMIN_KEY, startHttpFixture } from './support/http-fixture.js';

describe('tenants, keys and channels', () => {
  let http: HttpFixture;
  beforeAll(async () => {
    http = await startHttpFixture();
  });
  afterAll(() => http.close(1000));
  const put = (id: string, json: unknown, key = ADMIN_KEY, headers = {}) =>
    http.call('PUT', `/v1/tenants/${id}/settings`, { key, json, headers });

  it('creates a tenant from its settings, shows its new key once, and accepts the key', async () => {
    const created = await put('toko', { name: 'Toko', api_key: '' });
    expect([created.status, created.body['name'], created.body['timezone']]).toEqual([
      201,
      'Toko',
      'Asia/Jakarta',
    ]);
    const key = String(created.body['api_key']);
    const read = await http.call('GET', '/tenants/toko/settings', { key });
    expect(read.status).toBe(200);
    expect(read.body).not.toHaveProperty('api_key');
    const again = await put('toko', read.body, key);
    expect([again.status, again.body]).toEqual([200, read.body]);
  });

  it('changes only the given fields, even within a section, by PUT and by PATCH', async () => {
    await put('full', {
      name: 'Full',
      persona: 'kind',
      locale: 'id',
      knowledge: { only_documents: true, top_k: 9 },
      business_hours: { holidays: [{ date: '2026-12-25', name: 'Natal' }] },
    });
    const days = { mon: [{ open: '09:00', close: '17:00' }] };
    for (const method of ['PUT', 'PATCH']) {
      const { status, body } = await http.call(method, '/v1/tenants/full/settings', {
        key: ADMIN_KEY,
        json: { tone: 'formal', knowledge: { top_k: 3 }, business_hours: { days } },
      });
      expect([method, status]).toEqual([method, 200]);
      expect(body).toMatchObject({
        name: 'Full',
        persona: 'kind',
        locale: 'id',
        tone: 'formal',
        knowledge: { only_documents: true, top_k: 3 },
        business_hours: { days, holidays: [{ name: 'Natal' }] },
      });
    }
  });

  it('keeps the changes of many writers, and refuses one based on an older version', async () => {
    await put('busy', { name: 'Busy' });
    const changes = [
      { persona: 'kind' },
      { sop: 'be quick' },
      { tone: 'formal' },
      { locale: 'id' },
      { timezone: 'Asia/Makassar' },
      { bubbles: { max_count: 3 } },
      { bubbles: { max_chars: 900 } },
    ];
    const answers = await Promise.all(changes.map((change) => put('busy', change)));
    expect(answers.map(({ status }) => status)).toEqual(changes.map(() => 200));
    const read = await http.call('GET', '/v1/tenants/busy/settings', { key: ADMIN_KEY });
    for (const change of changes) expect(read.body).toMatchObject(change);

    const tag = read.headers.get('etag') ?? '';
    const first = await put('busy', { persona: 'first' }, ADMIN_KEY, { 'If-Match': tag });
    expect(first.status).toBe(200);
    expect(first.headers.get('etag')).not.toBe(tag);
    const second = await put('busy', { persona: 'second' }, ADMIN_KEY, { 'If-Match': tag });
    expect([second.status, second.body['code']]).toEqual([412, 'precondition_failed']);
    const other = await put('busy', { sop: 'of another section' }, ADMIN_KEY, { 'If-Match': tag });
    expect(other.status, 'nobody changed that one').toBe(200);
    const wrong = await put('busy', { persona: 'third' }, ADMIN_KEY, { 'If-Match': '"nonsense"' });
    expect(wrong.status).toBe(412);
    const settings = await http.call('GET', '/v1/tenants/busy/settings', { key: ADMIN_KEY });
    expect(settings.body['persona']).toBe('first');
  });

  it('resets a field given as null to its default, even within a section', async () => {
    await put('nulls', {
      name: 'Nulls',
      persona: 'kind',
      tone: 'formal',
      bubbles: { max_count: 3, max_chars: 900 },
    });
    const answer = await http.call('PATCH', '/v1/tenants/nulls/settings', {
      key: ADMIN_KEY,
      json: { persona: null, bubbles: { max_count: null } },
    });
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({
      persona: '',
      tone: 'formal',
      bubbles: { max_count: 8, max_chars: 900 },
    });
    const nameless = await put('nulls', { name: null });
    expect([nameless.status, nameless.body['errors']]).toMatchObject([400, [{ path: 'name' }]]);
  });

  it('lets a key do what its scopes say, and create no key that may do more', async () => {
    const full = await http.tenant('scoped');
    const created = await http.call('POST', '/v1/tenants/scoped/keys', {
      key: full,
      json: { name: 'site', scopes: ['faq:write', 'keys:write'] },
    });
    expect(created.body).toMatchObject({ scopes: ['faq:write', 'keys:write'] });
    const key = String(created.body['api_key']);
    expect((await http.call('GET', '/v1/faq', { key })).status).toBe(200);
    const refused = await http.call('GET', '/v1/conversations', { key });
    expect([refused.status, refused.body['code']]).toEqual([403, 'missing_scope']);
    expect(refused.body['detail']).toContain('conversations:read');
    const more = await http.call('POST', '/v1/tenants/scoped/keys', { key, json: { name: 'more' } });
    expect([more.status, more.body['code']]).toEqual([403, 'missing_scope']);
    const unknown = await http.call('POST', '/v1/tenants/scoped/keys', {
      key: full,
      json: { name: 'x', scopes: ['everything'] },
    });
    expect(unknown.status).toBe(400);
    const settings = await http.call('PATCH', '/v1/tenants/scoped/settings', {
      key,
      json: { tone: 'formal' },
    });
    expect(settings.status).toBe(403);
  });

  it('lets only the operator claim hosts, choose models and set the address of a platform', async () => {
    const key = await http.tenant('mine');
    for (const [change, path] of [
      [{ hosts: ['mine.example'] }, 'hosts'],
      [{ models: { allowed: ['openai:gpt-5'] } }, 'models.allowed'],
    ] as const) {
      const refused = await put('mine', change, key);
      expect([refused.status, refused.body['code']]).toEqual([403, 'operator_only']);
      expect(refused.body['errors']).toMatchObject([{ path }]);
    }
    const settings = { hosts: ['mine.example'], models: { allowed: ['extractive'] } };
    expect((await put('mine', settings)).status).toBe(200);
    const read = await http.call('GET', '/v1/tenants/mine/settings', { key });
    // Settings that were read can be written back.
    expect((await put('mine', read.body, key)).status).toBe(200);
    const other = await put('mine', { models: { chain: ['openai:gpt-5'] } }, key);
    expect(other.body['errors']).toMatchObject([{ path: 'models.chain.0', code: 'not_allowed' }]);
    expect((await put('mine', { models: { chain: ['extractive'] } }, key)).status).toBe(200);
    const agents = [{ name: 'sales', chain: ['openai:gpt-5'] }];
    const agent = await put('mine', { agents }, key);
    expect(agent.body['errors']).toMatchObject([{ path: 'agents.0.chain.0', code: 'not_allowed' }]);
    const reset = await http.call('PATCH', '/v1/tenants/mine/settings', { key, json: { models: null } });
    expect([reset.status, reset.body['code']]).toEqual([403, 'operator_only']);

    const account = { channel: 'telegram', config: { token: '123', apiRoot: 'http://10.0.0.1' } };
    const response = await http.call('POST', '/v1/tenants/mine/channels', { key, json: account });
    expect([response.status, response.body['code']]).toEqual([403, 'operator_only']);
  });

  it('refuses a tenant without a name, with an invalid id, or with a key of its own choice', async () => {
    for (const [id, json, path] of [
      ['new1', {}, 'name'],
      ['Bad.Id', { name: 'x' }, 'id'],
      ['new1', { name: 'x', api_key: 'mine' }, 'api_key'],
      ['new1', { name: 'x', timezone: 'Mars/Base' }, 'timezone'],
    ] as const) {
      const answer = await put(id, json);
      expect([path, answer.status]).toEqual([path, 400]);
      expect(answer.body['errors']).toMatchObject([{ path }]);
    }
    expect((await http.call('GET', '/v1/tenants/new1', { key: ADMIN_KEY })).status).toBe(404);
  });

  it('refuses a model chain with an unknown provider, and names the field', async () => {
    await put('chained', { name: 'Chained' });
    const chain = ['extractive', 'nobody:best-model', 'ollama:llama3'];
    for (const answer of [
      await put('chained', { models: { chain } }),
      await http.call('POST', '/v1/tenants', {
        key: ADMIN_KEY,
        json: { id: 'unchained', name: 'x', models: { chain } },
      }),
    ]) {
      expect([answer.status, answer.body['code']]).toEqual([400, 'invalid_request']);
      expect(answer.body['errors']).toMatchObject([{ path: 'models.chain.1', code: 'unknown_provider' }]);
    }
    expect((await http.call('GET', '/v1/tenants/unchained', { key: ADMIN_KEY })).status).toBe(404);
    const settings = await http.call('GET', '/v1/tenants/chained/settings', { key: ADMIN_KEY });
    expect(settings.body['models']).toMatchObject({ chain: [] });
    // The model is known although it has no key now; the chain skips it.
    const accepted = await put('chained', { models: { chain: ['openai:gpt-5-mini', 'extractive'] } });
    expect(accepted.status).toBe(200);
  });

  it('returns the same key for the same Idempotency-Key, and stores it encrypted', async () => {
    const headers = { 'Idempotency-Key': 'make-sealed' };
    const json = { name: 'Sealed', api_key: '' };
    const first = await put('sealed', json, ADMIN_KEY, headers);
    const again = await put('sealed', json, ADMIN_KEY, headers);
    expect([again.status, again.body]).toEqual([201, first.body]);
    const database = http.store.connection.getClient().db(`${http.store.options.databasePrefix}sealed`);
    const names = (await database.listCollections().toArray()).map(({ name }) => name);
    const rows = await Promise.all(names.map((name) => database.collection(name).find().toArray()));
    expect(rows.flat().length).toBeGreaterThan(0);
    expect(JSON.stringify(rows)).not.toContain(String(first.body['api_key']));
    expect((await put('sealed', { name: 'Other' }, ADMIN_KEY, headers)).status).toBe(422);
  });

  it('creates one tenant per Idempotency-Key, and refuses an id that is taken', async () => {
    const call = (json: unknown, key?: string) =>
      http.call('POST', '/v1/tenants', {
        key: ADMIN_KEY,
        json,
        headers: key === undefined ? {} : { 'Idempotency-Key': key },
      });
    const first = await call({ name: 'Once', api_key: '' }, 'once-1');
    expect(first.status).toBe(201);
    expect((await call({ name: 'Once', api_key: '' }, 'once-1')).body).toEqual(first.body);
    expect((await call({ id: 'toko', name: 'Again' })).status).toBe(409);
    expect((await call({ id: 'toko', name: 'Again' }, 'once-2')).status).toBe(409);
  });

  it('does not let a business take another’s Host', async () => {
    await put('host-a', { name: 'A', hosts: ['a.example'] });
    const answer = await put('host-b', { name: 'B', hosts: ['a.example'] });
    expect([answer.status, answer.body['code']]).toEqual([409, 'host_taken']);
  });

  it('pages through all tenants, and erases one with the global key', async () => {
    const ids: unknown[] = [];
    let cursor = '';
    do {
      const { body } = await http.call('GET', `/v1/tenants?limit=2${cursor}`, { key: ADMIN_KEY });
      ids.push(...(body['items'] as { id: string }[]).map(({ id }) => id));
      cursor = body['next_cursor'] === null ? '' : `&cursor=${body['next_cursor'] as string}`;
    } while (cursor !== '');
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toContain('toko');
    expect((await http.call('DELETE', '/v1/tenants/full', { key: ADMIN_KEY })).status).toBe(204);
    expect((await http.call('DELETE', '/v1/tenants/full', { key: ADMIN_KEY })).status).toBe(404);
  });

  it('pages through the keys of a business', async () => {
    const path = '/v1/tenants/paged/keys';
    await put('paged', { name: 'Paged' });
    for (const name of ['a', 'b', 'c']) await http.call('POST', path, { key: ADMIN_KEY, json: { name } });
    const first = await http.call('GET', `${path}?limit=2`, { key: ADMIN_KEY });
    expect(first.body['items']).toHaveLength(2);
    const cursor = String(first.body['next_cursor']);
    const second = await http.call('GET', `${path}?limit=2&cursor=${cursor}`, { key: ADMIN_KEY });
    expect(second.body['items']).toHaveLength(1);
    expect(second.body['next_cursor']).toBeNull();
    const names = [first, second].flatMap(({ body }) => body['items'] as { name: string }[]);
    expect(new Set(names.map(({ name }) => name))).toEqual(new Set(['a', 'b', 'c']));
    const wrong = await http.call('GET', `${path}?cursor=bm9uZQ`, { key: ADMIN_KEY });
    expect([wrong.status, wrong.body['code']]).toEqual([400, 'invalid_request']);
  });

  it('adds a channel account by its own schema, never shows its secrets, and shows its state', async () => {
    const key = await http.tenant('chan');
    const path = '/v1/tenants/chan/channels';
    const json = { id: 'shop', channel: 'telegram', config: { token: 'secret-token' } };
    const created = await http.call('POST', path, { key, json });
    expect([created.status, created.body['id']]).toEqual([201, 'chan.shop']);
    await http.deps.service.putConnectionState('chan.shop', {
      state: 'needs-pairing',
      reason: 'new',
      pairingCode: 'AB12',
    });
    const list = await http.call('GET', path, { key });
    expect(list.body['items']).toMatchObject([
      { id: 'chan.shop', state: 'needs-pairing', pairing_code: 'AB12' },
    ]);
    expect(list.text + created.text).not.toContain('secret-token');
    const wrong = await http.call('POST', path, { key, json: { channel: 'telegram', config: { token: 1 } } });
    expect(wrong.body['errors']).toMatchObject([{ path: 'config.token' }]);
    const unknown = await http.call('POST', path, { key, json: { channel: 'pigeon', config: {} } });
    expect(unknown.body['errors']).toMatchObject([{ path: 'channel' }]);
    expect((await http.call('DELETE', `${path}/chan.shop`, { key })).status).toBe(204);
    expect((await http.call('DELETE', `${path}/chan.shop`, { key })).status).toBe(404);
  });

  it('shows only the workspace of the key or of a mapped Host', async () => {
    await put('mapped', { name: 'Mapped', hosts: ['127.0.0.1'] });
    const byHost = await http.call('GET', '/workspaces/');
    expect(byHost.body['items']).toMatchObject([{ id: 'mapped' }]);
    const key = await http.tenant('own');
    const byKey = await http.call('GET', '/v1/workspaces/', { key });
    expect(byKey.body['items']).toMatchObject([{ id: 'own' }]);
    expect((await http.call('GET', '/workspaces/', { key: 'wrong' })).status).toBe(401);
    expect((await http.call('GET', '/v1/faq')).status).toBe(401);
  });
});
