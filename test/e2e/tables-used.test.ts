import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openAiDialect, TEST_KEY } from '../fakes/llm/dialects.js';
import { startScriptedServer, type ScriptedServer } from '../fakes/llm/scripted-server.js';
import type { FakeBot } from '../fakes/telegram/fake-bot.js';
import { startFakeTelegram, type FakeTelegram } from '../fakes/telegram/start-fake-telegram.js';
import { eventually } from '../support/wait.js';
import { ordersCsv } from '../tabular/sample-tables.js';
import { bePatient } from './support/be-patient.js';
import { sapaClient, type Answer, type SapaClient } from './support/http-client.js';
import { removeDataDir, startSapa, type RunningSapa } from './support/start-sapa.js';

bePatient();

const OWNER = 501;
const BUYER = 700;
const PATIENCE_MS = 90_000;
const TOKEN = '100:a-secret-token-of-a-test';

let telegram: FakeTelegram;
let llm: ScriptedServer;
let receiver: Server;
let sapa: RunningSapa;
let bot: FakeBot;
let shop: SapaClient;
const calls: { readonly headers: Record<string, string>; readonly body: string }[] = [];

beforeAll(async () => {
  telegram = await startFakeTelegram();
  bot = telegram.bot(TOKEN);
  llm = await startScriptedServer();
  llm.play({ chunks: openAiDialect.text('I will look into it.'), ending: 'end' });
  receiver = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const headers = Object.entries(request.headers).map(([name, value]) => [name, String(value)]);
      calls.push({
        headers: Object.fromEntries(headers) as Record<string, string>,
        body: Buffer.concat(chunks).toString(),
      });
      response.writeHead(200).end();
    });
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  sapa = await startSapa({
    env: {
      TELEGRAM_BOT_TOKEN: TOKEN,
      TELEGRAM_API_ROOT: telegram.apiRoot,
      OPENAI_API_KEY: TEST_KEY,
      OPENAI_BASE_URL: `${llm.url}/v1`,
      LLM_CHAIN: 'openai:gpt-test,extractive',
      EMBEDDING_PROVIDER: 'none',
      OUTBOUND_ALLOW: '127.0.0.1',
    },
  });
  shop = sapaClient({ url: sapa.url, key: sapa.adminKey, tenantId: 'demo' });
  await settings({ staff: [{ channel: 'telegram', user_id: String(OWNER) }], country: 'ID' });
  bot.user(OWNER, OWNER, { language_code: 'en' }).sends('/help');
  await saidTo(OWNER, /./);
});
afterAll(async () => {
  await sapa.stop();
  await removeDataDir(sapa.dataDir);
  await telegram.close();
  await llm.close();
  receiver.closeAllConnections();
  await new Promise((resolve) => receiver.close(resolve));
});

const settings = (json: unknown): Promise<Answer> =>
  shop.call('PATCH', '/v1/tenants/demo/settings', { json });

async function saidTo(chat: number, words: RegExp): Promise<string> {
  const texts = (): string[] => bot.journal.messages(chat).map(({ text }) => text ?? '');
  const all = await eventually(texts, (received) => received.some((text) => words.test(text)), PATIENCE_MS);
  return all.find((text) => words.test(text)) ?? '';
}

async function train(csv: string, fields: Readonly<Record<string, string>>): Promise<Answer> {
  const body = new FormData();
  body.append('file', new Blob([csv], { type: 'text/csv' }), 'table.csv');
  for (const [name, value] of Object.entries(fields)) body.append(name, value);
  const trained = await shop.call('POST', '/v1/train?wait=true', { body });
  expect([trained.status, trained.body['status']]).toEqual([200, 'done']);
  return trained;
}

async function ask(content: string): Promise<Record<string, unknown>> {
  const json = { user_id: 'visitor', messages: [{ role: 'user', content }] };
  return (await shop.call('POST', '/v1/chat', { json })).body;
}

it('a webhook reports to the business’s own system that a training ended', async () => {
  const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`;
  const hook = await shop.call('POST', '/v1/hooks', { json: { url, events: ['training.finished'] } });
  const trained = await train(ordersCsv(200), { target: 'Hasil', name: 'retur' });
  const [call] = await eventually(
    () => calls,
    (all) => all.length > 0,
  );
  const payload = new Webhook(String(hook.body['secret'])).verify(call?.body ?? '', call?.headers ?? {});
  expect(payload).toMatchObject({
    type: 'training.finished',
    tenant_id: 'demo',
    data: {
      training_id: trained.body['training_id'],
      status: 'done',
      model_id: trained.body['model_id'],
    },
  });
});

it('staff are told once per version if real outcomes are worse than the test promised', async () => {
  const worse = (): string[] =>
    bot.journal
      .messages(OWNER)
      .map(({ text }) => text ?? '')
      .filter((text) => text.includes('sudah memburuk'));
  const other = (outcome: unknown): string => (outcome === 'tetap' ? 'kembali' : 'tetap');
  const flipped = ordersCsv(200, 5).replaceAll(/kembali|tetap/g, other);
  const predict = async (csv: string): Promise<void> => {
    const body = new FormData();
    body.append('file', new Blob([csv], { type: 'text/csv' }), 'later.csv');
    expect((await shop.call('POST', '/v1/predict', { body })).status).toBe(200);
  };
  await predict(ordersCsv(200, 5));
  expect(worse()).toEqual([]);
  await predict(flipped);
  expect(await saidTo(OWNER, /sudah memburuk/)).toMatch(
    /“retur” v1 .* 200 kasus .* \d+ dari 100 benar; waktu saya uji \d+/,
  );
  await predict(flipped);
  expect(worse()).toHaveLength(1);

  // The next version predicts for people whose actual outcomes the business already knows.
  const trained = await train(ordersCsv(200), { target: 'Hasil', name: 'retur' });
  const nothing = { Tanggal: null, Kota: null, Total: null, Anggota: null, Berat: null, Skor: null };
  const said = await shop.call('POST', '/v1/predict', { json: { rows: [nothing] } });
  const [prediction] = said.body['predictions'] as readonly string[];
  const people = Array.from({ length: 25 }, (_, row) => `+62812345680${10 + row},${other(prediction)}`);
  const body = new FormData();
  body.append('file', new Blob([['phone,Hasil', ...people].join('\n')], { type: 'text/csv' }), 'people.csv');
  expect((await shop.call('POST', '/v1/contacts/import', { body })).body['created']).toBe(25);
  await shop.call('POST', `/v1/models/${String(trained.body['model_id'])}/score`, {
    json: { field: 'guess' },
  });
  expect(await saidTo(OWNER, /v2 sudah memburuk/)).toMatch(/Dari 25 kasus .* 0 dari 100 benar/);
});

it('a changed score tags a person, starts a sequence and notifies staff', async () => {
  const steps = [{ after: 'PT0S', message: 'Sorry about the trouble. Your next delivery is free.' }];
  expect((await shop.call('PUT', '/v1/sequences/rescue', { json: { steps } })).status).toBeLessThan(300);
  bot.user(BUYER, BUYER, { language_code: 'en', first_name: 'Ratna' }).sends('hello');
  await saidTo(BUYER, /./);
  const { body } = await shop.call('GET', '/v1/models');
  const model = (body['items'] as { id: string; name: string }[]).find(({ name }) => name === 'retur');
  const begun = await shop.call('POST', `/v1/models/${model?.id ?? ''}/score`, {
    json: {
      field: 'risk',
      of: 'kembali',
      on_change: true,
      rule: { at_least: 0.6, tag: 'at-risk', sequence: 'rescue', tell_staff: true },
    },
  });
  expect(begun.status).toBe(202);
  const contacts = await shop.call('GET', '/v1/contacts');
  const ratna = (contacts.body['items'] as { id: string; name: string }[]).find(({ name }) =>
    name.includes('Ratna'),
  );
  const path = `/v1/contacts/${ratna?.id ?? ''}`;
  const contact = async () =>
    (await shop.call('GET', path)).body as { fields: Record<string, unknown>; tags: string[] };
  await eventually(contact, ({ fields }) => typeof fields['risk'] === 'number', PATIENCE_MS);

  await shop.call('PATCH', path, { json: { fields: { Kota: 'Medan', Total: 100_000, Skor: '20,5' } } });
  await eventually(contact, ({ fields }) => Number(fields['risk']) < 0.4, PATIENCE_MS);
  expect((await contact()).tags).toEqual([]);
  await shop.call('PATCH', path, { json: { fields: { Kota: 'Denpasar', Total: 900_000, Skor: '290,5' } } });
  const now = await eventually(contact, ({ tags }) => tags.length > 0, PATIENCE_MS);
  expect(now.tags).toEqual(['at-risk']);
  expect(await saidTo(OWNER, /risk/)).toContain('Ratna');
  await saidTo(BUYER, /next delivery is free/);

  const ended = await shop.call('POST', `/v1/models/${model?.id ?? ''}/score`, {
    json: { field: 'risk', on_change: false },
  });
  expect(ended.status).toBe(202);
});

it('a text model chooses the answer or the agent', async () => {
  const about: Readonly<Record<string, readonly string[]>> = {
    invoice: ['I need an invoice with our tax number', 'send the invoice to accounting', 'no invoice came'],
    repair: ['the handle is broken', 'my cup has a crack, can you mend it', 'it arrived broken'],
    other: ['what do you think of the weather', 'I had a long day', 'the train was late again'],
  };
  const lines = Object.entries(about).flatMap(([intent, texts]) =>
    texts.flatMap((text) =>
      Array.from({ length: 6 }, (_, index) => `"${text} ${'please '.repeat(index % 3)}",${intent}`),
    ),
  );
  await train(['message,intent', ...lines].join('\n'), { target: 'intent', task: 'text', name: 'desk' });
  const updated = await settings({
    intents: {
      model: 'desk',
      at_least: 0.5,
      answers: [{ intent: 'invoice', text: 'Invoices come by e-mail on the day of the delivery.' }],
    },
    agents: [{ name: 'workshop', persona: 'You run the workshop and love old cups.', intents: ['repair'] }],
  });
  expect(updated.status, updated.text).toBe(200);
  const invoice = await ask('where is the invoice for accounting?');
  expect([invoice['source'], invoice['answer']]).toEqual([
    'faq',
    'Invoices come by e-mail on the day of the delivery.',
  ]);
  const systemOf = async (content: string): Promise<string> => {
    llm.requests.length = 0;
    await ask(content);
    return JSON.stringify(llm.requests.map(({ body }) => body));
  };
  expect(await systemOf('the handle of my cup is broken')).toContain('You run the workshop');
  expect(await systemOf('I had a long day, the train was late')).not.toContain('You run the workshop');
  const { body } = await shop.call('POST', '/predict', { json: { rows: [{ message: 'an unknown sea' }] } });
  const [familiarity] = body['familiarities'] as readonly number[];
  expect(familiarity).toBeLessThan(0.5);
  const answers = [{ intent: 'invoice', text: 'only for the most familiar' }];
  await settings({ intents: { model: 'desk', at_least: 0, familiar_at_least: 1, answers } });
  expect((await ask('the invoice, or the sea?'))['answer']).not.toBe('only for the most familiar');
  // If the model no longer exists, no answer is chosen, and nothing else changes.
  await settings({ intents: { model: 'nowhere', answers: [{ intent: 'invoice', text: 'never' }] } });
  expect((await ask('where is the invoice for accounting?'))['answer']).not.toBe('never');
});

interface Version {
  readonly id: string;
  readonly name: string;
  readonly version: number;
  readonly active: boolean;
}

async function versionsOf(name: string): Promise<readonly Version[]> {
  const { body } = await shop.call('GET', '/v1/models');
  return (body['items'] as readonly Version[]).filter((model) => model.name === name);
}

const score = (id: string, json: unknown): Promise<Answer> =>
  shop.call('POST', `/v1/models/${id}/score`, { json });

it('asks before it removes the version in use, says what depends on it, and which one is used then', async () => {
  await train(ordersCsv(60), { target: 'Hasil', name: 'retur' });
  const [newest, before, first] = await versionsOf('retur');
  if (newest === undefined || before === undefined || first === undefined)
    throw new Error('too few versions');
  // A version that nothing uses goes without a word.
  expect((await shop.call('DELETE', `/v1/models/${first.id}`)).status).toBe(204);
  const rule = { at_least: 0.9, tag: 'at-risk' };
  await score(newest.id, { field: 'danger', of: 'kembali', schedule: '0 3 * * *', rule });
  await score(before.id, { field: 'older', on_change: true });

  bot.user(OWNER, OWNER, { language_code: 'en' }).sends('/language en');
  bot.user(OWNER, OWNER).sends(`/models remove ${newest.id}`);
  const question = await saidTo(OWNER, /is the version in use/);
  expect(question).toBe(
    [
      'retur v3 is the version in use. If you remove it:\n',
      '• v2 is used instead.',
      '• The field “danger” of your contacts is no longer updated, and its rule no longer acts. The values already there stay.',
    ].join('\n'),
  );
  expect((await versionsOf('retur')).map(({ version, active }) => [version, active])).toEqual([
    [3, true],
    [2, false],
  ]);
  const message = bot.journal.messages(OWNER).find(({ text }) => text === question);
  if (message === undefined) throw new Error('no question');
  bot.user(OWNER, OWNER).presses(message, 'Remove v3');
  expect(await saidTo(OWNER, /“retur” version 3 has been removed/)).toContain(
    '“retur” version 2 is used from now on.\nNo longer updated on your contacts: danger.',
  );
  expect(await versionsOf('retur')).toMatchObject([{ version: 2, active: true }]);

  const last = await shop.call('DELETE', `/v1/models/${before.id}`);
  expect([last.status, last.body]).toEqual([
    200,
    {
      id: before.id,
      name: 'retur',
      version: 2,
      was_in_use: true,
      active: null,
      ended_fields: [{ field: 'older', schedule: false, on_change: true, rule: false }],
      intents: { answers: 0, agents: [] },
    },
  ]);
});

it('names the answers and agents that a model of texts chooses before it is removed', async () => {
  await settings({ intents: { model: 'desk', answers: [{ intent: 'invoice', text: 'By e-mail.' }] } });
  bot.user(OWNER, OWNER).sends('/models remove desk');
  expect(await saidTo(OWNER, /desk v1 is the version in use/)).toBe(
    [
      'desk v1 is the version in use. If you remove it:\n',
      '• No version of “desk” is left to predict with.',
      '• 1 answer chosen by the subject of a message is no longer sent.',
      '• The agents chosen by the subject of a message (workshop) are no longer chosen that way.',
    ].join('\n'),
  );
  const removed = await shop.call('DELETE', `/v1/models/${(await versionsOf('desk'))[0]?.id ?? ''}`);
  expect(removed.body).toMatchObject({ active: null, intents: { answers: 1, agents: ['workshop'] } });
});
