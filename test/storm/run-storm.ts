import { sapaClient } from '../e2e/support/http-client.js';
import { removeDataDir, temporaryDataDir, type RunningSapa } from '../e2e/support/start-sapa.js';
import { eventually, pause } from '../support/wait.js';
import { discordStorm } from './discord.js';
import { startEchoModel } from './echo-model.js';
import { judge, type Verdict, type Written } from './judge.js';
import { BUSINESSES, markOf, type StormConversation, type StormPlatform } from './platform.js';
import { seededRandom, type Random } from './random.js';
import { Rivals } from './rivals.js';
import { telegramStorm } from './telegram.js';
import { questionWith, tokenOf } from './tokens.js';
import { whatsAppStorm } from './whatsapp.js';

export interface StormOptions {
  /** Per platform. */
  readonly conversations: number;
  /** Per conversation. */
  readonly messages: number;
  readonly kills: number;
  readonly seed: number;
  /** Longest pause between two messages of a person, in ms. */
  readonly longestPauseMs: number;
  /** Once no new answer has come for this long, none is expected any more, in ms. */
  readonly patienceMs: number;
  /** Names of the platforms; absent: all. */
  readonly platforms?: readonly string[];
  readonly tell?: (line: string) => void;
}

export interface PlatformReport {
  readonly name: string;
  readonly written: number;
  readonly verdict: Verdict;
  /**
   * The number of messages that may have been in transit at a kill, on platforms on which they may then
   * appear twice.
   */
  readonly inDoubt: number;
  /** Messages that appeared twice without being in doubt, or appeared three times. */
  readonly unexcused: readonly string[];
  readonly violations: readonly string[];
  /** By conversation; the texts, oldest first. */
  readonly seen: Readonly<Record<string, readonly string[]>>;
}

export interface StormReport {
  readonly platforms: readonly PlatformReport[];
  readonly kills: number;
  readonly modelCalls: number;
  readonly tookMs: number;
  /** The output of all processes, including killed ones. */
  readonly log: string;
}

const PLATFORMS = { telegram: telegramStorm, discord: discordStorm, whatsapp: whatsAppStorm } as const;
/**
 * The chats must not change for this long before the judge looks, so that a second answer would be seen, in
 * ms.
 */
const QUIET_MS = 5_000;
const TROUBLE_EVERY_MS = 1_000;
/** Percentage of messages written as a pair that is delivered in the wrong order. */
const TWINS_PERCENT = 5;

/** Lets people write on all platforms at once while faults occur, and reports what they saw. */
export async function runStorm(options: StormOptions): Promise<StormReport> {
  const startedAt = performance.now();
  const random = seededRandom(options.seed);
  const model = await startEchoModel(random);
  const platforms = await openPlatforms(options.conversations, options.platforms);
  const dataDir = await temporaryDataDir();
  const rivals = new Rivals({ dataDir, env: settingsFor(model.url) });
  try {
    await rivals.start();
    await connectAll(platforms, rivals.one);
    options.tell?.('everything is connected');
    const messages = await weather(platforms, rivals, options, random);
    options.tell?.('everything is written');
    for (const platform of platforms) platform.calm();
    await settle(platforms, messages, options);
    await rivals.stop();
    return {
      platforms: platforms.map((platform) => report(platform, messages, rivals.kills)),
      kills: rivals.kills.length,
      modelCalls: model.calls,
      tookMs: performance.now() - startedAt,
      log: rivals.log,
    };
  } finally {
    await rivals.stop();
    await model.close();
    for (const platform of platforms) await platform.close();
    await removeDataDir(dataDir);
  }
}

/** Opens the platforms with these names; default: all. */
export function openPlatforms(
  conversations: number,
  names: readonly string[] = Object.keys(PLATFORMS),
): Promise<readonly StormPlatform[]> {
  const platforms = Object.entries(PLATFORMS).filter(([name]) => names.includes(name));
  return Promise.all(platforms.map(([, open]) => open(conversations)));
}

export function settingsFor(modelUrl: string): Record<string, string> {
  return {
    SEED_DEMO: 'false',
    API_KEY: 'the-key-of-the-storm',
    OPENAI_API_KEY: 'sk-storm',
    OPENAI_BASE_URL: modelUrl,
    LLM_CHAIN: 'openai:echo-1',
    EMBEDDING_PROVIDER: 'none',
  };
}

/** Creates the businesses and their accounts, and waits until all are connected. */
export async function connectAll(
  platforms: readonly StormPlatform[],
  { url, adminKey: key }: Pick<RunningSapa, 'url' | 'adminKey'>,
): Promise<void> {
  const client = sapaClient({ url, key });
  const call = async (method: string, path: string, json?: unknown) => {
    const answer = await client.call(method, path, json === undefined ? {} : { json });
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
    return answer.body;
  };
  for (const business of BUSINESSES) {
    await call('PUT', `/v1/tenants/${business}/settings`, {
      name: business,
      persona: `You are the assistant of ${markOf(business)}.`,
      bursts: { quiet_ms: 400, max_wait_ms: 1_500 },
      bubbles: { max_chars: 1_200, max_count: 8, pause_ms: 0 },
    });
    for (const platform of platforms) {
      const path = `/v1/tenants/${business}/channels`;
      const { id } = await call('POST', path, platform.account(business));
      const state = async () => {
        const { items } = (await call('GET', path)) as {
          items: { id: string; qr?: string; state: string }[];
        };
        return items.find((item) => item.id === id) ?? { state: 'unknown' };
      };
      await platform.connect(business, state);
      await eventually(state, (current) => current.state === 'open', 60_000);
    }
  }
}

/** Lets everyone write at their own pace until they are done, while faults occur. */
async function weather(
  platforms: readonly StormPlatform[],
  rivals: Rivals,
  options: StormOptions,
  random: Random,
): Promise<ReadonlyMap<StormConversation, readonly Written[]>> {
  const conversations = platforms.flatMap((platform) => platform.conversations);
  const messages = new Map(
    conversations.map((conversation): [StormConversation, Written[]] => [conversation, []]),
  );
  let isOver = false;
  const people = Promise.all(
    [...messages].map(([conversation, list]) => write(conversation, list, options, random)),
  );
  const done = people.then(() => (isOver = true));
  const trouble = async (): Promise<void> => {
    while (!isOver) {
      await pause(random.between(TROUBLE_EVERY_MS / 4, TROUBLE_EVERY_MS));
      for (const platform of platforms) {
        platform.trouble(random);
        await platform.repeat(random);
      }
    }
  };
  const killer = async (): Promise<void> => {
    // The kills are spread over the time that the slowest people may take.
    const total = (options.messages * options.longestPauseMs) / 2;
    for (let count = 0; count < options.kills; count++) {
      await pause(total / (options.kills + 1));
      await rivals.killOne(random);
      options.tell?.(`kill ${count + 1}`);
    }
  };
  await Promise.all([done, trouble(), killer()]);
  return messages;
}

async function write(
  conversation: StormConversation,
  entries: Written[],
  { messages, longestPauseMs }: StormOptions,
  random: Random,
): Promise<void> {
  while (entries.length < messages) {
    await pause(random.between(0, longestPauseMs));
    const token = tokenOf(conversation.name, entries.length);
    const isPair = entries.length + 1 < messages && random.chance(TWINS_PERCENT);
    if (!isPair) {
      entries.push({ token });
      await conversation.write(questionWith(token));
      continue;
    }
    const twin = tokenOf(conversation.name, entries.length + 1);
    entries.push({ token, twin }, { token: twin, twin: token });
    await conversation.write(questionWith(token), questionWith(twin));
  }
}

/** Waits until everything is answered and nothing more comes, or nothing has come for a long time. */
export async function settle(
  platforms: readonly StormPlatform[],
  messages: ReadonlyMap<StormConversation, readonly Written[]>,
  { patienceMs }: Pick<StormOptions, 'patienceMs'>,
): Promise<void> {
  const conversations = platforms.flatMap((platform) => platform.conversations);
  const count = (): number => conversations.reduce((sum, { seen }) => sum + seen().length, 0);
  const isComplete = (): boolean =>
    conversations.every((one) => judge(one, messages.get(one) ?? []).lost.length === 0);
  let last = count();
  let since = performance.now();
  for (;;) {
    await pause(500);
    const now = count();
    if (now !== last) [last, since] = [now, performance.now()];
    const quietMs = performance.now() - since;
    if (quietMs > patienceMs || (quietMs > QUIET_MS && isComplete())) return;
  }
}

function report(
  platform: StormPlatform,
  messages: ReadonlyMap<StormConversation, readonly Written[]>,
  kills: readonly number[],
): PlatformReport {
  const verdicts = platform.conversations.map((one) => judge(one, messages.get(one) ?? []));
  const all = <Key extends 'lost' | 'repeated' | 'disordered' | 'strays'>(key: Key): string[] =>
    verdicts.flatMap((verdict) => verdict[key]);
  const inDoubt = platform.inDoubtAt(kills);
  const repeated = all('repeated');
  return {
    name: platform.name,
    written: platform.conversations.reduce((sum, one) => sum + (messages.get(one)?.length ?? 0), 0),
    verdict: {
      lost: all('lost'),
      repeated,
      disordered: all('disordered'),
      strays: all('strays'),
      swapped: verdicts.reduce((sum, { swapped }) => sum + swapped, 0),
      apologies: verdicts.reduce((sum, { apologies }) => sum + apologies, 0),
    },
    inDoubt: inDoubt.size,
    unexcused: repeated.filter((text, index) => !inDoubt.has(text) || repeated.indexOf(text) !== index),
    violations: platform.violations(),
    seen: Object.fromEntries(platform.conversations.map(({ name, seen }) => [name, seen()])),
  };
}
