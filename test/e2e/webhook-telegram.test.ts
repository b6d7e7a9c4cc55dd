import { randomBytes } from 'node:crypto';
import { createServer, type AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { BreakableLink } from '../fakes/breakable-link.js';
import type { FakeBot } from '../fakes/telegram/fake-bot.js';
import { startFakeTelegram, type FakeTelegram } from '../fakes/telegram/start-fake-telegram.js';
import { startTestServer, type TestServer } from '../fakes/test-store.js';
import { eventually } from '../support/wait.js';
import { bePatient } from './support/be-patient.js';
import { sapaClient } from './support/http-client.js';
import { prepareBusiness, type PreparedBusiness } from './support/prepared-business.js';
import {
  removeDataDir,
  runEntry,
  startSapa,
  temporaryDataDir,
  type RunningSapa,
} from './support/start-sapa.js';

bePatient();

const ANI = 7;
const BUDI = 8;
/** Long enough for an unwanted second answer to appear. */
const QUIET_MS = 2_500;
/** One second of Telegram's waits, in ms, so that an hour of retries fits into a test. */
const SECOND_MS = 100;

let business: PreparedBusiness;
let telegram: FakeTelegram;
const running: RunningSapa[] = [];
beforeAll(async () => {
  [business, telegram] = await Promise.all([prepareBusiness(), startFakeTelegram({ secondMs: SECOND_MS })]);
});
afterEach(async () => {
  for (const sapa of running.splice(0)) await sapa.stop();
});
afterAll(async () => {
  await telegram.close();
  await business.close();
});

type Env = Readonly<Record<string, string>>;

let bots = 0;
/** A bot and the settings of a service that Telegram calls on a port of its own. */
async function newBot(): Promise<{ bot: FakeBot; env: Env; address: string }> {
  const token = `${++bots}00:a-secret-token-of-a-test`;
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const env = {
    PORT: String(port),
    PUBLIC_URL: url,
    TELEGRAM_MODE: 'webhook',
    TELEGRAM_BOT_TOKEN: token,
    TELEGRAM_API_ROOT: telegram.apiRoot,
  };
  return { bot: telegram.bot(token), env, address: `${url}/v1/webhooks/telegram/demo-telegram` };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function start(dataDir: string, env: Env): Promise<RunningSapa> {
  const sapa = await startSapa({ dataDir, env });
  running.push(sapa);
  return sapa;
}

/** Three messages in two chats; the command does not belong to the burst before it. */
function writeAll(bot: FakeBot): void {
  bot.user(ANI, ANI, { language_code: 'en' }).sends('What are your opening hours?');
  bot.user(BUDI, BUDI, { language_code: 'en' }).sends('Where is your shop located?');
  bot.user(ANI, ANI, { language_code: 'en' }).sends('/help');
}

const textsIn = (bot: FakeBot, chat: number): string[] =>
  bot.journal.messages(chat).map(({ text }) => text ?? '');

async function settled(bot: FakeBot): Promise<void> {
  const state = (): string => JSON.stringify([textsIn(bot, ANI), textsIn(bot, BUDI)]);
  for (let before = ''; before !== state();) {
    before = state();
    await new Promise((resolve) => setTimeout(resolve, QUIET_MS));
  }
}

/** Waits until every message is answered, and checks that each was answered once. */
async function expectAllAnswered(bot: FakeBot): Promise<void> {
  await eventually(
    () => [textsIn(bot, ANI), textsIn(bot, BUDI), bot.updates.unconfirmed] as const,
    ([ani, budi, left]) => ani.length >= 2 && budi.length >= 1 && left.length === 0,
    60_000,
  );
  await settled(bot);
  const [hours, help] = [...textsIn(bot, ANI)].sort((a, b) => a.length - b.length);
  expect(textsIn(bot, ANI)).toHaveLength(2);
  expect(hours).toContain('9');
  expect(help).toContain('/language');
  expect(textsIn(bot, BUDI)).toEqual([expect.stringContaining('Jalan Kemuning')]);
  expect(bot.journal.violations).toEqual([]);
}

/** Sends a request the way Telegram does. */
async function post(address: string, bot: FakeBot, update: unknown, secret = bot.webhook.secretToken) {
  const headers = { 'Content-Type': 'application/json', 'X-Telegram-Bot-Api-Secret-Token': secret };
  const response = await fetch(address, { method: 'POST', headers, body: JSON.stringify(update) });
  return { status: response.status, text: (await response.text()).replace(/"request_id":"[^"]*"/, '') };
}

describe('a Telegram bot in webhook mode', () => {
  it('receives calls, answers, and never polls', async () => {
    const { bot, env, address } = await newBot();
    await start(await business.copy(), env);
    writeAll(bot);
    await expectAllAnswered(bot);
    expect(bot.webhook.url).toBe(`${address}?bot=${bot.me.username}`);
    expect(bot.journal.callsOf('getUpdates')).toEqual([]);
    expect(bot.menus.size).toBe(2);
  });

  it('answers each update once, however often and in whatever order it is called', async () => {
    const { bot, env, address } = await newBot();
    const sapa = await start(await business.copy(), env);
    await eventually(
      () => bot.webhook.url,
      (url) => url !== '',
    );
    writeAll(bot);
    const updates = [...bot.updates.unconfirmed].reverse();
    const answers = await Promise.all([...updates, ...updates].map((update) => post(address, bot, update)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    await expectAllAnswered(bot);
    const again = await post(address.replace('/v1', ''), bot, updates[0]);
    expect(again).toEqual({ status: 200, text: '{}' });
    await settled(bot);
    expect(textsIn(bot, ANI)).toHaveLength(2);
    const client = sapaClient({ url: sapa.url, key: sapa.adminKey, tenantId: 'demo' });
    const { body } = await client.call('GET', '/v1/tenants/demo/channels');
    expect(body).toMatchObject({ items: [{ id: 'demo-telegram', state: 'open' }] });
  });

  it('accepts malformed updates, but nothing from a caller without the secret', async () => {
    const { bot, env, address } = await newBot();
    const sapa = await start(await business.copy(), env);
    await eventually(
      () => bot.webhook.url,
      (url) => url !== '',
    );
    for (const broken of [{}, { update_id: 'x' }, { update_id: 1, message: { text: ['no'] } }]) {
      expect((await post(address, bot, broken)).status).toBe(200);
    }
    const update = { update_id: 5, message: { message_id: 1, date: 1, chat: { id: ANI, type: 'private' } } };
    const wrong = await post(address, bot, update, 'a-guess-of-some-length');
    expect(wrong).toMatchObject({ status: 401 });
    expect(await post(address.replace('demo-', 'nobody-'), bot, update)).toEqual(wrong);
    expect(sapa.output()).not.toContain(bot.webhook.secretToken);
  });

  it.each([
    ['before-inbox', 'webhook'],
    ['after-inbox', 'webhook'],
    ['after-inbox:2', 'webhook'],
    ['after-commit', 'webhook'],
    ['after-send', 'webhook'],
    // The update was stored but its request never answered, so it is delivered again, this time by polling.
    ['after-inbox:3', 'polling'],
  ])(
    'loses and repeats nothing if it is killed at %s and restarted with %s',
    async (point, TELEGRAM_MODE) => {
      const { bot, env } = await newBot();
      const dataDir = await business.copy();
      const doomed = await startSapa({ dataDir, env: { ...env, SAPA_CRASH_AT: point } });
      writeAll(bot);
      expect(await doomed.exited(), 'the point is on the way').toBe(null);
      if (point.includes('inbox')) expect(bot.updates.unconfirmed.length).toBeGreaterThan(0);
      await start(dataDir, { ...env, TELEGRAM_MODE });
      await expectAllAnswered(bot);
    },
  );

  it('switches to polling and back without losing what was written in between', async () => {
    const { bot, env } = await newBot();
    const dataDir = await business.copy();
    const first = await startSapa({ dataDir, env });
    await eventually(
      () => bot.webhook.url,
      (url) => url !== '',
    );
    await first.stop();
    writeAll(bot);
    await eventually(
      () => bot.webhook.attempts.length,
      (attempts) => attempts > 0,
    );

    const polling = await startSapa({ dataDir, env: { ...env, TELEGRAM_MODE: 'polling' } });
    await expectAllAnswered(bot);
    expect(bot.webhook.url).toBe('');
    await polling.stop();

    bot.user(BUDI, BUDI, { language_code: 'en' }).sends('/help');
    await start(dataDir, env);
    await eventually(
      () => textsIn(bot, BUDI),
      (texts) => texts.length === 2,
    );
    await settled(bot);
    expect([textsIn(bot, ANI).length, textsIn(bot, BUDI).length]).toEqual([2, 2]);
  });

  it('requires a public URL, reported at the start together with other wrong settings', async () => {
    const dataDir = await temporaryDataDir();
    try {
      const env = { TELEGRAM_MODE: 'webhook', TELEGRAM_BOT_TOKEN: '1:a-secret-token', PORT: 'x' };
      const { code, stderr } = await runEntry('src/main.js', { dataDir, env });
      expect(code).toBe(2);
      expect(stderr).toMatch(/^ {2}PUBLIC_URL: .*TELEGRAM_MODE=webhook/m);
      expect(stderr).toMatch(/^ {2}PORT: /m);
    } finally {
      await removeDataDir(dataDir);
    }
  });
});

describe('several processes on one store', () => {
  let server: TestServer;
  let link: BreakableLink;
  const folders: string[] = [];
  beforeAll(async () => {
    server = await startTestServer();
    link = new BreakableLink(server.uri);
    await link.mend();
  });
  afterAll(async () => {
    await link.cut();
    await server.close();
    for (const folder of folders) await removeDataDir(folder);
  });

  it('accept calls in an API-only process, and ask Telegram to retry while the store is down', async () => {
    const { bot, env } = await newBot();
    const shared = { SAPA_MASTER_KEY: randomBytes(32).toString('base64'), API_KEY: 'the-key-of-these-tests' };
    folders.push(await temporaryDataDir(), await temporaryDataDir());
    const [working = '', calling = ''] = folders;
    const all = { ...env, ...shared, PORT: '0', MONGODB_URI: server.uri };
    await start(working, all);
    // This process knows the account only from the store.
    const { PORT = '', PUBLIC_URL = '' } = env;
    const api = { ...shared, PORT, PUBLIC_URL, MONGODB_URI: link.uri, ROLES: 'api' };
    await start(calling, api);

    bot.user(BUDI, BUDI, { language_code: 'en' }).sends('Where is your shop located?');
    await eventually(
      () => textsIn(bot, BUDI),
      (texts) => texts.length === 1,
    );
    // Nor has it ever asked Telegram for the bot's name.
    bot.user(BUDI, -100, { language_code: 'en' }).sends(`@${bot.me.username} where is your shop located?`);
    await eventually(
      () => textsIn(bot, -100),
      (texts) => texts.length === 1,
    );

    await link.cut();
    writeAll(bot);
    await eventually(
      () => bot.webhook.attempts.some(({ status }) => status === 503),
      (isRefused) => isRefused,
      90_000,
    );
    expect(bot.webhook.attempts.filter(({ status }) => status === 200)).toHaveLength(2);
    await link.mend();
    await eventually(
      () => bot.updates.unconfirmed,
      (left) => left.length === 0,
      60_000,
    );
    await eventually(
      () => [textsIn(bot, ANI), textsIn(bot, BUDI)] as const,
      ([ani, budi]) => ani.length >= 2 && budi.length >= 2,
    );
    await settled(bot);
    expect([textsIn(bot, ANI).length, textsIn(bot, BUDI).length]).toEqual([2, 2]);
  });
});
