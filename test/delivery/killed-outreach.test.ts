import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTelegramChannel } from '../../channels/telegram/index.js';
import type { Clock } from '../../src/contracts/runtime.js';
import type { Conversation } from '../../src/contracts/stores.js';
import type { TurnOrigin } from '../../src/contracts/turn.js';
import { systemClock } from '../../src/lib/time/clock.js';
import type { FakeBot } from '../fakes/telegram/fake-bot.js';
import { silentLogger } from '../fakes/silent-logger.js';
import { eventually, pause } from '../support/wait.js';
import { Life } from './support/mortal.js';
import { openPipeline, scopeOf, textsIn, type Pipeline } from './support/open-pipeline.js';
import { LocalWaits } from '../../src/lib/work/local-waits.js';

const CHAT = 7;
/** By then a lane is checked again, and a killed process's claim has expired. */
const LATER_MS = 130_000;

/** By then a lane left to a connection is given to any process. */
const NOBODY_CAME_MS = 11 * 60_000;

/** The real time plus a skipped span, so that the test does not have to wait. */
let skippedMs = 0;
const clock: Clock = {
  ...systemClock,
  now: () => new Date(Date.now() + skippedMs),
  monotonicMs: () => systemClock.monotonicMs() + skippedMs,
};

const ORIGINS: Readonly<
  Record<string, { readonly source: 'human' | 'command'; readonly origin?: TurnOrigin }>
> = {
  outreach: { source: 'command' },
  job: { source: 'command', origin: { type: 'job' } },
  staff: { source: 'human', origin: { type: 'staff', contactId: 'sari' } },
  confirmation: { source: 'command', origin: { type: 'confirmation', actionId: 'act_1' } },
};
/** The points in the order in which a message passes them. Before the commit, it does not count as said. */
const UNCOMMITTED = ['before lanes.mark', 'after lanes.mark'];
const COMMITTED = [
  'after turns.commit',
  'after conversations.settle',
  'after-claim',
  'before-mark-sending',
  'before-send',
  'after-send',
  'after-receipt',
  'before-release',
];
const KILLS = Object.keys(ORIGINS).flatMap((what) =>
  [...UNCOMMITTED, ...COMMITTED].map((point) => ({ what, point })),
);

let pipeline: Pipeline;
let bot: FakeBot;
let conversation: Conversation;
beforeAll(async () => {
  pipeline = await openPipeline({ clock });
  bot = await pipeline.addBot('bot');
  const first = pipeline.start();
  await first.run();
  bot.user(CHAT).sends('hello');
  await eventually(
    () => textsIn(bot, CHAT),
    (texts) => texts.length === 1,
  );
  await first.stop();
  const { items } = await (await scopeOf(pipeline.service)).conversations.list({ limit: 1 });
  const [only] = items;
  if (only === undefined) throw new Error('nobody wrote');
  conversation = only;
}, 60_000);
afterAll(() => pipeline.close());

it.each(KILLS)('a message of origin $what is sent once across a kill at $point', async ({ what, point }) => {
  const { source, origin } = ORIGINS[what] ?? { source: 'command' };
  const text = `${what}, killed at ${point}`;
  const scope = await scopeOf(pipeline.service);
  const timesSaid = (): number => textsIn(bot, CHAT).filter((message) => message === text).length;
  const isDone = async (): Promise<boolean> =>
    (await scope.turns.answering(`say:${text}`))?.status === 'done';

  const life = new Life(point);
  const doomed = pipeline.startDoomed({
    service: life.service(pipeline.service),
    channels: [
      life.channel(createTelegramChannel({ clock, logger: silentLogger, waits: new LocalWaits(clock) })),
    ],
    at: life.at,
  });
  await doomed.accounts.reload();
  doomed.worker.start({ sweeps: false });
  void doomed.outreach.say(life.scope(scope), conversation.id, text, text, source, origin);
  await life.ended;

  skippedMs += LATER_MS;
  const next = pipeline.start();
  await next.accounts.reload();
  await next.run();
  // A committed message is delivered without being said again.
  if (COMMITTED.includes(point)) {
    await eventually(isDone, (done) => done);
    expect(timesSaid()).toBe(1);
  } else expect(timesSaid()).toBe(0);
  // A caller that does not know whether it was said says it again under the same key.
  await next.outreach.say(scope, conversation.id, text, text, source, origin);
  await eventually(isDone, (done) => done);
  expect(timesSaid()).toBe(1);
  const turn = await scope.turns.answering(`say:${text}`);
  expect(turn?.origin).toEqual(origin ?? { type: 'outreach' });
  await next.stop();
});

it('a message in doubt is not left forever to a connection whose process runs no lanes', async () => {
  const text = 'killed, and nobody who works is connected';
  const scope = await scopeOf(pipeline.service);
  const life = new Life('after-send');
  const doomed = pipeline.startDoomed({
    service: life.service(pipeline.service),
    channels: [
      life.channel(createTelegramChannel({ clock, logger: silentLogger, waits: new LocalWaits(clock) })),
    ],
    at: life.at,
  });
  await doomed.accounts.reload();
  doomed.worker.start({ sweeps: false });
  void doomed.outreach.say(life.scope(scope), conversation.id, text, text, 'command');
  await life.ended;

  skippedMs += LATER_MS;
  const next = pipeline.start();
  await next.accounts.reload();
  next.worker.start({ sweeps: true });
  await pause(2_500);
  skippedMs += NOBODY_CAME_MS;
  await eventually(
    async () => (await scope.turns.answering(`say:${text}`))?.status,
    (status) => status === 'done',
  );
  expect(textsIn(bot, CHAT).filter((message) => message === text)).toHaveLength(1);
  await next.worker.stop(5_000);
});
