import { afterAll, beforeAll, expect, it } from 'vitest';
import { tokenFor, type FakeApp } from '../fakes/discord/fake-app.js';
import { startFakeDiscord, type FakeDiscord } from '../fakes/discord/start-fake-discord.js';
import { eventually, pause, waitUntil } from '../support/wait.js';
import { bePatient } from './support/be-patient.js';
import { sapaClient, type SapaClient } from './support/http-client.js';
import { startTelegramBusiness, type TelegramBusiness } from './support/telegram-business.js';

bePatient();

const TOKEN = tokenFor('1100000000000000021');
const GROUP = -100_500;
const WAIT_SECONDS = 6;
/** Each process has heard of a wait by then; it is much shorter than the wait. */
const HEARD_MS = 1_500;

/** Two real processes with the same bots: the first holds the connections, the second only sends. */
let business: TelegramBusiness;
let discord: FakeDiscord;
let app: FakeApp;
let second: SapaClient;

beforeAll(async () => {
  discord = await startFakeDiscord();
  app = discord.world.app(TOKEN);
  business = await startTelegramBusiness({
    env: { DISCORD_TOKEN: TOKEN, DISCORD_API_BASE: discord.apiBase },
  });
  const { url, adminKey } = await business.startAnother();
  second = sapaClient({ url, key: adminKey, tenantId: 'demo' });
});
afterAll(async () => {
  await business.close();
  await discord.close();
});

/** The conversation that was started with these words. */
async function conversationWith(words: string): Promise<string> {
  const found = await eventually(
    async () => {
      const { body } = await second.call('GET', '/v1/conversations?limit=100');
      const items = body['items'] as readonly { readonly id: string }[];
      const texts = await Promise.all(
        items.map(async ({ id }) => (await second.call('GET', `/v1/conversations/${id}/messages`)).text),
      );
      return items.find((_, index) => texts[index]?.includes(words) === true)?.id;
    },
    (id) => id !== undefined,
  );
  return String(found);
}

/** A member of staff writes to the conversation through the second process. */
async function secondWrites(conversationId: string, text: string): Promise<void> {
  const path = `/v1/conversations/${encodeURIComponent(conversationId)}`;
  for (const [call, options] of [
    ['takeover', {}],
    ['messages', { json: { text } }],
  ] as const) {
    const answer = await second.call('POST', `${path}/${call}`, options);
    expect(answer.status, answer.text).toBeLessThan(300);
  }
}

it('a wait of a Telegram group, told to one process, holds in another topic for the other process', async () => {
  const { bot } = business;
  for (const topic of [7, 8]) bot.openTopic(GROUP, topic);
  const ani = bot.user(41, GROUP);
  const ask = (topic: number, words: string) =>
    ani.sends(`@${bot.me.username} ${words}`, { threadId: topic });
  ask(8, 'Do you ship to Surabaya?');
  await eventually(
    () => bot.journal.messages(GROUP),
    (messages) => messages.length > 0,
  );
  const other = await conversationWith('Do you ship to Surabaya?');
  bot.faults.add('sendChatAction', { status: 429, retryAfter: WAIT_SECONDS });
  ask(7, 'Where is your shop located?');
  await waitUntil(() => bot.faults.waits.length > 0, 30_000);
  await pause(HEARD_MS);
  await secondWrites(other, 'From the other process.');
  await eventually(
    () => bot.journal.messages(GROUP).map(({ text = '' }) => text),
    (texts) =>
      texts.some((text) => text.includes('From the other')) &&
      texts.some((text) => text.includes('Kemuning')),
  );
  expect(bot.journal.violations).toEqual([]);
});

it('a wait of a whole Telegram bot, told to one process, holds for the other in every chat', async () => {
  const { bot } = business;
  business.person(43).sends('Can I return a shirt?');
  await business.reaches(43, '');
  const other = await conversationWith('Can I return a shirt?');
  business.person(42).sends('Who will win the chess tournament?');
  const message = await business.reaches(42, '');
  const [button] = message.reply_markup?.inline_keyboard.flat() ?? [];
  expect(button, 'a button').toBeDefined();
  const before = bot.journal.calls.length;
  bot.faults.add('answerCallbackQuery', { status: 429, retryAfter: WAIT_SECONDS, isForBot: true });
  business.person(42).presses(message, String(button?.text));
  await waitUntil(() => bot.faults.waits.some(({ scope }) => scope === 'bot'), 30_000);
  await pause(HEARD_MS);
  await secondWrites(other, 'To somebody else.');
  await eventually(
    () => bot.journal.calls.slice(before).map(({ params }) => String(params.text)),
    (texts) => texts.includes('To somebody else.'),
  );
  expect(bot.journal.violations).toEqual([]);
});

it('a wait of a whole Discord bot, told to one process, holds for the other in every channel', async () => {
  const [ani, budi] = ['ani', 'budi'].map((name) => discord.world.member(name));
  if (ani === undefined || budi === undefined) throw new Error('unreachable');
  await waitUntil(() => app.gateway.isConnected, 30_000);
  const [first, other] = [ani.dmWith(app), budi.dmWith(app)];
  const texts = (channel: typeof first): readonly string[] => app.journal.texts(channel.id);
  budi.writes(other, 'Can I pay by bank transfer?');
  await eventually(
    () => texts(other),
    ({ length }) => length > 0,
  );
  const conversation = await conversationWith('Can I pay by bank transfer?');
  app.faults.add('POST /channels/:id/typing', { retryAfter: WAIT_SECONDS, scope: 'global' });
  ani.writes(first, 'Where is your shop located?');
  await waitUntil(() => app.faults.waiting === 0, 30_000);
  await pause(HEARD_MS);
  await secondWrites(conversation, 'To somebody else.');
  await eventually(
    () => [texts(first).length, texts(other)] as const,
    ([answers, written]) => answers > 0 && written.includes('To somebody else.'),
  );
  expect(app.journal.violations).toEqual([]);
});
