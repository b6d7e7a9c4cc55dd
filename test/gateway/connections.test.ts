import { afterEach, beforeEach, expect, it } from 'vitest';
import { recordingLogger } from '../fakes/recording-logger.js';
import { openPipeline, TENANT, textsIn, type Pipeline } from '../delivery/support/open-pipeline.js';
import { eventually, pause } from '../support/wait.js';

let pipeline: Pipeline;
beforeEach(async () => {
  pipeline = await openPipeline();
});
afterEach(() => pipeline.close());

it('connects an account from one of two processes, and from the other when that one stops', async () => {
  const bot = await pipeline.addBot('bot');
  const first = pipeline.start();
  const second = pipeline.start();
  await first.run();
  await eventually(
    () => bot.updates.offsets.length,
    (polls) => polls > 0,
  );
  await second.run();
  bot.user(7).sends('one');
  await eventually(
    () => textsIn(bot, 7),
    (texts) => texts.length === 1,
  );
  await pause(1_000);
  expect(bot.journal.callsOf('getMe')).toHaveLength(1);

  await first.stop();
  bot.user(7).sends('two');
  await eventually(
    () => textsIn(bot, 7),
    (texts) => texts.length === 2,
  );
  expect(bot.journal.callsOf('getMe')).toHaveLength(2);
  expect(textsIn(bot, 7)).toEqual(['re: one', 're: two']);
});

it('takes over from a silent process when its lease has ended', { timeout: 60_000 }, async () => {
  const bot = await pipeline.addBot('bot');
  const { lanes } = pipeline.service;
  const conversationId = 'connection:bot';
  await lanes.mark(TENANT, conversationId, new Date());
  await lanes.claim(TENANT, conversationId, 'a silent process', 3_000);
  await pipeline.start().run();
  bot.user(7).sends('hello');
  expect(bot.journal.callsOf('getMe')).toEqual([]);
  await eventually(
    () => textsIn(bot, 7),
    (texts) => texts.length === 1,
    40_000,
  );
  expect(textsIn(bot, 7)).toEqual(['re: hello']);
});

it('logs once that an account is connected, with its channel and id', async () => {
  const bot = await pipeline.addBot('bot');
  const lines: string[] = [];
  await pipeline.start({ logger: recordingLogger(lines) }).run();
  bot.user(7).sends('one');
  await eventually(
    () => textsIn(bot, 7),
    (texts) => texts.length === 1,
  );
  expect(lines.filter((line) => line.includes('telegram (bot) is connected'))).toHaveLength(1);
});

it('releases its claim to a connection when it stops', async () => {
  const bot = await pipeline.addBot('bot');
  const one = pipeline.start();
  await one.run();
  await eventually(
    () => bot.updates.offsets.length,
    (polls) => polls > 0,
  );
  expect(await pipeline.service.lanes.owners()).toHaveLength(1);
  await one.stop();
  expect(await pipeline.service.lanes.owners()).toEqual([]);
});

it('follows accounts that are added, changed and removed', async () => {
  const one = pipeline.start();
  await one.run();
  const bot = await pipeline.addBot('bot', '11:secret-one');
  one.connections.changed();
  await eventually(
    () => bot.updates.offsets.length,
    (polls) => polls > 0,
  );

  const other = await pipeline.addBot('bot', '22:secret-two');
  one.connections.changed();
  other.user(7).sends('hello other');
  await eventually(
    () => textsIn(other, 7),
    (texts) => texts.length === 1,
  );

  await pipeline.service.removeAccount(TENANT, 'bot');
  one.connections.changed();
  await eventually(
    () => one.findAccount(TENANT, 'bot', 'telegram'),
    (state) => state === undefined,
  );
  const polls = other.updates.offsets.length;
  await eventually(
    () => pipeline.service.lanes.owners(),
    (owners) => owners.length === 0,
  );
  other.user(7).sends('is there anybody');
  await pause(1_000);
  expect(other.updates.offsets.length - polls).toBeLessThanOrEqual(1);
  expect(textsIn(other, 7)).toEqual(['re: hello other']);
});

it('reports why an account is blocked, and then makes no more calls to the platform', async () => {
  const bot = await pipeline.addBot('bot');
  bot.isRevoked = true;
  await pipeline.start().run();
  await eventually(
    () => pipeline.service.connectionStates(TENANT),
    ([entry]) => entry?.state.state === 'blocked',
  );
  const calls = bot.journal.calls.length;
  await pause(1_500);
  expect(bot.journal.calls).toHaveLength(calls);
});

it('never finds the account of another business', async () => {
  await pipeline.addBot('bot');
  const one = pipeline.start();
  await one.run();
  expect(one.findAccount(TENANT, 'bot', 'telegram')).toBeDefined();
  expect(one.findAccount('another', 'bot', 'telegram')).toBeUndefined();
});
