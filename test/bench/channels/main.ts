import { silenceLibsignal } from '../../../channels/whatsapp/quiet-libsignal.js';
import { waitUntil } from '../../support/wait.js';
import { HttpClient } from '../kit/http-call.js';
import { inFolder, startService } from '../kit/service.js';
import { median, quantile } from '../kit/statistics.js';
import { digits, printTable } from '../kit/table.js';
import { openBusiness } from './business.js';
import { discordLine, telegramLine, whatsAppLine, type Line } from './lines.js';
import { startSpeakingModel, type SpeakingModel } from './speaking-model.js';

const ROUNDS = 11;
/** Number of bubbles in the answer that measures throughput. */
const BUBBLES = 16;
const TYPING_GOAL_MS = 20;
/** Telegram takes one message a second to one person, so an answer to somebody who writes sooner waits. In ms. */
const BETWEEN_MS = 1_200;
const WHATSAPP_PER_SECOND = 1;
/** WhatsApp's pacing saves up at most this many seconds for a burst. */
const WHATSAPP_BURST_SECONDS = 4;

/** The shortest time in which the platform accepts this many messages to one person, in ms. */
const ALLOWED_MS: Readonly<Record<string, (count: number) => number>> = {
  telegram: (count) => (count - 1) * 1_000,
  discord: (count) => (Math.ceil(count / 5) - 1) * 5_000,
  whatsapp: (count) => ((count - WHATSAPP_PER_SECOND * WHATSAPP_BURST_SECONDS) / WHATSAPP_PER_SECOND) * 1_000,
};

/**
 * Measures the time to the first typing indicator and the first bubble, and how much of a platform's limits
 * is used.
 */
export function channelsBench(): Promise<void> {
  silenceLibsignal();
  return inFolder(async (dataDir) => {
    const model = await startSpeakingModel();
    const lines = [await telegramLine(), await discordLine(), await whatsAppLine(WHATSAPP_PER_SECOND)];
    const env = {
      OPENAI_BASE_URL: model.url,
      OPENAI_API_KEY: 'none',
      LLM_CHAIN: 'openai:m',
      EMBEDDING_PROVIDER: 'none',
    };
    const service = await startService({ dataDir, env });
    const client = new HttpClient(4);
    try {
      await openBusiness(service, client, lines);
      for (const line of lines) {
        await firsts(line, model, 'new people', (round) => 100 + round);
        await firsts(line, model, 'a person who wrote before', () => 99);
        await rate(line);
      }
    } finally {
      client.close();
      await service.stop();
      await model.close();
      for (const line of lines) await line.close();
    }
  });
}

/** People write one after another; each waits for the whole answer. */
async function firsts(
  line: Line,
  model: SpeakingModel,
  who: string,
  personOf: (round: number) => number,
): Promise<void> {
  const typing: number[] = [];
  const bubble: number[] = [];
  const sentence: number[] = [];
  for (let round = -1; round < ROUNDS; round += 1) {
    await new Promise((resolve) => setTimeout(resolve, BETWEEN_MS));
    const person = personOf(round);
    const before = {
      typing: line.typing(person).length,
      messages: line.messages(person).length,
      answers: model.firstAt.length,
    };
    const at = Date.now();
    await line.write(person, 'Could you tell me something nice?');
    // If the machine is too busy to answer in time, the round is not counted.
    const isWhole = await waitUntil(() => line.messages(person).length >= before.messages + 2, 30_000).then(
      () => true,
      () => false,
    );
    if (round < 0 || !isWhole) continue;
    typing.push((line.typing(person)[before.typing] ?? Number.NaN) - at);
    bubble.push((line.messages(person)[before.messages] ?? Number.NaN) - at);
    sentence.push((model.firstAt[before.answers] ?? Number.NaN) - at);
  }
  const times = typing.filter((ms) => !Number.isNaN(ms));
  console.log(
    `\n${line.name}, ${who}: typing after ${digits(median(times))} ms at p50, ${digits(quantile(times, 0.9))} ms at p90 of ${times.length}; goal at most ${TYPING_GOAL_MS} ms: ${median(times) <= TYPING_GOAL_MS ? 'met' : 'NOT met'}`,
  );
  printTable(`${line.name}, ${who}: the first bubble, from the message on`, [
    {
      what: 'first bubble',
      ours: bubble,
      rival: sentence,
      rivalName: 'the first paragraph of the model',
      unit: 'ms',
      goal: { kind: 'at most', ratio: 1.05 },
    },
  ]);
}

async function rate(line: Line): Promise<void> {
  const person = 900;
  await line.write(person, `Please say ${BUBBLES}`);
  await waitUntil(() => line.messages(person).length >= BUBBLES, 180_000);
  const times = line.messages(person);
  const tookMs = (times.at(-1) ?? Number.NaN) - (times[0] ?? Number.NaN);
  printTable(`${line.name}: ${BUBBLES} messages to one person`, [
    {
      what: 'rate',
      ours: [(BUBBLES * 1_000) / tookMs],
      rival: [(BUBBLES * 1_000) / (ALLOWED_MS[line.name]?.(BUBBLES) ?? Number.NaN)],
      rivalName: 'what is allowed',
      unit: 'a second',
      goal: { kind: 'at least', ratio: 0.95 },
    },
  ]);
  console.log(`  calls during a wait: ${line.violations()}; goal 0`);
}
