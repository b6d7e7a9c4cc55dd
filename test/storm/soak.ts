import { readdir, readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { silenceLibsignal } from '../../channels/whatsapp/quiet-libsignal.js';
import { removeDataDir, startSapa, temporaryDataDir } from '../e2e/support/start-sapa.js';
import { pause } from '../support/wait.js';
import { startEchoModel } from './echo-model.js';
import { judge, type Written } from './judge.js';
import type { StormConversation, StormPlatform } from './platform.js';
import { seededRandom } from './random.js';
import { connectAll, openPlatforms, settingsFor, settle } from './run-storm.js';
import { questionWith, tokenOf } from './tokens.js';

/**
 * `npm run soak`: steady traffic on three platforms; memory and handles of the process must stay constant.
 */
const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '30' },
    conversations: { type: 'string', default: '20' },
    /** Messages per second on all platforms together. */
    rate: { type: 'string', default: '3' },
  },
});
/** Once no new answer has come for this long, none is expected any more, in ms. */
const PATIENCE_MS = 60_000;
const SAMPLE_EVERY_MS = 5_000;
/** The beginning, while caches fill, is not measured. */
const WARM_UP_SHARE = 0.2;

interface Sample {
  readonly minute: number;
  readonly rssMb: number;
  readonly handles: number;
}

silenceLibsignal();
const random = seededRandom(1);
const model = await startEchoModel(random);
const platforms = await openPlatforms(Number(values.conversations));
const dataDir = await temporaryDataDir();
const sapa = await startSapa({ dataDir, env: settingsFor(model.url) });
await connectAll(platforms, sapa);

const messages = new Map<StormConversation, Written[]>(
  platforms.flatMap(({ conversations }) => conversations).map((conversation) => [conversation, []]),
);
const samples: Sample[] = [];
const startedAt = performance.now();
const endsAt = startedAt + Number(values.minutes) * 60_000;
await Promise.all([write(), measure()]);
await settle(platforms, messages, { patienceMs: PATIENCE_MS });
console.log(report());
await sapa.stop();
await model.close();
for (const platform of platforms) await platform.close();
await removeDataDir(dataDir);

async function write(): Promise<void> {
  const all = [...messages];
  while (performance.now() < endsAt) {
    const [conversation, list] = all[random.between(0, all.length - 1)] ?? [];
    if (conversation !== undefined && list !== undefined && list.length < 1_000) {
      const token = tokenOf(conversation.name, list.length);
      list.push({ token });
      await conversation.write(questionWith(token));
    }
    await pause(1_000 / Number(values.rate));
  }
}

async function measure(): Promise<void> {
  while (performance.now() < endsAt) {
    const sample = await look((performance.now() - startedAt) / 60_000);
    samples.push(sample);
    if (samples.length % 12 === 1) console.log(lineOf(sample));
    await pause(SAMPLE_EVERY_MS);
  }
}

/** Read from the operating system, because asking the process itself would use memory too. */
async function look(minute: number): Promise<Sample> {
  const status = await readFile(`/proc/${sapa.pid}/status`, 'utf8');
  // The store's file is mapped into memory, so only anonymous memory can leak.
  const kb = Number(/RssAnon:\s+(\d+)/.exec(status)?.[1] ?? 0);
  const handles = (await readdir(`/proc/${sapa.pid}/fd`)).length;
  return { minute, rssMb: kb / 1024, handles };
}

function lineOf({ minute, rssMb, handles }: Sample): string {
  return `${minute.toFixed(1)} min: ${rssMb.toFixed(0)} MB of its own, ${handles} handles`;
}

/** Least-squares slope per hour. */
function slopeOf(of: readonly Sample[], value: (sample: Sample) => number): number {
  const meanX = of.reduce((sum, { minute }) => sum + minute, 0) / of.length;
  const meanY = of.reduce((sum, sample) => sum + value(sample), 0) / of.length;
  const covariance = of.reduce((sum, s) => sum + (s.minute - meanX) * (value(s) - meanY), 0);
  const variance = of.reduce((sum, s) => sum + (s.minute - meanX) ** 2, 0);
  return variance === 0 ? 0 : (covariance / variance) * 60;
}

function report(): string {
  const measuredSamples = samples.filter(({ minute }) => minute > Number(values.minutes) * WARM_UP_SHARE);
  const total = [...messages.values()].reduce((sum, list) => sum + list.length, 0);
  const first = measuredSamples[0];
  const last = measuredSamples.at(-1);
  return [
    `${total} messages in ${values.minutes} minutes, ${samples.length} samples`,
    ...(first === undefined || last === undefined ? [] : [lineOf(first), lineOf(last)]),
    `memory ${slopeOf(measuredSamples, ({ rssMb }) => rssMb).toFixed(1)} MB an hour, handles ${slopeOf(measuredSamples, ({ handles }) => handles).toFixed(1)} an hour, after the warm-up`,
    ...platforms.map(verdictOn),
  ].join('\n');
}

function verdictOn({ name, conversations }: StormPlatform): string {
  const verdicts = conversations.map((conversation) => judge(conversation, messages.get(conversation) ?? []));
  const all = (key: 'lost' | 'repeated' | 'disordered' | 'strays'): readonly string[] =>
    verdicts.flatMap((verdict) => verdict[key]);
  const apologies = verdicts.reduce((sum, verdict) => sum + verdict.apologies, 0);
  const counts = (['lost', 'repeated', 'disordered', 'strays'] as const).map(
    (key) => `${key} ${all(key).length}`,
  );
  const examples = all('lost').slice(0, 12).join(' ');
  return `${name}: ${counts.join(', ')}, apologies ${apologies}${examples === '' ? '' : `; lost: ${examples}`}`;
}
