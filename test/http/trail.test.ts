import { afterAll, beforeAll, expect, it } from 'vitest';
import { auditRoutes, createAuditLog } from '../../src/audit/index.js';
import { silentLogger } from '../fakes/silent-logger.js';
import { startHttpFixture, type HttpFixture } from './support/http-fixture.js';

let http: HttpFixture;
let key: string;
beforeAll(async () => {
  const audit = createAuditLog({ logger: silentLogger });
  http = await startHttpFixture({ deps: { audit, routes: auditRoutes() } });
  key = await http.tenant('shop');
});
afterAll(() => http.close(1000));

const call = (method: string, path: string, json?: unknown) =>
  http.call(method, path, { key, ...(json === undefined ? {} : { json }) });

it('the audit log says who changed what, newest first, without secrets or people’s texts', async () => {
  await call('PATCH', '/v1/tenants/shop/settings', { persona: 'a very kind person', tone: 'formal' });
  const entry = await call('POST', '/v1/faq', { question: 'Do you ship?', answer: 'Yes, to all islands.' });
  await call('POST', '/v1/openai/embeddings', { input: 'Do you ship?', model: 'builtin' });
  await call('POST', '/v1/faq/match', { question: 'Do you ship?' });
  await call('POST', '/v1/chat', { user_id: 'ana', messages: [{ role: 'user', content: 'Halo' }] });
  await call('GET', '/v1/faq');
  await call('DELETE', '/v1/faq/none');
  const created = await call('POST', '/v1/tenants/shop/keys', { name: 'site', scopes: ['chat:write'] });
  await call('DELETE', `/v1/tenants/shop/keys/${String(created.body['id'])}`);

  const trail = await call('GET', '/v1/audit?limit=4');
  const items = trail.body['items'] as { action: string; actor: unknown; target: string; fields: string[] }[];
  expect(items.map(({ action, target, fields }) => [action, target, fields])).toEqual([
    ['keys.remove', `shop/${String(created.body['id'])}`, []],
    ['keys.create', `shop/${String(created.body['id'])}`, ['name', 'scopes']],
    ['faq.create', entry.body['id'], ['question', 'answer']],
    ['settings.change', 'shop', ['persona', 'tone']],
  ]);
  const [newest] = items;
  expect(newest?.actor).toMatchObject({ type: 'key', id: expect.stringContaining('key_') as string });
  for (const secret of ['very kind', 'islands', 'Halo', 'sapa_']) expect(trail.text).not.toContain(secret);
});

it('the audit log is read page by page, only by its own business', async () => {
  const first = await call('GET', '/v1/audit?limit=3');
  const cursor = String(first.body['next_cursor']);
  const second = await call('GET', `/v1/audit?limit=1&cursor=${cursor}`);
  expect([first.body['items'], second.body['items']]).toMatchObject([
    { length: 3 },
    [{ action: 'settings.change' }],
  ]);
  const other = await http.tenant('other');
  const theirs = await http.call('GET', '/v1/audit', { key: other });
  expect(theirs.text).not.toContain('faq.create');
});

it('the interactions list what was asked and answered, with cost and rating', async () => {
  const answer = await call('POST', '/v1/chat', {
    user_id: 'budi',
    messages: [{ role: 'user', content: 'When are you open?' }],
  });
  const id = String(answer.body['message_id']);
  await call('POST', `/v1/chat/${id}/feedback`, { rating: 'down', comment: 'too short' });
  const list = await call('GET', '/v1/interactions?limit=1');
  expect(list.body).toMatchObject({
    items: [
      {
        message_id: id,
        conversation_id: answer.body['conversation_id'],
        source: 'knowledge',
        model: 'none',
        usage: { input_tokens: 1, output_tokens: 2, cost_micros: 3 },
        took_ms: 1,
        feedback: { rating: 'down', comment: 'too short' },
      },
    ],
    next_cursor: expect.any(String) as string,
  });
});
