import { noOffers } from '../../fakes/no-offers.js';
import { noEvents } from '../../fakes/no-events.js';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import type { Channel } from '../../../src/contracts/channel.js';
import type { Intake } from '../../../src/contracts/chat.js';
import type { FaqEntry, FaqService, KnowledgeService } from '../../../src/contracts/knowledge.js';
import { KnowledgeError } from '../../../src/contracts/knowledge.js';
import type { Metrics } from '../../../src/contracts/metrics.js';
import type { Logger } from '../../../src/contracts/runtime.js';
import { tenantSettingsSchema } from '../../../src/contracts/settings.js';
import type { StoredDocument, TenantScope } from '../../../src/contracts/stores.js';
import type { Turn, TurnEvent, TurnListener } from '../../../src/contracts/turn.js';
import type { HttpDependencies, HttpLimits, HttpServer, RouteTable } from '../../../src/http/index.js';
import { createHttpApp, DEFAULT_LIMITS, startHttpServer } from '../../../src/http/index.js';
import { Accounts, createWebhooks } from '../../../src/gateway/index.js';
import { systemClock } from '../../../src/lib/time/clock.js';
import { derivedId, makeId } from '../../../src/lib/ids/make-id.js';
import { projectRoot } from '../../../src/lib/project-root.js';
import { createSigningChannel } from '../../fakes/signing-channel.js';
import type { TestStore } from '../../fakes/test-store.js';
import { plainHandOver } from '../../fakes/plain-hand-over.js';
import { openTestStore } from '../../fakes/test-store.js';
import { unsharedBots } from '../../fakes/unshared-bots.js';

export const ADMIN_KEY = 'the-global-key-of-these-tests';

/** A pipeline whose answers the test controls; by default it repeats what it was told. */
export interface ScriptedIntake extends Intake {
  /** Events that listeners get before the answer. */
  events: readonly TurnEvent[];
  /** Answers wait for this promise. */
  gate: Promise<void>;
  /** The event whose answer is being written and can be stopped. */
  stoppable?: string;
  /** Answers that are being committed. */
  commits: Promise<unknown>[];
  readonly accepted: Map<string, { readonly text: string; readonly bodyHash: string | undefined }>;
}

function textOf(event: Parameters<Intake['accept']>[2]): string {
  if (event.type === 'command') return `command ${event.name} ${event.argumentText}`;
  if (event.type !== 'message') return event.type;
  return event.parts.map((part) => (part.type === 'text' ? part.text : '')).join('');
}

function scriptedIntake(): ScriptedIntake {
  const waiting = new Map<
    string,
    { turn: Turn; listener: TurnListener | undefined; commit: Promise<unknown> }
  >();
  const intake: ScriptedIntake = {
    events: [],
    commits: [],
    gate: Promise.resolve(),
    accepted: new Map(),
    accept(scope, account, event, options = {}) {
      const eventKey = `${account.id}:${event.eventId}`;
      const conversationId = options.conversationId ?? conversationIdOf(account.id, event.chat);
      const before = intake.accepted.get(scope.tenantId + eventKey);
      if (before !== undefined) {
        const isSame = before.bodyHash === options.bodyHash;
        return Promise.resolve(
          isSame ? { type: 'duplicate', eventKey, conversationId } : { type: 'conflict' },
        );
      }
      const text = textOf(event);
      intake.accepted.set(scope.tenantId + eventKey, { text, bodyHash: options.bodyHash });
      const turn: Turn = {
        id: derivedId('t', eventKey),
        conversationId,
        contactId: `contact of ${event.sender.id}`,
        accountId: account.id,
        channel: account.channel,
        chat: event.chat,
        origin: { type: 'events' },
        eventIds: [eventKey],
        input: text,
        answer: {
          text,
          bubbles: [{ type: 'text', text }],
          source: 'knowledge',
          citations: [{ n: 1, documentId: 'd', chunkId: 'd:0', title: 'T', quote: 'q', score: 1 }],
          locale: 'en',
          model: 'none',
          usage: { inputTokens: 1, outputTokens: 2, costMicros: 3 },
        },
        deliveries: [],
        status: 'done',
        createdAt: new Date(),
        tookMs: 1,
      };
      const commit = intake.gate.then(() => scope.turns.commit(turn));
      intake.commits.push(commit);
      waiting.set(eventKey, { turn, listener: options.listener, commit });
      return Promise.resolve({ type: 'accepted', eventKey, conversationId });
    },
    stop: (_scope, eventKey) => Promise.resolve(eventKey === intake.stoppable),
    async answered(_scope, { eventKey }, signal) {
      const waiter = waiting.get(eventKey);
      if (waiter === undefined) throw new Error('no such event');
      for (const event of intake.events) waiter.listener?.(event);
      const abort = new Promise<never>((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
      });
      await Promise.race([waiter.commit, abort]);
      return waiter.turn;
    },
  };
  return intake;
}

function conversationIdOf(accountId: string, chat: { readonly chatId: string }): string {
  return derivedId('c', accountId, chat.chatId, '');
}

/** Stores documents without reading them; searches find nothing. */
function plainKnowledge(): KnowledgeService {
  const write = async (scope: TenantScope, id: string, title: string): Promise<StoredDocument> => {
    const document: StoredDocument = {
      id,
      title,
      kind: 'text',
      locale: undefined,
      metadata: {},
      status: 'ready',
      progress: 1,
      chunks: 1,
      revision: 1,
      createdAt: new Date(),
      updatedAt: new Date(),
      contentHash: '',
      generation: 1,
    };
    await scope.documents.put(document);
    return document;
  };
  return {
    async upsert(scope, { id = makeId('doc'), title }) {
      const created = (await scope.documents.get(id)) === undefined;
      return { document: await write(scope, id, title), created, changed: created };
    },
    preview: () => Promise.reject(new KnowledgeError('unsupported-type', 'reads nothing')),
    async upload(scope, file) {
      if (file.bytes.length === 0) throw new KnowledgeError('no-text', 'the file is empty');
      const document = await write(scope, makeId('doc'), file.fileName);
      return { document: { ...document, status: 'queued' }, jobId: 'job' };
    },
    takeIn: () => Promise.reject(new Error('not expected')),
    ingest: () => Promise.reject(new Error('not expected')),
    giveUpIngest: () => Promise.reject(new Error('not expected')),
    queueUnread: () => Promise.reject(new Error('not expected')),
    reindex: () => Promise.reject(new Error('not expected')),
    remove: (scope, id) => scope.documents.remove(id),
    undo: () => Promise.reject(new Error('not expected')),
    retriever: () => ({ search: () => Promise.resolve({ hits: [], tookMs: 0.5, indexRevision: 1 }) }),
  };
}

/** Frequent questions that never match. */
const plainFaq: FaqService = {
  match: () => Promise.resolve({ best: undefined, threshold: 0.8 }),
  async add(scope, entry) {
    const stored: FaqEntry = { id: makeId('faq'), ...entry, createdAt: new Date(), updatedAt: new Date() };
    await scope.faq.insert([stored]);
    return stored;
  },
  update: (scope, id, change) => scope.faq.update(id, change),
  remove: (scope, id) => scope.faq.remove(id),
  importCsv(_scope, bytes) {
    const lines = Buffer.from(bytes).toString('utf8').trim().split('\n');
    if (lines[0] === 'question,answer') return Promise.resolve({ imported: lines.length - 1 });
    return Promise.reject(new KnowledgeError('invalid-csv', 'no header', { row: 1 }));
  },
};

/** The part of a channel that is needed for adding an account. */
const telegramLike: Channel = {
  name: 'telegram',
  capabilities: {
    textLimit: 4000,
    buttons: true,
    typing: true,
    files: false,
    fileLimit: 0,
    edits: false,
    reactions: false,
    bursts: true,
    delivery: 'push',
    sendsFrom: 'anywhere',
    repeatedSend: 'none',
  },
  configSchema: z.strictObject({ token: z.string().min(3) }),
  operatorFields: ['apiRoot'],
  compareMessageIds: (a, b) => Number(a) - Number(b),
  receive: () => ({ type: 'ignored', reason: 'test' }),
  send: () => Promise.reject(new Error('not expected')),
};

export interface HttpFixture extends HttpServer {
  readonly store: TestStore;
  readonly intake: ScriptedIntake;
  readonly routes: RouteTable;
  readonly deps: HttpDependencies;
  readonly logged: { readonly facts: unknown; readonly sentence: string }[];
  /** The scope of an existing tenant. */
  scope(id: string): Promise<TenantScope>;
  /** Creates a tenant; resolves with its key. */
  tenant(id: string, settings?: Record<string, unknown>): Promise<string>;
  call(method: string, path: string, options?: CallOptions): Promise<Answer>;
}

export interface CallOptions {
  readonly key?: string | undefined;
  readonly headers?: Record<string, string>;
  readonly json?: unknown;
  readonly body?: NonNullable<RequestInit['body']>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The parsed body; `undefined` if there is none. */
  readonly body: Record<string, unknown>;
}

export async function startHttpFixture(
  change: { readonly limits?: Partial<HttpLimits>; readonly deps?: Partial<HttpDependencies> } = {},
): Promise<HttpFixture> {
  const store = await openTestStore();
  const intake = scriptedIntake();
  const logged: { facts: unknown; sentence: string }[] = [];
  const log = (facts: Record<string, unknown>, sentence: string): void =>
    void logged.push({ facts, sentence });
  const logger: Logger = { debug: () => undefined, info: log, warn: log, error: log, child: () => logger };
  const channels = [telegramLike, createSigningChannel()];
  const accounts = new Accounts({ service: store.service, channels, builtIn: new Map(), logger });
  const metrics: Metrics = {
    count: () => undefined,
    observe: () => undefined,
    render: () => Promise.resolve({ contentType: 'text/plain; version=0.0.4', text: 'sapa_up 1\n' }),
  };
  const deps: HttpDependencies = {
    events: noEvents,
    service: store.service,
    intake,
    handOver: plainHandOver,
    outreach: { findByKey: () => Promise.resolve(undefined), say: () => Promise.resolve(undefined) },
    knowledge: plainKnowledge(),
    faq: plainFaq,
    unanswered: {
      record: () => Promise.resolve(undefined),
      suggest: () => Promise.resolve({ nearest: [] }),
      answer: () => Promise.resolve(undefined),
      withdraw: () => Promise.resolve(),
      dismiss: () => Promise.resolve(false),
    },
    models: { providers: ['openai', 'anthropic', 'gemini', 'ollama', 'extractive'] },
    metrics,
    i18n: {
      translator: () => (key) => key,
      match: () => undefined,
      locales: ['en', 'id'],
      keys: ['web.send', 'web.suggestion1'],
    },
    channels,
    webhooks: createWebhooks({
      service: store.service,
      accounts,
      intake,
      metrics,
      logger,
      clock: systemClock,
      ...noOffers,
      sharedBots: unsharedBots,
    }),
    accountsChanged: () => undefined,
    conversationIdOf,
    clock: systemClock,
    makeId,
    logger,
    isAdminKey: (key) => key === ADMIN_KEY,
    ready: () => Promise.resolve({ ok: true, checks: { store: 'ok' } }),
    secret: randomBytes(32),
    config: {
      corsOrigins: ['https://console.example'],
      trustProxy: 0,
      demoTenantId: 'a',
      limits: { ...DEFAULT_LIMITS, ...change.limits },
      version: '0.0.0',
    },
    pagesFolder: join(projectRoot, 'channels/web/public'),
    ...change.deps,
  };
  const app = createHttpApp(deps);
  const server = await startHttpServer(app, { host: '127.0.0.1', port: 0, logger });
  return {
    ...server,
    store,
    intake,
    routes: app.routes,
    deps,
    logged,
    async close(graceMs) {
      await server.close(graceMs);
      await store.close();
    },
    async scope(id) {
      const scope = await store.service.scope(id);
      if (scope === undefined) throw new Error(`no tenant ${id}`);
      return scope;
    },
    async tenant(id, settings = {}) {
      await store.service.putTenant(id, tenantSettingsSchema.parse({ name: `Business ${id}`, ...settings }));
      return (await store.service.createKey(id, 'test')).key;
    },
    call: (method, path, options = {}) => call(server.url, method, path, options),
  };
}

async function call(url: string, method: string, path: string, options: CallOptions): Promise<Answer> {
  const { key, headers = {}, json, body } = options;
  const response = await fetch(url + path, {
    method,
    headers: {
      ...(key === undefined ? {} : { 'X-API-Key': key }),
      ...(json === undefined ? {} : { 'Content-Type': 'application/json' }),
      ...headers,
    },
    ...(json === undefined ? {} : { body: JSON.stringify(json) }),
    ...(body === undefined ? {} : { body }),
  });
  const text = await response.text();
  const isJson = /json/.test(response.headers.get('content-type') ?? '');
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: isJson ? (JSON.parse(text) as Record<string, unknown>) : {},
  };
}
