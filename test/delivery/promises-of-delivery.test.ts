import { afterEach, expect, it } from 'vitest';
import { eventually, pause } from '../support/wait.js';
import { conversationIdOf } from '../../src/lib/ids/conversation-id.js';
import { createSigningChannel } from '../fakes/signing-channel.js';
import { openPipeline, TENANT, textsIn, type Pipeline } from './support/open-pipeline.js';

/** Long enough for an unwanted further message to appear. */
const QUIET_MS = 800;
/** A call this soon after a refusal was sent before the bot knew of it; waits take seconds. */
const ON_ITS_WAY_MS = 250;
const GROUP = -100_123;

let pipeline: Pipeline | undefined;
afterEach(() => pipeline?.close());

it('an answer continues from whichever bubble failed, without a gap or a repeat', async () => {
  pipeline = await openPipeline();
  const bot = await pipeline.addBot('bot');
  await pipeline.start().run();
  const failures = [{ status: 429, retryAfter: 1 }, { drop: 'after' }, { drop: 'before' }] as const;
  for (const [place, failure] of [0, 1, 2]
    .flatMap((k) => failures.map((one) => [k, one] as const))
    .entries()) {
    const [before, fault] = failure;
    bot.faults.add('sendMessage', ...Array.from({ length: before }, () => ({ delayMs: 0 })), fault);
    const chat = 10 + place;
    bot.user(chat).sends('a --- b --- c');
  }
  for (let chat = 10; chat < 19; chat++) {
    const texts = await eventually(
      () => textsIn(bot, chat),
      (received) => received.length >= 3,
    );
    expect(texts).toEqual(['re: a', 'b', 'c']);
  }
  expect(bot.journal.violations).toEqual([]);
});

it('in a storm of waits no call is made during one, nothing is lost, order is kept and other chats go on', async () => {
  pipeline = await openPipeline();
  const bot = await pipeline.addBot('bot');
  await pipeline.start().run();
  const words = ['one', 'two', 'three'];
  /** The words in the order in which they were answered; several may share an answer. */
  const answeredIn = (chat: number): readonly string[] =>
    textsIn(bot, chat).flatMap((text) => text.replace('re: ', '').split(' | '));
  const untilAnswered = (chat: number, count: number) =>
    eventually(
      () => answeredIn(chat),
      ({ length }) => length >= count,
    );
  bot.faults.add('sendMessage', { status: 429, retryAfter: 5 });
  bot.user(20).sends('long wait');
  await eventually(
    () => bot.faults.waits.length,
    (count) => count === 1,
  );
  bot.user(30).sends('hello');
  await untilAnswered(30, 1);
  expect(answeredIn(20)).toEqual([]);

  const chats = [21, 22, 23, 24];
  const faults = [0, 1, 2, 3].flatMap((n) => [{ status: 429, retryAfter: 1 + (n % 2) }, { delayMs: 0 }]);
  for (const method of ['sendMessage', 'sendChatAction']) bot.faults.add(method, ...faults);
  for (const word of words) for (const chat of chats) bot.user(chat).sends(word);
  await Promise.all([untilAnswered(20, 1), ...chats.map((chat) => untilAnswered(chat, words.length))]);
  for (const chat of chats) expect(answeredIn(chat)).toEqual(words);
  expect(bot.faults.waits.length).toBeGreaterThan(4);
  // A call may already be on its way when another one to the chat is refused.
  const late = bot.journal.violations.filter(({ at, params }) =>
    bot.faults.waits.every(
      ({ scope, sinceMs }) =>
        scope !== `chat ${JSON.stringify(params.chat_id)}` || at < sinceMs || at - sinceMs > ON_ITS_WAY_MS,
    ),
  );
  expect(late).toEqual([]);
});

it('an album of six pictures becomes one turn of one conversation', async () => {
  pipeline = await openPipeline({ settings: { bursts: { quiet_ms: 600, max_wait_ms: 10_000 } } });
  const bot = await pipeline.addBot('bot');
  await pipeline.start().run();
  for (let n = 0; n < 6; n++) {
    bot.user(7).sendsPhoto(Buffer.from(`picture ${n}`), { albumId: 'album' });
    await pause(60);
  }
  await eventually(
    () => textsIn(bot, 7),
    (texts) => texts.length > 0,
  );
  await pause(QUIET_MS);
  expect(textsIn(bot, 7)).toHaveLength(1);
  const { items } = await (await pipeline.scope()).conversations.list({ limit: 10 });
  expect(items).toHaveLength(1);
});

it('a bot is never answered, even if it mentions ours, because two bots would never stop', async () => {
  pipeline = await openPipeline();
  const bot = await pipeline.addBot('bot');
  await pipeline.start().run();
  await eventually(
    () => bot.journal.callsOf('getMe').length,
    (calls) => calls > 0,
  );
  const mention = `@${bot.me.username ?? ''}`;
  bot.user(8, GROUP, { is_bot: true }).sends(`${mention} hello, colleague`);
  bot.user(9, GROUP).sends(`${mention} hello`);
  await eventually(
    () => textsIn(bot, GROUP),
    (texts) => texts.length > 0,
  );
  await pause(QUIET_MS);
  expect(textsIn(bot, GROUP)).toEqual(['re: hello']);
});

it('a person who writes endlessly is told once and then ignored, while others are answered', async () => {
  pipeline = await openPipeline();
  const said: { readonly to: string; readonly text: string }[] = [];
  const signing = createSigningChannel();
  const channel: typeof signing = {
    ...signing,
    send({ chat }, message) {
      if (message.type === 'text') said.push({ to: chat.chatId, text: message.text });
      return Promise.resolve({ messageId: String(said.length), sentAt: new Date() });
    },
  };
  const account = {
    id: 'line',
    tenantId: TENANT,
    channel: channel.name,
    config: { secret: 's', called: true },
  };
  await pipeline.service.putAccount(account);
  const running = pipeline.start({ channels: [channel], answersPerMinute: 20 });
  await running.run();
  const scope = await pipeline.scope();
  const writes = async (chat: string, count: number): Promise<void> => {
    for (let number = 0; number < count; number++) {
      const raw = { id: `${chat}${number}`, at: Date.now() + number, chat, text: 'again' };
      const reception = channel.receive(raw, account);
      if (reception.type === 'event') await running.intake.accept(scope, account, reception.event);
    }
  };
  await writes('loud', 26);
  await writes('quiet', 1);
  const to = (chat: string) => said.filter((one) => one.to === chat).map(({ text }) => text);
  await eventually(
    () => to('loud'),
    (texts) => texts.includes('too much'),
  );
  await eventually(
    () => to('quiet'),
    (texts) => texts.length > 0,
  );
  await eventually(
    () => scope.inbox.pending(conversationIdOf('line', { chatId: 'loud', kind: 'direct' })),
    (pending) => pending.length === 0,
  );
  await pause(QUIET_MS);
  expect(to('loud')).toEqual([...Array.from({ length: 20 }, () => 're: again'), 'too much']);
  expect(to('quiet')).toEqual(['re: again']);
});
