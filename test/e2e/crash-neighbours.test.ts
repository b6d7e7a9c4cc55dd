import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { FakeBot } from '../fakes/telegram/fake-bot.js';
import { startFakeTelegram, type FakeTelegram } from '../fakes/telegram/start-fake-telegram.js';
import { sapaClient } from './support/http-client.js';
import { prepareBusiness, type PreparedBusiness } from './support/prepared-business.js';
import { startSapa } from './support/start-sapa.js';
import { eventually } from '../support/wait.js';

const TOKEN = '100:a-secret-token-of-a-test';
const HOUSE_QUESTION = 'Where is your shop located?';

let business: PreparedBusiness;
let telegram: FakeTelegram;
let bot: FakeBot;
let env: Record<string, string>;
beforeAll(async () => {
  business = await prepareBusiness();
  telegram = await startFakeTelegram();
  bot = telegram.bot(TOKEN);
  env = { TELEGRAM_BOT_TOKEN: TOKEN, TELEGRAM_API_ROOT: telegram.apiRoot };
}, 120_000);
afterAll(async () => {
  await telegram.close();
  await business.close();
});

function textsTo(chat: number): string[] {
  return bot.journal.messages(chat).map(({ text }) => text ?? '');
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** A model that answers with one sentence after `delayMs`, and counts its calls. */
async function startSlowModel(delayMs: number) {
  const counter = { calls: 0 };
  const server = createServer((request, response) => {
    request.resume();
    if (request.method !== 'POST') return void response.writeHead(404).end();
    counter.calls += 1;
    setTimeout(() => {
      const chunk = (delta: object, finish: string | null): string =>
        `data: ${JSON.stringify({
          id: 'x',
          object: 'chat.completion.chunk',
          created: 1,
          model: 'slow-1',
          choices: [{ index: 0, delta, finish_reason: finish }],
        })}\n\n`;
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(chunk({ role: 'assistant', content: 'Slowly but surely.' }, null));
      response.end(`${chunk({}, 'stop')}data: [DONE]\n\n`);
    }, delayMs);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    seen: counter,
    url: `http://127.0.0.1:${port}/v1`,
    close: () =>
      new Promise<void>((resolve) => (server.close(() => resolve()), server.closeAllConnections())),
  };
}

it('a worker answers on Telegram what a process without workers received', { timeout: 120_000 }, async () => {
  const dataDir = await business.copy();
  const front = await startSapa({ dataDir, env: { ...env, ROLES: 'gateway,api' } });
  try {
    bot.user(1, 1, { language_code: 'en' }).sends(HOUSE_QUESTION);
    await eventually(
      () => Promise.resolve(bot.updates.unconfirmed.length),
      (left) => left === 0,
    );
    await pause(1_500);
    expect(textsTo(1)).toEqual([]);
    const worker = await startSapa({ dataDir, env: { ...env, ROLES: 'worker,api' } });
    try {
      await eventually(
        () => Promise.resolve(textsTo(1)),
        (texts) => texts.length > 0,
      );
      const client = sapaClient({ url: front.url, key: front.adminKey, tenantId: 'demo' });
      expect((await client.chat('What are your opening hours?')).source).toBe('faq');
      await pause(2_000);
      expect(textsTo(1)).toHaveLength(1);
    } finally {
      await worker.stop();
    }
  } finally {
    await front.stop();
  }
});

it(
  'two processes on one data folder share one connection, and the second takes over after a kill',
  { timeout: 180_000 },
  async () => {
    const dataDir = await business.copy();
    const first = await startSapa({ dataDir, env });
    const second = await startSapa({ dataDir, env });
    const before = bot.journal.callsOf('getMe').length;
    try {
      for (const chat of [11, 12, 13, 14])
        bot.user(chat, chat, { language_code: 'en' }).sends(HOUSE_QUESTION);
      await eventually(
        () => Promise.resolve([11, 12, 13, 14].map((chat) => textsTo(chat).length)),
        (counts) => counts.every((count) => count > 0),
      );
      await first.kill();
      for (const chat of [15, 16]) bot.user(chat, chat, { language_code: 'en' }).sends(HOUSE_QUESTION);
      await eventually(
        () => Promise.resolve([15, 16].map((chat) => textsTo(chat).length)),
        (counts) => counts.every((count) => count > 0),
        90_000,
      );
      await pause(2_000);
      for (const chat of [11, 12, 13, 14, 15, 16]) expect(textsTo(chat)).toHaveLength(1);
      expect(bot.journal.callsOf('getMe').length - before).toBeLessThanOrEqual(2);
    } finally {
      await second.stop();
      await first.kill();
    }
  },
);

it('a turn interrupted by a shutdown is answered once after the restart', { timeout: 180_000 }, async () => {
  const dataDir = await business.copy();
  const slow = await startSlowModel(60_000);
  const quick = await startSlowModel(50);
  const withModel = (url: string): Record<string, string> => ({
    ...env,
    OPENAI_API_KEY: 'sk-test',
    OPENAI_BASE_URL: url,
    LLM_CHAIN: 'openai:slow-1',
  });
  try {
    const sapa = await startSapa({ dataDir, env: withModel(slow.url) });
    bot
      .user(21, 21, { language_code: 'en' })
      .sends('Tell me a poem about motor batik and your coffee please');
    await eventually(
      () => Promise.resolve(slow.seen.calls),
      (calls) => calls > 0,
    );
    expect((await sapa.stop()).code).toBe(0);
    expect(textsTo(21)).toEqual([]);

    const again = await startSapa({ dataDir, env: withModel(quick.url) });
    try {
      await eventually(
        () => Promise.resolve(textsTo(21)),
        (texts) => texts.length > 0,
      );
      await pause(2_500);
      expect(textsTo(21)).toHaveLength(1);
      expect(textsTo(21).join()).toContain('Slowly but surely.');
      expect(quick.seen.calls).toBe(1);
    } finally {
      await again.stop();
    }
  } finally {
    await slow.close();
    await quick.close();
  }
});

it(
  'a turn that finishes within the shutdown time is answered before the stop',
  { timeout: 120_000 },
  async () => {
    const dataDir = await business.copy();
    const model = await startSlowModel(2_000);
    try {
      const sapa = await startSapa({
        dataDir,
        env: { ...env, OPENAI_API_KEY: 'sk-test', OPENAI_BASE_URL: model.url, LLM_CHAIN: 'openai:slow-1' },
      });
      bot
        .user(31, 31, { language_code: 'en' })
        .sends('Tell me a poem about motor batik and your coffee please');
      await eventually(
        () => Promise.resolve(model.seen.calls),
        (calls) => calls > 0,
      );
      expect((await sapa.stop()).code).toBe(0);
      expect(textsTo(31)).toHaveLength(1);
    } finally {
      await model.close();
    }
  },
);
