import { afterEach, expect, it } from 'vitest';
import type { RunTurn } from '../../src/contracts/run-turn.js';
import { answering, echo, openPipeline, textOf, textsIn, type Pipeline } from './support/open-pipeline.js';
import { eventually, pause } from '../support/wait.js';

/** Long enough for an unwanted second answer to appear. */
const QUIET_MS = 1_500;

let pipeline: Pipeline | undefined;
afterEach(() => pipeline?.close());

async function open(options: Parameters<typeof openPipeline>[0] = {}): Promise<Pipeline> {
  pipeline = await openPipeline(options);
  return pipeline;
}

it('sends a message once if Telegram accepted it but the reply was lost', async () => {
  const { addBot, start } = await open();
  const bot = await addBot('bot');
  await start().run();
  bot.user(7).sends('first');
  await eventually(
    () => textsIn(bot, 7),
    (texts) => texts.length === 1,
  );
  bot.faults.add('sendMessage', { drop: 'after' });
  bot.user(7).sends('second');
  await eventually(
    () => bot.journal.callsOf('editMessageReplyMarkup'),
    (calls) => calls.length > 0,
  );
  bot.user(7).sends('third');
  await eventually(
    () => textsIn(bot, 7),
    (texts) => texts.includes('re: third'),
  );
  expect(textsIn(bot, 7)).toEqual(['re: first', 're: second', 're: third']);
});

it('sends the message again if the connection broke before Telegram received it', async () => {
  const { addBot, start } = await open();
  const bot = await addBot('bot');
  bot.faults.add('sendMessage', { drop: 'before' }, { status: 502 });
  await start().run();
  bot.user(7).sends('hello');
  await eventually(
    () => textsIn(bot, 7),
    (texts) => texts.length > 0,
  );
  await pause(QUIET_MS);
  expect(textsIn(bot, 7)).toEqual(['re: hello']);
});

it('continues from the bubble that Telegram rate-limited, without a call before the wait is over', async () => {
  const { addBot, start } = await open();
  const bot = await addBot('bot');
  bot.faults.add('sendMessage', { delayMs: 0 }, { status: 429, retryAfter: 3 });
  await start().run();
  bot.user(7).sends('a --- b --- c');
  await eventually(
    () => textsIn(bot, 7),
    (texts) => texts.length === 1,
  );
  bot.user(7).sends('impatient');
  await eventually(
    () => textsIn(bot, 7),
    (texts) => texts.length === 4,
  );
  expect(textsIn(bot, 7)).toEqual(['re: a', 'b', 'c', 're: impatient']);
  expect(bot.journal.violations).toEqual([]);
});

it('backs off while Telegram does not answer, however much the person writes meanwhile', async () => {
  const { addBot, start } = await open();
  const bot = await addBot('bot');
  bot.faults.add('sendMessage', ...Array.from({ length: 20 }, () => ({ drop: 'before' }) as const));
  await start().run();
  const calls = () => bot.journal.callsOf('sendMessage').map(({ at }) => at);
  bot.user(7).sends('hello');
  await eventually(calls, (times) => times.length === 1);
  for (let count = 0; count < 20; count++) {
    bot.user(7).sends('are you there?');
    await pause(150);
  }
  await eventually(calls, (times) => times.length >= 3);
  const waits = calls().flatMap((at, index, all) => (index === 0 ? [] : [at - (all[index - 1] ?? 0)]));
  for (const [index, ms] of waits.entries()) expect(ms).toBeGreaterThan(900 * 2 ** index);
});

it('stops sending after the first refusal to a person who blocked the bot', async () => {
  const { addBot, start, scope } = await open();
  const bot = await addBot('bot');
  await start().run();
  const person = bot.user(7);
  person.blocks();
  person.sends('a --- b --- c');
  const [conversation] = await eventually(
    async () => (await (await scope()).conversations.list({ limit: 1 })).items,
    (items) => items.length === 1,
  );
  const [turn] = await eventually(
    async () => (await scope()).turns.recent(conversation?.id ?? '', 1),
    ([latest]) => latest?.status === 'done',
  );
  expect(turn?.deliveries.map(({ state }) => state)).toEqual(['failed', 'failed', 'failed']);
  expect(bot.journal.callsOf('sendMessage')).toHaveLength(1);
});

it('answers an update once even if Telegram delivers it twenty times', async () => {
  const { addBot, start } = await open();
  const bot = await addBot('bot');
  bot.user(7).sends('hello');
  const [update] = bot.updates.unconfirmed;
  if (update === undefined) throw new Error('no update');
  for (let n = 1; n < 20; n++) bot.updates.deliver(update);
  await start().run();
  await eventually(
    () => textsIn(bot, 7),
    (texts) => texts.length > 0,
  );
  await pause(QUIET_MS);
  bot.updates.deliver(update);
  await pause(QUIET_MS);
  expect(textsIn(bot, 7)).toEqual(['re: hello']);
});

it('makes one turn of four quick messages, and a separate one of a command among them', async () => {
  const { addBot, start } = await open({ settings: { bursts: { quiet_ms: 600, max_wait_ms: 10_000 } } });
  const bot = await addBot('bot');
  await start().run();
  const person = bot.user(7);
  for (const text of ['one', 'two', 'three', 'four']) {
    person.sends(text);
    await pause(50);
  }
  await eventually(
    () => textsIn(bot, 7),
    (texts) => texts.length === 1,
  );
  person.sends('five');
  person.sends('/help');
  await eventually(
    () => textsIn(bot, 7),
    (texts) => texts.length === 3,
  );
  expect(textsIn(bot, 7)).toEqual(['re: one | two | three | four', 're: five', 're: command']);
});

it('answers the edited text of a message that is still waiting', async () => {
  const { addBot, start } = await open({ settings: { bursts: { quiet_ms: 1_500, max_wait_ms: 10_000 } } });
  const bot = await addBot('bot');
  await start().run();
  const person = bot.user(7);
  person.edits(person.sends('waht'), 'what');
  await eventually(
    () => textsIn(bot, 7),
    (texts) => texts.length > 0,
  );
  await pause(QUIET_MS);
  expect(textsIn(bot, 7)).toEqual(['re: what']);
});

it('separates two bots of a business whose chats and messages have the same ids', async () => {
  const { addBot, start, scope } = await open();
  const one = await addBot('bot-1', '11:secret-one');
  const two = await addBot('bot-2', '22:secret-two');
  await start().run();
  one.user(7).sends('to one');
  two.user(7).sends('to two');
  await eventually(
    () => [textsIn(one, 7), textsIn(two, 7)],
    (both) => both.every((texts) => texts.length === 1),
  );
  expect([textsIn(one, 7), textsIn(two, 7)]).toEqual([['re: to one'], ['re: to two']]);
  expect((await (await scope()).conversations.list({ limit: 10 })).items).toHaveLength(2);
});

it(
  'apologises for a poison message after five attempts, and answers those after it',
  { timeout: 60_000 },
  async () => {
    const tries: string[] = [];
    const runTurn: RunTurn = (input) => {
      const text = textOf(input);
      tries.push(text);
      return text.includes('poison') ? Promise.reject(new Error('indigestible')) : echo(input);
    };
    const { addBot, start, scope } = await open({ runTurn });
    const bot = await addBot('bot');
    await start().run();
    bot.user(7).sends('poison');
    await eventually(
      () => tries,
      (all) => all.length > 0,
    );
    bot.user(7).sends('bread');
    bot.user(8).sends('other chat');
    await eventually(
      () => textsIn(bot, 8),
      (texts) => texts.length === 1,
    );
    expect(textsIn(bot, 7)).toEqual([]);
    await eventually(
      () => textsIn(bot, 7),
      (texts) => texts.length === 2,
      40_000,
    );
    expect(textsIn(bot, 7)).toEqual(['sorry', 're: bread']);
    expect(tries.filter((text) => text === 'poison')).toHaveLength(5);
    expect(tries.filter((text) => text.includes('bread'))).toEqual(['bread']);
    const [, update] = [...bot.updates.offsets].reverse();
    expect(update).toBeDefined();
    const dead = await eventually(
      async () => (await scope()).inbox.get('bot:1000'),
      (event) => event?.status !== 'pending',
    );
    expect(dead?.status).toBe('dead');
  },
);

it('answers a chat in order while another chat is slow', async () => {
  const runTurn: RunTurn = async (input) => {
    if (textOf(input) === 'slow') await pause(2_000);
    return answering(input, `re: ${textOf(input)}`);
  };
  const { addBot, start } = await open({ runTurn });
  const bot = await addBot('bot');
  await start().run();
  bot.user(7).sends('slow');
  await pause(300);
  bot.user(7).sends('after slow');
  for (let n = 1; n <= 5; n++) {
    bot.user(8).sends(`quick ${n}`);
    await eventually(
      () => textsIn(bot, 8),
      (texts) => texts.length === n,
    );
  }
  await eventually(
    () => textsIn(bot, 7),
    (texts) => texts.length === 2,
  );
  expect(textsIn(bot, 7)).toEqual(['re: slow', 're: after slow']);
});
