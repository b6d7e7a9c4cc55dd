import { afterEach, expect, it } from 'vitest';
import type { RunTurn, TurnInput } from '../../src/contracts/run-turn.js';
import { eventually, pause } from '../support/wait.js';
import { answering, openPipeline, textOf, textsIn, type Pipeline } from './support/open-pipeline.js';

/** Long enough for an unwanted further message to appear. */
const QUIET_MS = 700;

let pipeline: Pipeline | undefined;
let goOn: () => void = () => undefined;
afterEach(async () => {
  goOn();
  await pipeline?.close();
});

/** Answers with two bubbles: the first is sent at once, the second when the test allows it. */
function inTwoParts(end: (input: TurnInput) => string = () => 'the beginning --- the end'): RunTurn {
  return async (input) => {
    if (textOf(input) === 'short') return answering(input, 'all at once');
    const gate = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    await input.sayAhead?.(answering(input, 'the beginning'));
    await Promise.race([gate, aborted(input.signal)]);
    input.signal.throwIfAborted();
    return answering(input, end(input));
  };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

async function open(runTurn: RunTurn) {
  const opened = await openPipeline({ runTurn });
  pipeline = opened;
  const bot = await opened.addBot('bot');
  const started = opened.start();
  await started.run();
  const texts = (count: number) =>
    eventually(
      () => textsIn(bot, 7),
      (received) => received.length >= count,
    );
  const conversation = async () => {
    const scope = await opened.scope();
    const { items } = await scope.conversations.list({ limit: 1 });
    const [first] = items;
    if (first === undefined) throw new Error('there is no conversation');
    return { scope, id: first.id };
  };
  return { opened, bot, texts, started, conversation };
}

it('the early part of an answer is shown while the rest is written, and both form one answer', async () => {
  const { bot, texts, conversation } = await open(inTwoParts());
  bot.user(7).sends('tell me everything');
  expect(await texts(1)).toEqual(['the beginning']);
  const { scope, id } = await conversation();
  expect(await scope.turns.recent(id, 5)).toMatchObject([{ status: 'open' }]);
  goOn();
  expect(await texts(2)).toEqual(['the beginning', 'the end']);
  const closed = await eventually(
    () => scope.turns.recent(id, 5),
    ([turn]) => turn?.status === 'done',
  );
  expect(closed).toMatchObject([
    { answer: { text: 'the beginning --- the end' }, eventIds: [expect.any(String)] },
  ]);
  expect(await scope.inbox.pending(id)).toEqual([]);
  bot.user(7).sends('short');
  expect(await texts(3)).toEqual(['the beginning', 'the end', 'all at once']);
});

it('the early part is followed by the whole answer if that turns out to begin differently', async () => {
  const { bot, texts } = await open(inTwoParts(() => 'I do not know after all'));
  bot.user(7).sends('tell me everything');
  await texts(1);
  goOn();
  expect(await texts(2)).toEqual(['the beginning', 'I do not know after all']);
});

it('nothing follows the early part if a person takes over meanwhile', async () => {
  const { bot, texts, conversation } = await open(inTwoParts());
  bot.user(7).sends('tell me everything');
  await texts(1);
  const { scope, id } = await conversation();
  await scope.conversations.update(id, { mode: 'human' });
  goOn();
  await eventually(
    () => scope.turns.recent(id, 5),
    ([turn]) => turn?.status === 'done',
  );
  await pause(QUIET_MS);
  expect(textsIn(bot, 7)).toEqual(['the beginning']);
  expect(await scope.inbox.pending(id)).toEqual([]);
});

it('the early part is not sent if a person has taken over before', async () => {
  let tries = 0;
  const { bot, texts, conversation } = await open(async (input) => {
    tries += 1;
    if (input.conversation.mode === 'human') return answering(input, 'nothing of the bot');
    const { scope, id } = await conversation();
    await scope.conversations.update(id, { mode: 'human' });
    await input.sayAhead?.(answering(input, 'the beginning'));
    return answering(input, 'the beginning --- the end');
  });
  bot.user(7).sends('tell me everything');
  expect(await texts(1)).toEqual(['nothing of the bot']);
  expect(tries).toBe(2);
});

it('a message or an edit after the early part does not restart the answer, but is answered next', async () => {
  const { bot, texts } = await open(inTwoParts());
  const message = bot.user(7).sends('tell me everything');
  await texts(1);
  bot.user(7).edits(message, 'short');
  await pause(QUIET_MS);
  expect(textsIn(bot, 7)).toEqual(['the beginning']);
  goOn();
  expect(await texts(3)).toEqual(['the beginning', 'the end', 'all at once']);
});

it('an answer whose rest fails ends with a note about it and is not repeated', async () => {
  const { bot, texts } = await open(async (input) => {
    await input.sayAhead?.(answering(input, 'the beginning'));
    throw new Error('the model went away');
  });
  bot.user(7).sends('tell me everything');
  expect(await texts(2)).toEqual(['the beginning', 'that was not all']);
  await pause(QUIET_MS);
  expect(textsIn(bot, 7)).toHaveLength(2);
});

it('an answer left by a stopped process is ended by another one', async () => {
  const { opened, bot, texts, started } = await open(inTwoParts());
  bot.user(7).sends('tell me everything');
  await texts(1);
  await started.stop(0);
  await opened.start().run();
  expect(await texts(2)).toEqual(['the beginning', 'that was not all']);
});
