import { afterAll, beforeAll, expect, it } from 'vitest';
import { tokenFor, type FakeApp } from '../fakes/discord/fake-app.js';
import type { FakeMember } from '../fakes/discord/fake-member.js';
import { startFakeDiscord, type FakeDiscord } from '../fakes/discord/start-fake-discord.js';
import type { FakeChannel, FakeMessage } from '../fakes/discord/types.js';
import { eventually, waitUntil } from '../support/wait.js';
import { bePatient } from './support/be-patient.js';
import { startTelegramBusiness, type TelegramBusiness } from './support/telegram-business.js';

bePatient();

const TOKEN = tokenFor('1100000000000000008');
const ANI = 7;

let discord: FakeDiscord;
let app: FakeApp;
let business: TelegramBusiness;
let desk: FakeChannel;
let sari: FakeMember;

/** Customers on Telegram, staff on Discord. */
beforeAll(async () => {
  discord = await startFakeDiscord();
  app = discord.world.app(TOKEN);
  desk = discord.world.textChannel(discord.world.guild('Kawung', app), 'staff');
  sari = discord.world.member('sari');
  const env = { DISCORD_TOKEN: TOKEN, DISCORD_API_BASE: discord.apiBase };
  business = await startTelegramBusiness({ env });
  const inbox = { channel: 'discord', account_id: 'demo-discord', chat_id: desk.id };
  await business.changeSettings({ handover: { inbox } });
  await waitUntil(() => app.gateway.isConnected);
});
afterAll(async () => {
  await business.close();
  await discord.close();
});

const ani = () => business.person(ANI, 'Ani');

/** The newest message in the thread that contains these words. */
async function inThread(thread: FakeChannel, words: string): Promise<FakeMessage> {
  const find = () =>
    app.journal
      .messages(thread.id)
      .findLast(({ content }) => content.replaceAll('\u2060', '').includes(words));
  const match = await eventually(find, (message) => message !== undefined).catch((error: unknown) => {
    throw new Error(`${String(error)}: "${words}" in ${JSON.stringify(app.journal.texts(thread.id))}`);
  });
  if (match === undefined) throw new Error('unreachable');
  return match;
}

it('a conversation is mirrored in a thread both ways, with names, files and edits, until its release', async () => {
  ani().sends('/human');
  await business.reaches(ANI, "I've passed this chat on to our team");
  const thread = await eventually(
    () => [...discord.world.channels.values()].find(({ parentId }) => parentId === desk.id),
    (message) => message !== undefined,
  );
  if (thread === undefined) throw new Error('unreachable');
  expect(thread.name).toBe('Ani · telegram');
  await inThread(thread, 'Semua yang ditulis di utas ini sampai ke Ani');

  sari.writes(thread, 'Hello Ani, **Sari** here');
  const notice = await business.reaches(ANI, 'Hello Ani, Sari here');
  const question = ani().sends('Is the blue shirt there?');
  await inThread(thread, '**Ani:** Is the blue shirt there?');

  ani().edits(question, 'Is the red shirt there?');
  await inThread(thread, '**Ani:** Is the red shirt there?');
  expect(app.journal.texts(thread.id).filter((text) => text.includes('shirt'))).toHaveLength(1);
  const answer = sari.writes(thread, 'It is, for Rp 90.000');
  const price = await business.reaches(ANI, 'Rp 90.000', 0);
  sari.edits(answer, 'It is, for Rp 95.000');
  await eventually(
    () => business.bot.message(ANI, price.message_id)?.text,
    (text) => text === 'It is, for Rp 95.000',
  );
  expect(notice.message_id).toBeLessThan(price.message_id);

  ani().sendsFile('document', Buffer.from('%PDF-1.4 order'), 'order.pdf', 'application/pdf');
  await eventually(
    () =>
      app.journal
        .messages(thread.id)
        .flatMap(({ attachments }) => attachments.map(({ filename }) => filename)),
    (names) => names.includes('order.pdf'),
  );
  const receipt = discord.world.addFile(Buffer.from('%PDF-1.4 receipt'), 'receipt.pdf', 'application/pdf');
  sari.writes(thread, 'Your receipt', { files: [receipt] });
  await eventually(
    () =>
      business
        .messagesOf(ANI)
        .map(({ document }) => (document as { file_name?: string } | undefined)?.file_name),
    (names) => names.includes('receipt.pdf'),
  );

  const before = business.messagesOf(ANI).length;
  sari.writes(thread, '/release');
  await business.reaches(ANI, 'The assistant is back', before);
  ani().sends('What are your opening hours?');
  await business.reaches(ANI, 'Tuesday', before);
  expect(app.journal.texts(thread.id).join()).not.toContain('opening hours');
  expect(app.journal.pings).toEqual([]);
});
