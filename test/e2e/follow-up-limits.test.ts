import { afterAll, beforeAll, expect, it } from 'vitest';
import { tokenFor, type FakeApp } from '../fakes/discord/fake-app.js';
import { startFakeDiscord, type FakeDiscord } from '../fakes/discord/start-fake-discord.js';
import { eventually, pause, waitUntil } from '../support/wait.js';
import { bePatient } from './support/be-patient.js';
import { startTelegramBusiness, type TelegramBusiness } from './support/telegram-business.js';

bePatient();

const TOKEN = tokenFor('1100000000000000011');
/** Long enough for an unwanted second message to appear. */
const QUIET_MS = 1_500;

let discord: FakeDiscord;
let app: FakeApp;
let business: TelegramBusiness;
beforeAll(async () => {
  discord = await startFakeDiscord();
  app = discord.world.app(TOKEN);
  business = await startTelegramBusiness({
    env: { DISCORD_TOKEN: TOKEN, DISCORD_API_BASE: discord.apiBase },
  });
}, 120_000);
afterAll(async () => {
  await business.close();
  await discord.close();
});

/** The outcome of a follow-up that is due in one second. */
async function outcomeOf(userId: string, channel: string, message: string) {
  const { body, text } = await business.shop.call('POST', '/followup/schedule', {
    json: { user_id: userId, channel, message, in: 'PT1S' },
  });
  expect(body['id'], text).toBeDefined();
  const ended = await eventually(
    () =>
      business.shop.call('GET', `/followup/${String(body['id'])}`, { headers: { 'Accept-Language': 'en' } }),
    (answer) => answer.body['status'] !== 'pending',
    60_000,
  );
  await pause(QUIET_MS);
  return ended.body;
}

const timesOnTelegram = (id: number, message: string): number =>
  business.textsOf(id).filter((text) => text === message).length;
const duringWaits = () => business.bot.journal.callsOf('sendMessage').filter(({ duringWait }) => duringWait);

it('a follow-up waits as long as the platform asks, and is then sent once', async () => {
  await business.greets(21);
  business.bot.faults.add('sendMessage', { status: 429, retryAfter: 3 });
  expect(await outcomeOf('21', 'telegram', 'After the wait.')).toMatchObject({ status: 'sent', runs: 1 });
  expect(timesOnTelegram(21, 'After the wait.')).toBe(1);
  expect(duringWaits()).toEqual([]);
});

it('several due follow-ups keep to the pace of the chat', async () => {
  await business.greets(22);
  const messages = ['First.', 'Second.', 'Third.', 'Fourth.'];
  const outcomes = await Promise.all(messages.map((message) => outcomeOf('22', 'telegram', message)));
  expect(outcomes.map(({ status }) => status)).toEqual(messages.map(() => 'sent'));
  expect(messages.map((message) => timesOnTelegram(22, message))).toEqual(messages.map(() => 1));
  expect(business.bot.faults.waits.filter(({ scope }) => scope === 'chat 22')).toEqual([]);
});

it('a follow-up is retried if the platform fails, and sent once', async () => {
  await business.greets(23);
  business.bot.faults.add('sendMessage', { status: 502 }, { status: 500 });
  expect(await outcomeOf('23', 'telegram', 'In spite of it.')).toMatchObject({ status: 'sent' });
  expect(timesOnTelegram(23, 'In spite of it.')).toBe(1);
});

it('a follow-up that the platform refuses fails with a reason in plain words', async () => {
  await business.greets(24);
  const refusal = { status: 400, description: 'Bad Request: MESSAGE_REFUSED' };
  business.bot.faults.add('sendMessage', refusal, refusal);
  expect(await outcomeOf('24', 'telegram', 'Not this.')).toMatchObject({
    status: 'failed',
    reason: 'message_refused',
    reason_text: 'the channel refused this message',
    detail: expect.stringContaining('MESSAGE_REFUSED') as string,
  });
  business.bot.faults.clear();
  expect(timesOnTelegram(24, 'Not this.')).toBe(0);
});

it('a Discord follow-up goes to a private chat within its limits, and fails if that chat is closed', async () => {
  const ani = discord.world.member('ani');
  const dm = ani.dmWith(app);
  await waitUntil(() => app.gateway.isConnected);
  ani.writes(dm, 'Hello');
  await eventually(
    () => app.journal.texts(dm.id),
    ({ length }) => length > 0,
  );
  const { items } = (await business.shop.call('GET', '/contacts?channel=discord')).body as {
    items: { identities: { user_id: string }[] }[];
  };
  const userId = items[0]?.identities[0]?.user_id ?? '';
  app.faults.add('POST /channels/:id/messages', { retryAfter: 2 });
  expect(await outcomeOf(userId, 'discord', 'In its time.')).toMatchObject({ status: 'sent' });
  expect(app.journal.texts(dm.id).filter((text) => text === 'In its time.')).toHaveLength(1);
  app.faults.add('POST /channels/:id/messages', { status: 403, code: 50007 });
  expect(await outcomeOf(userId, 'discord', 'Too late.')).toMatchObject({
    status: 'failed',
    reason: 'chat_blocked',
  });
  expect(app.journal.texts(dm.id)).not.toContain('Too late.');
});
