import { afterEach, expect, it } from 'vitest';
import type { RunTurn } from '../../src/contracts/run-turn.js';
import { eventually, pause } from '../support/wait.js';
import { answering, openPipeline, textOf, textsIn, type Pipeline } from './support/open-pipeline.js';

/** Long enough for an unwanted further message to appear. */
const QUIET_MS = 600;

let pipeline: Pipeline | undefined;
afterEach(() => pipeline?.close());

const slowly: RunTurn = async (input) => {
  await pause(400);
  return answering(input, `re: ${textOf(input)}`);
};

async function open(options: Parameters<typeof openPipeline>[0] = {}) {
  const opened = await openPipeline(options);
  pipeline = opened;
  const bot = await opened.addBot('bot');
  const started = opened.start();
  await started.run();
  const texts = (count: number, chat = 7) =>
    eventually(
      () => textsIn(bot, chat),
      (received) => received.length >= count,
    );
  return { bot, texts, started, scope: opened.scope };
}

it('a message edited while it is being answered is answered as edited', async () => {
  const { bot, texts } = await open({ runTurn: slowly });
  const message = bot.user(7).sends('do you ship to Bandug?');
  await pause(150);
  bot.user(7).edits(message, 'do you ship to Bandung?');
  await texts(1);
  await pause(QUIET_MS);
  expect(textsIn(bot, 7)).toEqual(['re: do you ship to Bandung?']);
});

it('a message deleted while it is being answered gets no answer', async () => {
  const { bot, started, scope } = await open({ runTurn: slowly });
  const message = bot.user(7).sends('forget it');
  await pause(150);
  // Telegram does not tell bots about deletions; other platforms do.
  const connected = started.findAccount('shop', 'bot', 'telegram');
  if (connected === undefined) throw new Error('no account');
  await started.intake.accept(await scope(), connected.account, {
    type: 'delete',
    eventId: 'deleted',
    sequence: 9_000,
    sentAt: new Date(),
    chat: { chatId: '7', kind: 'direct' },
    sender: { id: '7', isBot: false },
    messageId: String(message.message_id),
  });
  await pause(QUIET_MS + 400);
  expect(textsIn(bot, 7)).toEqual([]);
});

it('an answer is corrected after its message was edited, but only if the words changed', async () => {
  const { bot, texts } = await open();
  const message = bot.user(7).sends('how much is size M?');
  await texts(1);
  bot.user(7).edits(message, 'how much is size M?');
  bot.user(7).edits(message, 'how much is size L?');
  await eventually(
    () => textsIn(bot, 7),
    ([text]) => text === 're: how much is size L?',
  );
  await pause(QUIET_MS);
  expect(textsIn(bot, 7)).toEqual(['re: how much is size L?']);
  expect(bot.journal.callsOf('sendMessage')).toHaveLength(1);
});

it('messages written while the answer is being made join the same turn', async () => {
  const { bot, texts } = await open({
    runTurn: slowly,
    settings: { bursts: { quiet_ms: 50, max_wait_ms: 500 } },
  });
  bot.user(7).sends('how much is');
  await pause(250);
  bot.user(7).sends('the blue shirt?');
  await texts(1);
  await pause(QUIET_MS);
  expect(textsIn(bot, 7)).toEqual(['re: how much is | the blue shirt?']);
});

it('messages of two people in a group are answered separately, even in one burst', async () => {
  const { bot, texts } = await open({ settings: { bursts: { quiet_ms: 150, max_wait_ms: 500 } } });
  bot.user(7, -5).sends(`@${bot.me.username} my order 4711?`);
  bot.user(8, -5).sends(`@${bot.me.username} and when do you close?`);
  await texts(2, -5);
  expect(textsIn(bot, -5)).toEqual(['re: my order 4711?', 're: and when do you close?']);
});

it('group messages not addressed to the bot are not stored, and neither are their edits', async () => {
  const { bot, scope } = await open();
  const message = bot.user(7, -5).sends('a private matter');
  bot.user(7, -5).edits(message, 'a private matter, corrected');
  await eventually(
    () => bot.updates.unconfirmed.length,
    (left) => left === 0,
  );
  const { items } = await (await scope()).conversations.list({ limit: 10 });
  expect(items).toEqual([]);
});

it('the bot gives no answer after a person took over', async () => {
  const { bot, scope } = await open({
    async runTurn(input) {
      await pause(500);
      return answering(input, input.conversation.mode === 'bot' ? 're: from the bot' : '');
    },
  });
  bot.user(7).sends('hello?');
  const { conversations } = await scope();
  const [conversation] = await eventually(
    async () => (await conversations.list({ limit: 1 })).items,
    (items) => items.length === 1,
  );
  await pause(150);
  await conversations.update(conversation?.id ?? '', { mode: 'human', modeReason: 'takeover' });
  await pause(QUIET_MS + 700);
  expect(textsIn(bot, 7)).toEqual([]);
});

it('bubbles that are still waiting are withdrawn when a person takes over', async () => {
  const { bot, texts, scope } = await open({
    settings: { bubbles: { max_chars: 1200, max_count: 8, pause_ms: 1500 } },
    runTurn: (input) => Promise.resolve(answering(input, `${'a'.repeat(300)} --- ${'b'.repeat(300)}`)),
  });
  bot.user(7).sends('tell me everything');
  await texts(1);
  const { conversations } = await scope();
  const [conversation] = (await conversations.list({ limit: 1 })).items;
  await conversations.update(conversation?.id ?? '', { mode: 'human' });
  await pause(2_000);
  expect(textsIn(bot, 7)).toHaveLength(1);
});
