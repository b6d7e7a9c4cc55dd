import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bePatient } from './support/be-patient.js';
import type { Answer, SapaClient } from './support/http-client.js';
import { sapaClient } from './support/http-client.js';
import type { RunningSapa } from './support/start-sapa.js';
import { removeDataDir, startSapa } from './support/start-sapa.js';
import { eventually } from '../support/wait.js';

bePatient();

const SECRET = 'The vault of Melati opens with the word cempaka.';

/** Everything in an answer that a client can distinguish, without what differs between any two requests. */
function seen({ status, text, headers }: Answer): unknown {
  const names = [...headers.keys()]
    .filter((name) => !/^(date|x-request-id|.*rate.*|etag)$/i.test(name))
    .sort();
  return { status, names, text: text.replaceAll(/"request_id":\s*"[^"]*"/g, '"request_id":"…"') };
}

describe('two businesses on one service', () => {
  let sapa: RunningSapa;
  let admin: SapaClient;
  let melati: SapaClient;
  let anggrek: SapaClient;
  const melatiIds = { conversation: '', message: '', document: '', faq: '', unanswered: '', key: '' };
  beforeAll(async () => {
    sapa = await startSapa({ env: { SEED_DEMO: 'false' } });
    admin = sapaClient({ url: sapa.url, key: sapa.adminKey });
    melati = await create('melati');
    anggrek = await create('anggrek');
    await fill(melati);
  });
  afterAll(async () => {
    await sapa.stop();
    await removeDataDir(sapa.dataDir);
  });

  it('get a key that is shown once', async () => {
    const settings = await melati.call('GET', '/v1/tenants/melati/settings');
    expect(settings.status).toBe(200);
    expect(settings.text).not.toContain('api_key":"');
  });

  it('never see each other in a list, a search or an answer', async () => {
    const lists = [
      '/v1/conversations',
      '/v1/kb/documents',
      '/v1/faq',
      '/v1/unanswered',
      '/v1/workspaces/',
      '/v1/tenants/anggrek/keys',
    ];
    for (const path of lists) {
      const { status, text } = await anggrek.call('GET', path);
      expect([path, status]).toEqual([path, 200]);
      expect(text, path).not.toMatch(/melati|cempaka|vault/i);
    }
    for (const mode of ['hybrid', 'keyword']) {
      const results = await anggrek.call('POST', '/v1/kb/search', { json: { query: 'vault cempaka', mode } });
      expect(results.body['hits']).toEqual([]);
    }
    const filter = { tenant_id: 'melati', $where: 'true' };
    const filtered = await anggrek.call('POST', '/v1/kb/search', { json: { query: 'vault', filter } });
    expect(filtered.text).not.toMatch(/cempaka/);
    const matched = await anggrek.call('POST', '/v1/faq/match', {
      json: { question: 'Where is the vault?' },
    });
    expect(matched.body['match']).toBeNull();
    const answer = await anggrek.chat('which word opens the vault of Melati?');
    expect(answer).toMatchObject({ source: 'fallback', citations: [] });
  });

  it('get the same reply for a foreign id as for an unknown one', async () => {
    const { conversation, message, document, faq, unanswered } = melatiIds;
    const probes: readonly (readonly [
      method: string,
      path: (id: string) => string,
      id: string,
      json?: unknown,
    ])[] = [
      ['GET', (id) => `/v1/conversations/${id}`, conversation],
      ['GET', (id) => `/v1/conversations/${id}/messages`, conversation],
      ['POST', (id) => `/v1/chat/${id}/feedback`, message, { rating: 'up' }],
      ['GET', (id) => `/v1/kb/documents/${id}`, document],
      ['GET', (id) => `/v1/kb/documents/${id}/chunks`, document],
      ['DELETE', (id) => `/v1/kb/documents/${id}`, document],
      ['PUT', (id) => `/v1/faq/${id}`, faq, { question: 'q', answer: 'a', locale: 'en' }],
      ['DELETE', (id) => `/v1/faq/${id}`, faq],
      ['POST', (id) => `/v1/unanswered/${id}/answer`, unanswered, { answer: 'taken over' }],
      ['POST', (id) => `/v1/unanswered/${id}/dismiss`, unanswered],
    ];
    for (const [method, path, id, json] of probes) {
      expect(id, path('…')).not.toBe('');
      const options = json === undefined ? {} : { json };
      const unknown = `${id.slice(0, -3)}zzz`;
      const foreign = await anggrek.call(method, path(id), options);
      const missing = await anggrek.call(method, path(unknown), options);
      const name = `${method} ${path('…')}`;
      expect(foreign.text.replaceAll(id, 'ID'), name).not.toMatch(/melati|cempaka/i);
      const anonymized = (answer: Answer, said: string) =>
        seen({ ...answer, text: answer.text.replaceAll(said, 'ID') });
      expect([name, anonymized(foreign, id)]).toEqual([name, anonymized(missing, unknown)]);
      expect([name, foreign.status]).toEqual([name, method === 'DELETE' ? expect.any(Number) : 404]);
    }
    // Everything still exists.
    expect((await melati.call('GET', `/v1/kb/documents/${document}`)).status).toBe(200);
    const { items } = (await melati.call('GET', '/v1/faq')).body as { items: { answer: string }[] };
    expect(items.map(({ answer }) => answer)).toEqual(['Behind the third painting.']);
    expect((await melati.call('GET', '/v1/unanswered')).text).toContain(unanswered);
  });

  it('cannot continue each other’s conversations', async () => {
    const ask = (conversation_id: string) =>
      anggrek.call('POST', '/v1/chat', {
        json: { user_id: 'spy', conversation_id, messages: [{ role: 'user', content: 'what did I say?' }] },
      });
    const { conversation } = melatiIds;
    const unknown = `${conversation.slice(0, -3)}zzz`;
    const [foreign, missing] = [await ask(conversation), await ask(unknown)];
    expect(foreign.status).toBe(404);
    expect(seen(foreign)).toEqual(seen({ ...missing, text: missing.text.replaceAll(unknown, conversation) }));
    const history = await melati.call('GET', `/v1/conversations/${conversation}/messages`);
    expect(history.text).not.toContain('what did I say?');
  });

  it('are refused to each other by header, body or path, and to everybody without a valid key', async () => {
    const messages = [{ role: 'user', content: 'hi' }];
    const byClaim = [
      await anggrek.call('GET', '/v1/conversations', { headers: { 'X-Tenant-Id': 'melati' } }),
      await anggrek.call('POST', '/v1/chat', { json: { user_id: 'spy', messages, tenant_id: 'melati' } }),
    ];
    expect(byClaim.map(({ status }) => status)).toEqual([403, 403]);
    const pathsOf = (id: string) =>
      [
        ['GET', `/v1/tenants/${id}`],
        ['DELETE', `/v1/tenants/${id}`],
        ['GET', `/v1/tenants/${id}/settings`],
        ['PUT', `/v1/tenants/${id}/settings`, { name: 'Mine' }],
        ['GET', `/v1/tenants/${id}/keys`],
        ['POST', `/v1/tenants/${id}/keys`, { name: 'mine' }],
        ['GET', `/v1/tenants/${id}/channels`],
      ] as const;
    const answersFor = async (id: string): Promise<unknown[]> => {
      const answers: unknown[] = [];
      for (const [method, path, json] of pathsOf(id)) {
        const answer = await anggrek.call(method, path, json === undefined ? {} : { json });
        expect([403, 404], `${method} ${path}`).toContain(answer.status);
        answers.push(seen({ ...answer, text: answer.text.replaceAll(id, 'ID') }));
      }
      return answers;
    };
    expect(await answersFor('melati')).toEqual(await answersFor('tulip'));
    const nobody = [
      await sapaClient({ url: sapa.url }).call('GET', '/v1/conversations'),
      await sapaClient({ url: sapa.url, key: 'sapa_wrong_key' }).call('GET', '/v1/conversations'),
      await sapaClient({ url: sapa.url, key: 'sapa_wrong_key', tenantId: 'melati' }).call('GET', '/v1/faq'),
    ];
    expect(nobody.map(({ status }) => status)).toEqual([401, 401, 401]);
  });

  it('may use the same person, Idempotency-Key and document id', async () => {
    const headers = { 'Idempotency-Key': 'order-1' };
    const mine = await melati.chat('which word opens the vault of Melati?', { user_id: 'same' }, headers);
    const theirs = await anggrek.chat('which word opens the vault of Melati?', { user_id: 'same' }, headers);
    expect(mine.answer).toContain('cempaka');
    expect(theirs.source).toBe('fallback');
    expect(theirs.message_id).not.toBe(mine.message_id);
    const upsert = await anggrek.call('POST', '/v1/kb/upsert', {
      json: { id: melatiIds.document, title: 'Ours', text: 'We grow orchids in the greenhouse.' },
    });
    expect(upsert.status).toBe(201);
    expect(
      (await melati.chat('which word opens the vault of Melati?', { user_id: 'again' })).answer,
    ).toContain('cempaka');
  });

  it('lose access when their key is revoked', async () => {
    const created = await melati.call('POST', '/v1/tenants/melati/keys', { json: { name: 'short-lived' } });
    expect(created.status).toBe(201);
    const key = String(created.body['api_key'] ?? created.body['key']);
    const holder = sapaClient({ url: sapa.url, key });
    expect((await holder.call('GET', '/v1/faq')).status).toBe(200);
    expect(
      (await melati.call('DELETE', `/v1/tenants/melati/keys/${String(created.body['id'])}`)).status,
    ).toBe(204);
    const after = await eventually(
      () => holder.call('GET', '/v1/faq'),
      ({ status }) => status === 401,
      10_000,
    );
    expect(after.status).toBe(401);
  });

  async function create(id: string): Promise<SapaClient> {
    const created = await admin.call('PUT', `/v1/tenants/${id}/settings`, {
      json: { name: `Bank ${id}`, api_key: '' },
    });
    expect(created.status, created.text).toBeLessThan(300);
    const key = String(created.body['api_key']);
    expect(key.length).toBeGreaterThan(20);
    return sapaClient({ url: sapa.url, key });
  }

  async function fill(client: SapaClient): Promise<void> {
    const document = await client.call('POST', '/v1/kb/upsert', { json: { title: 'Vault', text: SECRET } });
    const faq = await client.call('POST', '/v1/faq', {
      json: { question: 'Where is the vault?', answer: 'Behind the third painting.', locale: 'en' },
    });
    const answer = await client.chat('which word opens the vault of Melati?', { user_id: 'customer' });
    expect(answer.answer).toContain('cempaka');
    await client.chat('do you sell parachutes made of silk?', { user_id: 'customer' });
    const { items } = (await client.call('GET', '/v1/unanswered')).body as { items: { id: string }[] };
    Object.assign(melatiIds, {
      conversation: answer.conversation_id,
      message: answer.message_id,
      document: String(document.body['document_id']),
      faq: String(faq.body['id']),
      unanswered: items[0]?.id ?? '',
    });
  }
});
