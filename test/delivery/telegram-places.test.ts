import { afterEach, expect, it } from 'vitest';
import type { RunTurn } from '../../src/contracts/run-turn.js';
import type { InboundEvent } from '../../src/contracts/channel.js';
import { partText } from '../../src/lib/text/part-text.js';
import { answering, echo, openPipeline, textsIn, type Pipeline } from './support/open-pipeline.js';
import { eventually } from '../support/wait.js';

const GROUP = -4_000;
const SUPERGROUP = -1_000_000_000_777;

let pipeline: Pipeline | undefined;
afterEach(() => pipeline?.close());

async function open(options: Parameters<typeof openPipeline>[0] = {}) {
  pipeline = await openPipeline(options);
  const bot = await pipeline.addBot('bot');
  await pipeline.start().run();
  const shows = (chat: number, count: number) =>
    eventually(
      () => textsIn(bot, chat),
      (texts) => texts.length === count,
    );
  return { bot, shows, scope: pipeline.scope };
}

it('answers each topic of a group in that topic, as a conversation of its own', async () => {
  const { bot, shows, scope } = await open();
  bot.openTopic(SUPERGROUP, 12);
  bot.openTopic(SUPERGROUP, 34);
  const person = bot.user(7, SUPERGROUP);
  person.sends(`@${bot.me.username} ukuran`, { threadId: 12 });
  person.sends(`@${bot.me.username} harga`, { threadId: 34 });
  await shows(SUPERGROUP, 2);
  const answers = bot.journal.messages(SUPERGROUP).map(({ text, message_thread_id: topic }) => [topic, text]);
  expect(answers.toSorted()).toEqual([
    [12, 're: ukuran'],
    [34, 're: harga'],
  ]);
  expect((await (await scope()).conversations.list({ limit: 10 })).items).toHaveLength(2);
});

it('answers an album once, and passes all of it to the turn', async () => {
  const turns: (readonly InboundEvent[])[] = [];
  const runTurn: RunTurn = (input) => {
    turns.push(input.events.map(({ event }) => event));
    return Promise.resolve(answering(input, 'an album'));
  };
  const bursts = { quiet_ms: 600, max_wait_ms: 10_000 };
  const { bot, shows } = await open({ runTurn, settings: { bursts } });
  const person = bot.user(7);
  person.sendsPhoto(Buffer.from('one'), { albumId: 'a1', caption: 'yang mana?' });
  person.sendsPhoto(Buffer.from('two'), { albumId: 'a1' });
  person.sendsFile('video', Buffer.from('three'), 'c.mp4', 'video/mp4', { albumId: 'a1' });
  await shows(7, 1);
  expect(turns).toHaveLength(1);
  expect(turns[0]?.map((event) => 'albumId' in event && event.albumId)).toEqual(['a1', 'a1', 'a1']);
  const parts = turns[0]?.flatMap((event) => (event.type === 'message' ? event.parts : [])) ?? [];
  expect(parts.map((part) => (part.type === 'file' ? part.kind : partText(part)))).toEqual([
    'yang mana?',
    'image',
    'image',
    'video',
  ]);
});

it('passes the quoted message to the turn, whoever wrote it', async () => {
  const quoted: unknown[] = [];
  const runTurn: RunTurn = (input) => {
    for (const { event } of input.events) if (event.type === 'message') quoted.push(event.quoted);
    return echo(input);
  };
  const { bot, shows } = await open({ runTurn });
  const person = bot.user(7);
  const first = person.sends('berapa harganya?');
  await shows(7, 1);
  const [answer] = bot.journal.messages(7);
  person.sends('yang ini', { ...(answer === undefined ? {} : { replyTo: answer }) });
  await shows(7, 2);
  person.sends('dan itu', { replyTo: first });
  await shows(7, 3);
  expect(quoted).toMatchObject([
    undefined,
    { from: 'bot', parts: [{ type: 'text', text: 're: berapa harganya?' }] },
    { from: 'sender', parts: [{ type: 'text', text: 'berapa harganya?' }] },
  ]);
});

it('continues the conversation of a group that becomes a supergroup, even after a restart', async () => {
  const { bot, shows, scope } = await open();
  const say = (chat: number, text: string) => bot.user(7, chat).sends(`@${bot.me.username} ${text}`);
  say(GROUP, 'sebelum');
  await shows(GROUP, 1);
  bot.upgrade(GROUP, SUPERGROUP);
  say(SUPERGROUP, 'sesudah');
  await shows(SUPERGROUP, 1);
  expect(textsIn(bot, SUPERGROUP)).toEqual(['re: sesudah']);
  await pipeline?.restart();
  say(SUPERGROUP, 'kemudian');
  await shows(SUPERGROUP, 2);
  const { items } = await (await scope()).conversations.list({ limit: 10 });
  expect(items).toHaveLength(1);
  // The old id was only tried for what was sent before this process learned of the move.
  expect(bot.journal.callsOf('sendMessage').map(({ params }) => params.chat_id)).toEqual([
    GROUP,
    SUPERGROUP,
    SUPERGROUP,
  ]);
});

it('answers who writes to a channel, each in their own topic and without a mention', async () => {
  const { bot, shows, scope } = await open();
  const people = [7, 8].map((id) => ({ id, is_bot: false, first_name: `Person ${id}`, language_code: 'id' }));
  for (const [index, user] of people.entries()) {
    const topic = bot.openDirectMessages(SUPERGROUP, user);
    const extra = { direct_messages_topic: topic };
    bot.user(user.id, SUPERGROUP, user).sends(['ukuran', 'harga'][index] ?? '', { extra });
  }
  await shows(SUPERGROUP, 2);
  const answers = bot.journal
    .messages(SUPERGROUP)
    .map(({ text, direct_messages_topic: topic }) => [topic?.user.id, text]);
  expect(answers.toSorted()).toEqual([
    [7, 're: ukuran'],
    [8, 're: harga'],
  ]);
  expect((await (await scope()).conversations.list({ limit: 10 })).items).toHaveLength(2);
  expect(bot.journal.callsOf('sendChatAction')).toEqual([]);
});

it('leaves a channel’s chat to the business when it answers there itself', async () => {
  const { bot, shows, scope } = await open();
  const ana = { id: 7, is_bot: false, first_name: 'Ana', language_code: 'id' };
  const extra = { direct_messages_topic: bot.openDirectMessages(SUPERGROUP, ana) };
  const writes = (text: string) => bot.user(7, SUPERGROUP, ana).sends(text, { extra });
  writes('harga');
  await shows(SUPERGROUP, 1);
  bot.user(9, SUPERGROUP).sends('Halo, ini Ratri.', { extra });
  const conversations = async () => (await (await scope()).conversations.list({ limit: 10 })).items;
  await eventually(conversations, ([first]) => first?.mode === 'human');
  expect(await conversations()).toHaveLength(1);
  expect(bot.journal.messages(SUPERGROUP)).toHaveLength(1);
});
