import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { tokenFor } from '../fakes/discord/fake-app.js';
import { startFakeDiscord, type FakeDiscord } from '../fakes/discord/start-fake-discord.js';
import { TEST_KEY } from '../fakes/llm/dialects.js';
import { startScriptedServer, type ScriptedServer } from '../fakes/llm/scripted-server.js';
import { startFakeTelegram, type FakeTelegram } from '../fakes/telegram/start-fake-telegram.js';
import { eventually, waitUntil } from '../support/wait.js';
import { calls } from '../tools/support/open-house.js';
import { startShopService, type ShopService } from '../tools/support/shop-service.js';
import { bePatient } from './support/be-patient.js';
import { sapaClient } from './support/http-client.js';
import { prepareBusiness, type PreparedBusiness } from './support/prepared-business.js';
import { startSapa, type RunningSapa } from './support/start-sapa.js';

bePatient();

const TELEGRAM_TOKEN = '700:a-secret-token-of-a-test';
const DISCORD_TOKEN = tokenFor('1100000000000000077');
const GROUP = -70;

let openai: ScriptedServer;
let shop: ShopService;
let telegram: FakeTelegram;
let discord: FakeDiscord;
let business: PreparedBusiness;
let sapa: RunningSapa;
let stages: Readonly<Record<'Telegram' | 'Discord', Stage>>;

/** Two people in one group and what they see; the same on every platform. */
interface Stage {
  asks(text: string): void;
  /** The bot's texts in the group, including those shown to one person only. */
  seen(): string;
  /** Presses the button of the latest question. */
  presses(who: 'asker' | 'other', label: string): void;
  canPress(label: string): boolean;
}

beforeAll(async () => {
  [openai, shop, telegram, discord, business] = await Promise.all([
    startScriptedServer(),
    startShopService(),
    startFakeTelegram(),
    startFakeDiscord(),
    prepareBusiness(),
  ]);
  // Created before the service starts, because a platform rejects unknown bots.
  stages = { Telegram: onTelegram(), Discord: onDiscord() };
  sapa = await startSapa({
    dataDir: await business.copy(),
    env: {
      OPENAI_API_KEY: TEST_KEY,
      OPENAI_BASE_URL: `${openai.url}/v1`,
      LLM_CHAIN: 'openai:gpt-test',
      OUTBOUND_ALLOW: '127.0.0.1',
      TELEGRAM_BOT_TOKEN: TELEGRAM_TOKEN,
      TELEGRAM_API_ROOT: telegram.apiRoot,
      DISCORD_TOKEN,
      DISCORD_API_BASE: discord.apiBase,
    },
  });
  const client = sapaClient({ url: sapa.url, key: sapa.adminKey, tenantId: 'demo' });
  const json = {
    name: 'book_boat',
    description: 'Books a boat.',
    method: 'POST',
    url: `${shop.url}/boats`,
    input_schema: { type: 'object', properties: { day: { type: 'string' } } },
  };
  expect((await client.call('POST', '/v1/tools/http', { json })).status).toBe(201);
}, 180_000);
beforeEach(() => {
  shop.calls.length = 0;
});
afterAll(async () => {
  await sapa.stop();
  await business.close();
  await Promise.all([openai.close(), shop.close(), telegram.close(), discord.close()]);
});

function onTelegram(): Stage {
  const bot = telegram.bot(TELEGRAM_TOKEN);
  const people = {
    asker: bot.user(71, GROUP, { language_code: 'en' }),
    other: bot.user(72, GROUP, { language_code: 'en' }),
  };
  const labels = (message: ReturnType<typeof bot.journal.messages>[number]): readonly string[] =>
    (message.reply_markup?.inline_keyboard ?? []).flat().map(({ text }) => text);
  const question = (label: string) =>
    bot.journal.messages(GROUP).findLast((message) => labels(message).includes(label));
  return {
    asks: (text) => void people.asker.sends(`@${bot.me.username} ${text}`),
    seen: () => JSON.stringify([bot.journal.messages(GROUP), bot.journal.callsOf('answerCallbackQuery')]),
    presses(who, label) {
      const message = question(label);
      if (message === undefined) throw new Error('nothing was asked');
      people[who].presses(message, label);
    },
    canPress: (label) => question(label) !== undefined,
  };
}

function onDiscord(): Stage {
  const app = discord.world.app(DISCORD_TOKEN);
  const general = discord.world.textChannel(discord.world.guild('Boats', app), 'general');
  const people = { asker: discord.world.member('ani'), other: discord.world.member('budi') };
  const question = (label: string) =>
    app.journal
      .messages(general.id)
      .findLast(({ components }) =>
        components.flatMap((row) => row.components).some((each) => each.label === label),
      );
  return {
    asks: (text) => void people.asker.mentions(app, general, text),
    seen: () =>
      JSON.stringify([
        app.journal.messages(general.id),
        [...app.interactions.all.values()].map(({ answerData, original }) => [answerData, original?.content]),
      ]),
    presses(who, label) {
      const message = question(label);
      if (message === undefined) throw new Error('nothing was asked');
      people[who].presses(app, message, label);
    },
    canPress: (label) => question(label) !== undefined,
  };
}

it.each(['Telegram', 'Discord'] as const)(
  'on %s a button works only for the person asked, decides once, and shows the outcome',
  async (name) => {
    const stage = stages[name];
    if (name === 'Discord') await waitUntil(() => discord.world.app(DISCORD_TOKEN).gateway.isConnected);
    openai.play(calls('book_boat', { day: `Friday-${name}` }));
    stage.asks('please book a boat for me on Friday');
    await waitUntil(() => stage.canPress('Confirm')).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${stage.seen()}\n${sapa.output().slice(-3000)}`);
    });
    expect(stage.seen()).toContain(`Friday-${name}`);
    expect(shop.calls).toEqual([]);

    stage.presses('other', 'Confirm');
    await eventually(
      () => Promise.resolve(stage.seen()),
      (text) => text.includes('nothing here for you to decide'),
    );
    expect(shop.calls).toEqual([]);

    stage.presses('asker', 'Confirm');
    await eventually(
      () => Promise.resolve(stage.seen()),
      (text) => text.includes('Done:'),
    );
    expect(shop.calls).toHaveLength(1);
    if (stage.canPress('Confirm')) {
      stage.presses('asker', 'Confirm');
      stage.presses('asker', 'Cancel');
      await eventually(
        () => Promise.resolve(stage.seen()),
        (text) => text.includes('was agreed to before'),
      );
    }
    expect(shop.calls).toHaveLength(1);
  },
);
