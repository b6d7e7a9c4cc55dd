import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { pause, waitUntil } from '../../support/wait.js';
import { startFakeTelegram, type FakeTelegram } from './start-fake-telegram.js';

const TOKEN = '42:secret';
const SECOND_MS = 40;

interface Call {
  readonly update: { readonly update_id: number; readonly message: { readonly text: string } };
  readonly secret: string | string[] | undefined;
  readonly at: number;
}

let telegram: FakeTelegram;
let url: string;
let calls: Call[];
let answer: (call: Call, response: ServerResponse) => void;
let stop: () => Promise<void>;
beforeEach(async () => {
  telegram = await startFakeTelegram({ secondMs: SECOND_MS });
  calls = [];
  answer = (_call, response) => response.writeHead(200).end();
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
    request.on('end', () => {
      const update = JSON.parse(body) as Call['update'];
      const call = { update, secret: request.headers['x-telegram-bot-api-secret-token'], at: Date.now() };
      calls.push(call);
      answer(call, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
  stop = () =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
});
afterEach(async () => {
  await telegram.close();
  await stop();
});

async function method(name: string, params: unknown): Promise<unknown> {
  const headers = { 'content-type': 'application/json' };
  const request = { method: 'POST', headers, body: JSON.stringify(params) };
  return (await fetch(`${telegram.apiRoot}/bot${TOKEN}/${name}`, request)).json();
}

const texts = (): string[] => calls.map(({ update }) => update.message.text);

it('calls with the secret, one update per chat at a time and in order, chats in parallel', async () => {
  const bot = telegram.bot(TOKEN);
  const waiting: ServerResponse[] = [];
  answer = (_call, response) => void waiting.push(response);
  await method('setWebhook', { url, secret_token: 'known_to-both' });
  for (const text of ['a1', 'a2']) bot.user(1).sends(text);
  bot.user(2).sends('b1');
  await waitUntil(() => calls.length === 2);
  await pause(100);
  expect(texts()).toEqual(['a1', 'b1']);
  waiting[0]?.writeHead(200).end();
  await waitUntil(() => calls.length === 3);
  expect(texts()).toEqual(['a1', 'b1', 'a2']);
  expect(calls[0]?.secret).toBe('known_to-both');
  for (const response of waiting.slice(1)) response.writeHead(204).end();
  await waitUntil(() => bot.updates.unconfirmed.length === 0);
});

it('opens no more calls than allowed', async () => {
  const bot = telegram.bot(TOKEN);
  answer = () => undefined;
  await method('setWebhook', { url, max_connections: 2 });
  for (const person of [1, 2, 3, 4]) bot.user(person).sends('hello');
  await waitUntil(() => calls.length === 2);
  await pause(100);
  expect(calls).toHaveLength(2);
});

it('resends at once and then ever more rarely, while later updates of the chat wait', async () => {
  const bot = telegram.bot(TOKEN);
  answer = (_call, response) => response.writeHead(calls.length <= 4 ? 500 : 200).end();
  await method('setWebhook', { url });
  for (const text of ['first', 'second']) bot.user(1).sends(text);
  await waitUntil(() => bot.updates.unconfirmed.length === 0);
  expect(texts()).toEqual(['first', 'first', 'first', 'first', 'first', 'second']);
  const waits = calls.slice(1, 5).map(({ at }, index) => at - (calls[index]?.at ?? 0));
  for (const [index, seconds] of [0, 2, 4, 8].entries()) {
    expect(waits[index]).toBeGreaterThanOrEqual(seconds * SECOND_MS - 5);
  }
  expect(await method('getWebhookInfo', {})).toMatchObject({
    result: {
      url,
      pending_update_count: 0,
      last_error_message: 'Wrong response from the webhook: 500 Internal Server Error',
    },
  });
});

it('waits as long as Retry-After asks', async () => {
  const bot = telegram.bot(TOKEN);
  answer = (_call, response) => {
    if (calls.length === 1) response.writeHead(503, { 'Retry-After': '5' }).end();
    else response.writeHead(200).end();
  };
  await method('setWebhook', { url });
  bot.user(1).sends('hello');
  await waitUntil(() => calls.length === 2);
  const [first, second] = calls;
  expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(5 * SECOND_MS - 5);
});

it('allows no polling while a webhook is set, and ends a waiting poll', async () => {
  telegram.bot(TOKEN);
  const polled = method('getUpdates', { timeout: 30 });
  await pause(50);
  await method('setWebhook', { url });
  expect(await polled).toMatchObject({ error_code: 409 });
  expect(await method('getUpdates', {})).toMatchObject({ error_code: 409 });
});

it('gives unacknowledged updates to the poller after deleteWebhook', async () => {
  const bot = telegram.bot(TOKEN);
  const waiting: ServerResponse[] = [];
  answer = (_call, response) => void waiting.push(response);
  await method('setWebhook', { url });
  bot.user(1).sends('delivered by both');
  await waitUntil(() => waiting.length === 1);
  await method('deleteWebhook', {});
  waiting[0]?.writeHead(200).end();
  await pause(50);
  expect(await method('getUpdates', {})).toMatchObject({
    result: [{ message: { text: 'delivered by both' } }],
  });
  await method('setWebhook', { url, drop_pending_updates: true });
  await pause(50);
  expect(calls).toHaveLength(1);
});

it('delivers only the requested update types, and refuses a secret it cannot send', async () => {
  const bot = telegram.bot(TOKEN);
  await method('setWebhook', { url, allowed_updates: ['edited_message'] });
  const message = bot.user(1).sends('not this');
  bot.user(1).edits(message, 'but this');
  await waitUntil(() => calls.length === 1);
  expect(calls[0]?.update).toMatchObject({ edited_message: { text: 'but this' } });
  for (const secret of ['with space', 'ä', 'x'.repeat(257)]) {
    expect(await method('setWebhook', { url, secret_token: secret })).toMatchObject({ error_code: 400 });
  }
});
