import { join } from 'node:path';
import { createChannels } from '../../channels/index.js';
import { createCommands } from '../../commands/index.js';
import { loadSecrets, SettingsError } from '../config/index.js';
import type { Secrets, Settings } from '../config/index.js';
import type { Intake, Outreach } from '../contracts/chat.js';
import type { Channel } from '../contracts/channel.js';
import type { I18n } from '../contracts/i18n.js';
import type { FaqService, KnowledgeService, UnansweredService } from '../contracts/knowledge.js';
import type { Metrics } from '../contracts/metrics.js';
import type { JobQueue } from '../contracts/queue.js';
import type { Clock, Fetch, Logger } from '../contracts/runtime.js';
import type { ServiceStore } from '../contracts/stores.js';
import type { Webhooks } from '../contracts/webhooks.js';
import { commandMenu, createApologyFor, createRunTurn, createSuggestValues } from '../conversation/index.js';
import {
  AnswerBoard,
  ConversationWork,
  createIntake,
  createOutreach,
  isDeadNeighbour,
  LaneWorker,
  ownerOfThisProcess,
} from '../delivery/index.js';
import { Accounts, Connections, createWebhooks } from '../gateway/index.js';
import { createI18n } from '../i18n/index.js';
import { createJobQueue } from '../jobs/index.js';
import {
  createAnalyzer,
  createFaqService,
  createFileParser,
  createKnowledgeService,
  createRetrieverPool,
} from '../knowledge/index.js';
import { createUnansweredService } from '../learning/create-unanswered-service.js';
import { systemClock } from '../lib/clock.js';
import { makeId } from '../lib/make-id.js';
import { projectRoot } from '../lib/project-root.js';
import { createModelRegistry } from '../llm/index.js';
import type { ModelRegistry } from '../llm/index.js';
import { openStore } from '../store/index.js';
import type { Maintenance, OpenStore } from '../store/index.js';
import type { EmbeddedStore } from '../store/embedded/index.js';
import { createMetrics } from '../telemetry/index.js';

import { createTools } from './create-tools.js';
import { createCommandServices } from './command-services.js';
import { crashAt } from './crash-at.js';
import { llmConfig } from './llm-config.js';
import { makeEmbedding } from './make-embedding.js';

/** Largest file that is fetched from a platform, in bytes: Telegram's own limit for bots. */
const MAX_DOWNLOAD_BYTES = 20 * 1024 * 1024;

/** The whole service, put together but not yet running. */
export interface App {
  readonly settings: Settings;
  readonly secrets: Secrets;
  readonly service: ServiceStore;
  readonly maintenance: Maintenance;
  readonly intake: Intake;
  readonly outreach: Outreach;
  readonly knowledge: KnowledgeService;
  readonly faq: FaqService;
  readonly unanswered: UnansweredService;
  readonly i18n: I18n;
  readonly metrics: Metrics;
  readonly models: ModelRegistry;
  readonly channels: readonly Channel[];
  readonly connections: Connections;
  readonly webhooks: Webhooks;
  readonly worker: LaneWorker;
  readonly queue: JobQueue;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly storeRole: string;
  ping(): Promise<void>;
  /** Frees lanes of processes of this host that have ended, so that their work goes on at once. */
  releaseDeadNeighbours(): Promise<void>;
  /** Closes the store and what else is open; the runners are stopped by their owner before. */
  close(): Promise<void>;
}

/** `opening` is the store of this machine; absent where the settings name a server. */
export async function compose(
  settings: Settings,
  logger: Logger,
  opening: Promise<EmbeddedStore> | undefined,
): Promise<App> {
  const clock = systemClock;
  const fetch: Fetch = (input, init) => globalThis.fetch(input, init);
  const metrics = createMetrics();
  const i18n = createI18n({ folder: join(projectRoot, 'locales') });
  const analyzer = createAnalyzer({ keepQuestionWords: false });
  const models = createModelRegistry({
    config: llmConfig(settings),
    fetch,
    clock,
    logger,
    metrics,
    extractive: {
      terms: (text, locale) => analyzer.terms(text, locale),
      lead: (locale) => i18n.translator(locale)('extractive.intro'),
    },
  });
  const problems = models.problems();
  if (problems.length > 0) throw new SettingsError(problems.map((problem) => `LLM_CHAIN: ${problem}`));
  const secrets = await loadSecrets(settings);
  const { store, storeRole, closeStore } = await openStores(settings, secrets, clock, logger, opening);
  const { service } = store;
  const at = crashAt(settings.SAPA_CRASH_AT);

  const channels = createChannels({ clock, logger, fetch });
  const builtIn = new Map([
    ['api', channels.web],
    ['web', channels.web],
    ['terminal', channels.terminal],
  ]);
  const accounts = new Accounts({ service, channels: Object.values(channels), builtIn, logger });
  const findAccount = accounts.find.bind(accounts);

  const embedding = await makeEmbedding(settings, { clock, fetch, logger });
  const retrievers = createRetrieverPool({
    clock,
    logger,
    ...(embedding === undefined ? {} : { embedding }),
  });
  const queue = createJobQueue({ database: databaseOf(store), clock, logger });
  const parser = createFileParser();
  const knowledge = createKnowledgeService({ queue, retrievers, parser, embedding, clock, makeId, logger });
  const faq = createFaqService({ clock, makeId, logger });
  const tools = createTools(knowledge, logger);

  const board = new AnswerBoard(clock, logger);
  // The pipeline speaks through outreach and outreach wakes the worker, so the worker comes late.
  const late: { worker?: LaneWorker } = {};
  const wake = (tenantId: string, conversationId: string): void =>
    late.worker?.wake(tenantId, conversationId);
  const outreach = createOutreach({ lanes: service.lanes, findAccount, wake, clock });
  const unanswered = createUnansweredService({ faq, outreach, i18n });
  const commands = createCommands(
    createCommandServices({ service, knowledge, faq, unanswered, outreach, i18n, clock }),
  );
  const runTurn = createRunTurn({
    knowledge,
    faq,
    chainFor: (spec) => models.chainFor(spec),
    tools,
    commands,
    async download(scope, event, file, signal) {
      const found = findAccount(scope.tenantId, event.accountId, event.channel);
      if (found?.channel.files === undefined) throw new Error(`${event.channel} carries no files`);
      return found.channel.files.download(file.reference, found.account, MAX_DOWNLOAD_BYTES, signal);
    },
    i18n,
    clock,
    logger,
  });
  const owner = ownerOfThisProcess(makeId('p'));
  const held = new Set<string>();
  const scope = (tenantId: string): ReturnType<ServiceStore['scope']> => service.scope(tenantId);
  const apologyFor = createApologyFor({ i18n, clock });
  const work = new ConversationWork({
    owner,
    clock,
    logger,
    metrics,
    at,
    scope,
    findAccount,
    runTurn,
    apologyFor,
    board,
    connections: held,
  });
  const worker = new LaneWorker({ lanes: service.lanes, owner, work, connections: held, clock, logger });
  late.worker = worker;
  const intake = createIntake({ enter: worker.enter.bind(worker), board, clock, metrics, at });
  const menu = commandMenu(commands, i18n);
  const connections = new Connections({
    service,
    accounts,
    intake,
    menu,
    suggestValues: createSuggestValues({ commands, i18n }),
    held,
    ...(settings.PUBLIC_URL === undefined ? {} : { publicUrl: settings.PUBLIC_URL }),
    owner,
    clock,
    logger,
    metrics,
  });
  const webhooks = createWebhooks({ service, accounts, intake, clock, logger, metrics });

  return {
    settings,
    secrets,
    service,
    maintenance: store.maintenance,
    intake,
    outreach,
    knowledge,
    faq,
    unanswered,
    i18n,
    metrics,
    models,
    channels: Object.values(channels),
    connections,
    webhooks,
    worker,
    queue,
    clock,
    logger,
    storeRole,
    ping: () => store.ping(),
    async releaseDeadNeighbours() {
      const dead = (await service.lanes.owners()).filter((name) => isDeadNeighbour(name));
      await Promise.all(dead.map((name) => service.lanes.releaseOwner(name)));
    },
    async close() {
      retrievers.close();
      await embedding?.close();
      await closeStore();
    },
  };
}

async function openStores(
  settings: Settings,
  { masterKey }: Secrets,
  clock: Clock,
  logger: Logger,
  opening: Promise<EmbeddedStore> | undefined,
): Promise<{ store: OpenStore; storeRole: string; closeStore: () => Promise<void> }> {
  const embedded = await opening;
  const uri = embedded?.uri ?? settings.MONGODB_URI;
  if (uri === undefined) throw new Error('there is neither a store of this machine nor a server');
  const store = await openStore({ uri, masterKey, clock, makeId, logger });
  return {
    store,
    storeRole: embedded === undefined ? 'MongoDB' : `embedded, ${embedded.role()}`,
    async closeStore() {
      await store.close();
      await embedded?.close();
    },
  };
}

function databaseOf(store: OpenStore): Parameters<typeof createJobQueue>[0]['database'] {
  const { db } = store.connection;
  if (db === undefined) throw new Error('the store is not connected');
  return db;
}
