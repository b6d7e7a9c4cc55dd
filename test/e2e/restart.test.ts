import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bePatient } from './support/be-patient.js';
import type { Answer, ChatAnswer, SapaClient } from './support/http-client.js';
import { sapaClient } from './support/http-client.js';
import type { RunningSapa } from './support/start-sapa.js';
import { removeDataDir, runEntry, startSapa, temporaryDataDir } from './support/start-sapa.js';

bePatient();

const STOPS_WITHIN_MS = 10_000;
const FACT = 'The lighthouse keeper winds the clock every Thursday.';

/** Paths of everything a tenant can read back. */
const READABLE = [
  '/v1/conversations?limit=200',
  '/v1/faq?limit=200',
  '/v1/kb/documents?limit=200',
  '/v1/unanswered?limit=200',
  '/v1/tenants/harbour',
  '/v1/tenants/harbour/settings',
  '/v1/tenants/harbour/keys',
];

describe('a service that is stopped and restarted on the same folder', () => {
  let dataDir: string;
  let sapa: RunningSapa;
  let adminKey: string;
  let key: string;
  let before: ReadonlyMap<string, unknown>;
  let firstAnswer: ChatAnswer;
  const headers = { 'Idempotency-Key': 'asked-before-the-stop' };
  const question = 'when does the lighthouse keeper wind the clock?';
  beforeAll(async () => {
    dataDir = await temporaryDataDir();
    sapa = await startSapa({ dataDir });
    ({ adminKey } = sapa);
    const created = await sapaClient({ url: sapa.url, key: adminKey }).call(
      'PUT',
      '/v1/tenants/harbour/settings',
      {
        json: { name: 'Harbour Office', tone: 'formal', timezone: 'Asia/Jakarta', api_key: '' },
      },
    );
    key = String(created.body['api_key']);
    const harbour = client();
    await harbour.call('POST', '/v1/kb/upsert', { json: { id: 'keeper', title: 'Lighthouse', text: FACT } });
    await harbour.call('POST', '/v1/faq', {
      json: { question: 'May I fish from the pier?', answer: 'Yes, at low tide.', locale: 'en' },
    });
    firstAnswer = await harbour.chat(question, {}, headers);
    expect(firstAnswer.source).toBe('knowledge');
    await harbour.call('POST', `/v1/chat/${firstAnswer.message_id}/feedback`, { json: { rating: 'up' } });
    await harbour.chat('can you repair a broken laptop screen?');
    before = await readAll(harbour);
  });
  afterAll(async () => {
    await sapa.stop();
    await removeDataDir(dataDir);
  });

  it('exits cleanly within ten seconds, even while a message is on its way', async () => {
    const last = client().chat('may I fish from the pier', { user_id: 'last-minute' });
    await new Promise((resolve) => setTimeout(resolve, 20));
    const [{ code, tookMs }, answer] = await Promise.all([
      sapa.stop(),
      last.catch((error: unknown) => error),
    ]);
    expect([code, tookMs < STOPS_WITHIN_MS]).toEqual([0, true]);
    if (!(answer instanceof Error)) expect(answer).toMatchObject({ answer: 'Yes, at low tide.' });
    expect(sapa.output()).not.toMatch(/"level":(50|60)/);
  });

  it('loses nothing: conversations, knowledge, settings, keys and open questions', async () => {
    sapa = await startSapa({ dataDir });
    expect(sapa.adminKey).toBe(adminKey);
    const after = await readAll(client());
    for (const path of READABLE.filter((name) => !name.includes('/conversations'))) {
      expect([path, after.get(path)]).toEqual([path, before.get(path)]);
    }
    const history = await client().call('GET', `/v1/conversations/${firstAnswer.conversation_id}/messages`);
    const texts = (history.body['items'] as { text: string }[]).map(({ text }) => text);
    expect(texts.slice(0, 2)).toEqual([question, firstAnswer.answer]);
    expect(texts).toHaveLength(4);
  });

  it('repeats the answer for the same Idempotency-Key, and continues the same conversation', async () => {
    const again = await client().chat(question, {}, headers);
    expect(again).toEqual(firstAnswer);
    const next = await client().chat(question);
    expect(next.conversation_id).toBe(firstAnswer.conversation_id);
    expect(next.answer).toBe(firstAnswer.answer);
  });

  it('does not restore what was removed from the sample business', async () => {
    const demo = sapaClient({ url: sapa.url, key: adminKey, tenantId: 'demo' });
    const list = async () => (await demo.call('GET', '/v1/faq?limit=200')).body['items'] as { id: string }[];
    const [first, ...rest] = await list();
    expect((await demo.call('DELETE', `/v1/faq/${first?.id}`)).status).toBe(204);
    await sapa.stop();
    sapa = await startSapa({ dataDir });
    const again = sapaClient({ url: sapa.url, key: adminKey, tenantId: 'demo' });
    const { items } = (await again.call('GET', '/v1/faq?limit=200')).body as { items: { id: string }[] };
    expect(items.map(({ id }) => id)).toEqual(rest.map(({ id }) => id));
  });

  it('shares its data with the terminal chat, whether it runs or not', async () => {
    const input = 'when does the lighthouse keeper wind the clock?\n\nmay I fish from the pier?\n';
    const beside = await runEntry('src/chat.js', { dataDir, args: ['--tenant', 'harbour'], input });
    expect(beside.code, beside.stderr).toBe(0);
    expect(beside.stdout).toContain('winds the clock every Thursday');
    expect(beside.stdout).toContain('Yes, at low tide.');
    expect((await client().call('GET', '/ready')).status).toBe(200);
    const conversations = (await client().call('GET', '/v1/conversations')).text;
    expect(conversations).toContain('terminal');
    await sapa.stop();

    const indonesian = {
      dataDir,
      args: ['--locale', 'id'],
      input: 'ongkir ke Makassar berapa?\n',
    };
    const alone = await runEntry('src/chat.js', indonesian);
    expect(alone.code, alone.stderr).toBe(0);
    expect(alone.stdout).toContain('48.000');
    expect(alone.stdout).toContain('Ongkos dan waktu kirim');
    const refused = await runEntry('src/chat.js', {
      dataDir,
      input: 'can you calibrate a theodolite?\n',
    });
    expect(refused.code).toBe(0);
    expect(refused.stdout).toMatch(/sorry/i);
    const unknown = await runEntry('src/chat.js', { dataDir, args: ['--tenant', 'nobody'], input: 'hi\n' });
    expect(unknown.code).toBe(1);
    expect(unknown.stderr).toMatch(/nobody/);
    expect(unknown.stderr).not.toMatch(/at \w+ \(/);
    const wrongUse = await runEntry('src/chat.js', { dataDir, args: ['--locale', 'xx'], input: '' });
    expect(wrongUse.code).toBe(2);

    sapa = await startSapa({ dataDir });
    const after = await client().chat(question);
    expect(after.answer).toBe(firstAnswer.answer);
  }, 120_000);

  function client(): SapaClient {
    return sapaClient({ url: sapa.url, key });
  }

  async function readAll(from: SapaClient): Promise<ReadonlyMap<string, unknown>> {
    const answers = await Promise.all(
      READABLE.map(async (path): Promise<readonly [string, Answer]> => [path, await from.call('GET', path)]),
    );
    for (const [path, { status, text }] of answers) expect([path, status, text]).toEqual([path, 200, text]);
    return new Map(answers.map(([path, { body }]) => [path, body]));
  }
});
