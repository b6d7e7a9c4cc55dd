import { createTelegramChannel } from '../../../channels/telegram/index.js';
import { createWebChannel } from '../../../channels/web/index.js';
import type { Channel } from '../../../src/contracts/channel.js';
import type { ApologyFor, RunTurn, TurnInput, TurnOutput } from '../../../src/contracts/run-turn.js';
import type { Clock, Logger } from '../../../src/contracts/runtime.js';
import { tenantSettingsSchema, type TenantSettingsInput } from '../../../src/contracts/settings.js';
import type { ServiceStore, TenantScope } from '../../../src/contracts/stores.js';
import {
  AnswerBoard,
  AnswersUnderWay,
  ConversationWork,
  createIntake,
  createOutreach,
  LaneWorker,
} from '../../../src/delivery/index.js';
import { Accounts, Connections, type SharedBots } from '../../../src/gateway/index.js';
import { systemClock } from '../../../src/lib/time/clock.js';
import { makeId } from '../../../src/lib/ids/make-id.js';
import { partText } from '../../../src/lib/text/part-text.js';
import { createMetrics } from '../../../src/telemetry/index.js';
import type { FakeBot } from '../../fakes/telegram/fake-bot.js';
import { startFakeTelegram } from '../../fakes/telegram/start-fake-telegram.js';
import { openTestStore } from '../../fakes/test-store.js';
import { noEvents } from '../../fakes/no-events.js';
import { silentLogger } from '../../fakes/silent-logger.js';
import { unsharedBots } from '../../fakes/unshared-bots.js';
import { LocalWaits } from '../../../src/lib/work/local-waits.js';

export const TENANT = 'shop';
/** No pacing and no joining of messages, unless a test is about that. */
const SETTINGS: TenantSettingsInput = {
  name: 'Toko Uji',
  bubbles: { max_chars: 1200, max_count: 8, pause_ms: 0 },
  bursts: { quiet_ms: 0, max_wait_ms: 0 },
};

export type Pipeline = Awaited<ReturnType<typeof openPipeline>>;
export type Process = ReturnType<typeof startProcess>;

export interface PipelineOptions {
  readonly runTurn?: RunTurn;
  readonly settings?: Partial<TenantSettingsInput>;
  readonly clock?: Clock;
}

/** Delivery and gateway on a real store, with the real Telegram channel and a fake Telegram. */
export async function openPipeline(options: PipelineOptions = {}) {
  const clock = options.clock ?? systemClock;
  const [store, telegram] = await Promise.all([openTestStore({ clock }), startFakeTelegram()]);
  const { service } = store;
  await service.putTenant(TENANT, tenantSettingsSchema.parse({ ...SETTINGS, ...options.settings }));
  const processes: Process[] = [];
  return {
    service,
    telegram,
    clock,
    scope: () => scopeOf(service),
    /** Adds an account; processes started later know it. */
    async addBot(
      id: string,
      token = `${1000 + processes.length}${id.length}:secret-${id}`,
    ): Promise<FakeBot> {
      const bot = telegram.bot(token);
      const config = { token, apiRoot: telegram.apiRoot };
      await service.putAccount({ id, tenantId: TENANT, channel: 'telegram', config });
      return bot;
    },
    /** Starts another process with connection state of its own on the same data. */
    start(change: Partial<ProcessOptions> = {}): Process {
      const started = startProcess({ service, clock, runTurn: options.runTurn ?? echo, ...change });
      processes.push(started);
      return started;
    },
    /** Stops all processes cleanly and starts one. */
    async restart(): Promise<void> {
      for (const one of processes.splice(0)) await one.stop();
      const started = startProcess({ service, clock, runTurn: options.runTurn ?? echo });
      processes.push(started);
      await started.run();
    },
    /** A process that the test will kill, so it is not stopped at the end. */
    startDoomed(change: Partial<ProcessOptions>): Process {
      return startProcess({ service, clock, runTurn: options.runTurn ?? echo, ...change });
    },
    async close() {
      for (const one of processes) await one.stop();
      await telegram.close();
      await store.close();
    },
  };
}

export interface ProcessOptions {
  readonly service: ServiceStore;
  readonly clock: Clock;
  readonly runTurn: RunTurn;
  readonly owner?: string;
  readonly channels?: readonly Channel[];
  readonly logger?: Logger;
  /** Called at every crash point. */
  readonly at?: (point: string) => void;
  readonly answersPerMinute?: number;
  readonly sharedBots?: (accounts: Accounts) => SharedBots;
}

function startProcess({ service, clock, runTurn, owner = makeId('p'), ...rest }: ProcessOptions) {
  const logger = rest.logger ?? silentLogger;
  const metrics = createMetrics();
  const channels = rest.channels ?? [createTelegramChannel({ clock, logger, waits: new LocalWaits(clock) })];
  const builtIn = new Map([['api', createWebChannel(clock)]]);
  const accounts = new Accounts({ service, channels, builtIn, logger });
  const findAccount = accounts.find.bind(accounts);
  const underWay = new AnswersUnderWay({ stops: service.stops, clock, logger });
  const board = new AnswerBoard(clock, logger);
  const at = rest.at ?? ((): void => undefined);
  const connectionIds = new Set<string>();
  const sharedBots = rest.sharedBots?.(accounts) ?? unsharedBots;
  const lanes = service.lanes;
  const work = new ConversationWork({
    connections: connectionIds,
    handedOver: () => Promise.resolve(),
    events: noEvents,
    owner,
    clock,
    logger,
    metrics,
    at,
    scope: (tenantId) => service.scope(tenantId),
    findAccount,
    runTurn,
    apologyFor: apologise,
    board,
    underWay,
    ...(rest.answersPerMinute === undefined ? {} : { answersPerMinute: rest.answersPerMinute }),
  });
  const worker = new LaneWorker({ connections: connectionIds, lanes, owner, work, clock, logger });
  const wake = worker.wake.bind(worker);
  const intake = createIntake({
    enter: worker.enter.bind(worker),
    worksOn: worker.isRunning.bind(worker),
    board,
    underWay,
    clock,
    metrics,
    events: noEvents,
    at,
  });
  const outreach = createOutreach({ lanes, findAccount, wake, clock });
  const connections = new Connections({
    held: connectionIds,
    failed: () => undefined,
    connected: () => undefined,
    longOutageMs: 120_000,
    samePerson: () => Promise.resolve(true),
    service,
    accounts,
    intake,
    menu: [],
    sharedBots,
    suggestValues: () => Promise.resolve([]),
    owner,
    clock,
    logger,
    metrics,
  });
  let stopped: Promise<void> | undefined;
  return {
    accounts,
    intake,
    sharedBots,
    outreach,
    worker,
    connections,
    metrics,
    findAccount,
    /** Runs all roles. */
    async run(): Promise<void> {
      await connections.start();
      worker.start({ sweeps: true });
      await connections.connect();
    },
    stop(graceMs = 5_000): Promise<void> {
      stopped ??= connections.stop().then(() => worker.stop(graceMs));
      return stopped;
    },
  };
}

export async function scopeOf(service: ServiceStore): Promise<TenantScope> {
  const scope = await service.scope(TENANT);
  if (scope === undefined) throw new Error('the business is gone');
  return scope;
}

/** Answers `re: <the joined texts>`; `---` in the texts separates bubbles. */
export const echo: RunTurn = (input) => Promise.resolve(answering(input, `re: ${textOf(input)}`));

export const apologise: ApologyFor = (input, because) =>
  answering(input, { failed: 'sorry', 'broken-off': 'that was not all', 'too-much': 'too much' }[because]);

export function textOf({ events }: Pick<TurnInput, 'events'>): string {
  return events
    .map(({ event }) => (event.type === 'message' ? event.parts.map(partText).join(' ') : event.type))
    .join(' | ');
}

export function answering(input: Pick<TurnInput, 'events'>, text: string): TurnOutput {
  return {
    input: textOf(input),
    answer: {
      text,
      bubbles: text.split(' --- ').map((part) => ({ type: 'text', text: part })),
      source: 'knowledge',
      citations: [],
      locale: 'en',
      model: 'none',
      usage: { inputTokens: 0, outputTokens: 0, costMicros: 0 },
    },
  };
}

/** The bot's texts in a chat, oldest first. */
export function textsIn(bot: FakeBot, chat: number): string[] {
  return bot.journal.messages(chat).map(({ text }) => text ?? '');
}
