import { afterAll, beforeAll, expect, it } from 'vitest';
import { CRASH_POINTS } from '../../src/delivery/index.js';
import type { FakeBot } from '../fakes/telegram/fake-bot.js';
import { startFakeTelegram, type FakeTelegram } from '../fakes/telegram/start-fake-telegram.js';
import { prepareBusiness, type PreparedBusiness } from './support/prepared-business.js';
import { startSapa, type RunningSapa } from './support/start-sapa.js';
import { eventually } from '../support/wait.js';

const FIRST_UPDATE = 1_000;
const ANI = 7;
const BUDI = 8;
/** Long enough for an unwanted second answer to appear. */
const QUIET_MS = 2_500;

let business: PreparedBusiness;
let telegram: FakeTelegram;
let expected: Seen;
beforeAll(async () => {
  business = await prepareBusiness();
  telegram = await startFakeTelegram();
  const { bot, env } = newBot();
  const sapa = await startSapa({ dataDir: await business.copy(), env });
  writeAll(bot);
  expected = await eventually(
    () => Promise.resolve(seen(bot)),
    ({ ani, budi }) => ani.length >= 2 && budi.length >= 1,
  );
  await settled(bot);
  expected = seen(bot);
  await sapa.stop();
}, 120_000);
afterAll(async () => {
  await telegram.close();
  await business.close();
});

interface Seen {
  readonly ani: readonly string[];
  readonly budi: readonly string[];
}

let bots = 0;
function newBot(): { bot: FakeBot; env: Record<string, string> } {
  const token = `${++bots}00:a-secret-token-of-a-test`;
  return {
    bot: telegram.bot(token),
    env: { TELEGRAM_BOT_TOKEN: token, TELEGRAM_API_ROOT: telegram.apiRoot },
  };
}

/** Three messages in two chats; the command does not belong to the burst before it. */
function writeAll(bot: FakeBot): void {
  bot.user(ANI, ANI, { language_code: 'en' }).sends('What are your opening hours?');
  bot.user(BUDI, BUDI, { language_code: 'en' }).sends('Where is your shop located?');
  bot.user(ANI, ANI, { language_code: 'en' }).sends('/help');
}

function seen(bot: FakeBot): Seen {
  const texts = (chat: number): string[] => bot.journal.messages(chat).map(({ text }) => text ?? '');
  return { ani: texts(ANI), budi: texts(BUDI) };
}

/** Resolves once the chats have not changed for a while. */
async function settled(bot: FakeBot): Promise<void> {
  for (let before = ''; before !== JSON.stringify(seen(bot));) {
    before = JSON.stringify(seen(bot));
    await new Promise((resolve) => setTimeout(resolve, QUIET_MS));
  }
}

async function answersAll(sapa: RunningSapa, bot: FakeBot): Promise<void> {
  await eventually(
    () => Promise.resolve(seen(bot)),
    ({ ani, budi }) => ani.length >= expected.ani.length && budi.length >= expected.budi.length,
  ).catch((error: unknown) => {
    throw new Error(`${String(error)}\n${sapa.output()}`);
  });
  await settled(bot);
}

it('without a crash, a command is answered after the question before it, and another chat in parallel', () => {
  expect(expected.ani.length).toBeGreaterThanOrEqual(2);
  expect(expected.budi.join()).toContain('Jalan Kemuning');
});

/** Crash points of answers sent while the model is still writing; they have a test of their own. */
const OF_BEGINNINGS = ['before-open', 'after-open'];
const POINTS = CRASH_POINTS.filter((point) => !OF_BEGINNINGS.includes(point));

it.each([...POINTS, 'after-inbox:2', 'after-send:2', 'before-send:3', 'after-receipt:2'])(
  'every Telegram message is answered once and in order after a kill at %s',
  { timeout: 120_000 },
  async (point) => {
    const { bot, env } = newBot();
    const dataDir = await business.copy();
    const doomed = await startSapa({ dataDir, env: { ...env, SAPA_CRASH_AT: point } });
    writeAll(bot);
    expect(await doomed.exited(), 'the point is on the way').toBe(null);
    if (point === 'before-inbox') {
      expect(Math.max(...bot.updates.offsets), 'nothing is confirmed that is not stored').toBeLessThanOrEqual(
        FIRST_UPDATE,
      );
    }

    const sapa = await startSapa({ dataDir, env });
    try {
      await answersAll(sapa, bot);
      expect(seen(bot)).toEqual(expected);
      expect(bot.journal.violations).toEqual([]);
      expect(
        await eventually(
          () => Promise.resolve(bot.updates.unconfirmed),
          (left) => left.length === 0,
        ),
      ).toEqual([]);
    } finally {
      await sapa.stop();
    }
  },
);
