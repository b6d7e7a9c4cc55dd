import { afterAll, beforeAll, expect, it } from 'vitest';
import { openAiDialect, TEST_KEY } from '../fakes/llm/dialects.js';
import { startScriptedServer, type ScriptedServer } from '../fakes/llm/scripted-server.js';
import type { FakeBot } from '../fakes/telegram/fake-bot.js';
import { startFakeTelegram, type FakeTelegram } from '../fakes/telegram/start-fake-telegram.js';
import { eventually } from '../support/wait.js';
import { prepareBusiness, type PreparedBusiness } from './support/prepared-business.js';
import { startSapa } from './support/start-sapa.js';

const ANI = 7;
const FIRST = 'Weather is what the sky does, and it changes from one day to the next.';
const SECOND = 'More of it is seen by looking out of the window.';
const BROKEN_OFF = 'My answer broke off here.';
const QUIET_MS = 2_000;

let business: PreparedBusiness;
let telegram: FakeTelegram;
let model: ScriptedServer;
beforeAll(async () => {
  [business, telegram, model] = await Promise.all([
    prepareBusiness(),
    startFakeTelegram(),
    startScriptedServer(),
  ]);
}, 120_000);
afterAll(async () => {
  await Promise.all([telegram.close(), model.close(), business.close()]);
});

let bots = 0;
function newBot(): { readonly bot: FakeBot; readonly env: Record<string, string> } {
  bots += 1;
  const token = `${bots}77:a-secret-token-of-a-test`;
  return {
    bot: telegram.bot(token),
    env: {
      TELEGRAM_BOT_TOKEN: token,
      TELEGRAM_API_ROOT: telegram.apiRoot,
      OPENAI_API_KEY: TEST_KEY,
      OPENAI_BASE_URL: `${model.url}/v1`,
      LLM_CHAIN: 'openai:gpt-test',
    },
  };
}

const textsOf = (bot: FakeBot): string[] => bot.journal.messages(ANI).map(({ text }) => text ?? '');

/** A model may send the beginning of an answer early only after it has answered once before. */
async function askTwice(bot: FakeBot): Promise<void> {
  const ani = bot.user(ANI, ANI, { language_code: 'en' });
  model.play({ chunks: openAiDialect.text('It is a fine day to talk about it.'), ending: 'end' });
  ani.sends('Tell me something nice about clouds, please');
  await eventually(
    () => textsOf(bot),
    (texts) => texts.length > 0,
  );
  model.play({ chunks: openAiDialect.text(`${FIRST}\n\n`, SECOND, ' '), pauseMs: 300, ending: 'end' });
  ani.sends('And explain at length what weather is');
}

it(
  'the first paragraph is sent while the model is still writing, and the rest follows',
  { timeout: 120_000 },
  async () => {
    const { bot, env } = newBot();
    const sapa = await startSapa({ dataDir: await business.copy(), env });
    try {
      await askTwice(bot);
      const [, first, second] = await eventually(
        () => textsOf(bot),
        (texts) => texts.length >= 3,
      );
      expect([first, second]).toEqual([FIRST, SECOND]);
      expect(sapa.output()).not.toContain('"level":50');
    } finally {
      await sapa.stop();
    }
  },
);

it.each([
  // Nothing was sent yet, so after the restart the answer is sent as a whole: the new process has not heard
  // the model before.
  ['before-open', [`${FIRST} ${SECOND}`]],
  ['after-open', [FIRST, BROKEN_OFF]],
  ['before-commit:2', [FIRST, BROKEN_OFF]],
  ['after-commit:2', [FIRST, SECOND]],
])(
  'an answer whose first paragraph was sent is not given twice after a kill at %s',
  { timeout: 120_000 },
  async (point, expected) => {
    const { bot, env } = newBot();
    const dataDir = await business.copy();
    const doomed = await startSapa({ dataDir, env: { ...env, SAPA_CRASH_AT: point } });
    await askTwice(bot);
    expect(await doomed.exited(), 'the point is on the way').toBe(null);
    const sapa = await startSapa({ dataDir, env });
    try {
      await eventually(
        () => textsOf(bot),
        (texts) => texts.length >= 1 + expected.length,
      ).catch((error: unknown) => {
        throw new Error(`${String(error)}\n${textsOf(bot).join('\n')}\n${sapa.output()}`);
      });
      await new Promise((resolve) => setTimeout(resolve, QUIET_MS));
      const transcript = textsOf(bot).slice(1).join('\n\n');
      expect(transcript.replaceAll(/\s+/g, ' ')).toContain(expected.join(' '));
      expect(transcript.split(FIRST)).toHaveLength(2);
      expect(textsOf(bot)).toHaveLength(1 + expected.length);
    } finally {
      await sapa.stop();
    }
  },
);
