import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import type { Channel } from '../../../src/contracts/channel.js';
import type { Intake } from '../../../src/contracts/chat.js';
import type { FaqEntry, FaqService, KnowledgeService } from '../../../src/contracts/knowledge.js';
import { KnowledgeError } from '../../../src/contracts/knowledge.js';
import type { Logger } from '../../../src/contracts/runtime.js';
import { tenantSettingsSchema } from '../../../src/contracts/settings.js';
import type { StoredDocument, TenantScope } from '../../../src/contracts/stores.js';
import type { Turn, TurnEvent, TurnListener } from '../../../src/contracts/turn.js';
import type { HttpDependencies, HttpLimits, HttpServer, RouteTable } from '../../../src/http/index.js';
import { createHttpApp, DEFAULT_LIMITS, startHttpServer } from '../../../src/http/index.js';
import { systemClock } from '../../../src/lib/clock.js';
import { derivedId, makeId } from '../../../src/lib/make-id.js';
import { projectRoot } from '../../../src/lib/project-root.js';
import type { MemoryStore } from './memory-store.js';
import { memoryStore } from './memory-store.js';

export const ADMIN_KEY = 'the-global-key-of-these-tests';

/** A pipeline whose answers the test decides: by default it says back what it was told. */
export interface ScriptedIntake extends Intake {
  /** What listeners hear before the answer. */
  events: readonly TurnEvent[];
  /** Answers wait for this. */
  gate: Promise<void>;
  readonly accepted: Map<string, { readonly text: string; readonly bodyHash: string | undefined }>;
}

function textOf(event: Parameters<Intake['accept']>[2]): string {
  if (event.type === 'command') return `command ${event.name} ${event.argumentText}`;
  if (event.type !== 'message') return event.type;
  return event.parts.map((part) => (part.type === 'text' ? part.text : '')).join('');
}

function scriptedIntake(store: MemoryStore): ScriptedIntake {
  const waiting = new Map<string, { turn: Turn; listener: TurnListener | undefined }>();
  const intake: ScriptedIntake = {
    events: [],
    gate: Promise.resolve(),
    accepted: new Map(),
    async accept(scope, account, event, options = {}) {
      const eventKey = `${account.id}:${event.eventId}`;
      const conversationId = options.conversationId ?? conversationIdOf(account.id, event.chat);
      const before = intake.accepted.get(scope.tenantId + eventKey);
      if (before !== undefined) {
        return before.bodyHash === options.bodyHash
          ? { type: 'duplicate', eventKey, conversationId }
          : { type: 'conflict' };
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
      waiting.set(eventKey, { turn, listener: options.listener });
      const { gate } = intake;
      void gate.then(() => store.tenant(scope.tenantId).turns.set(turn.id, turn));
      return { type: 'accepted', eventKey, conversationId };
    },
    async answered(_scope, eventKey, signal) {
      const found = waiting.get(eventKey);
      if (found === undefined) throw new Error('no such event');
      for (const event of intake.events) found.listener?.(event);
      const gone = new Promise<never>((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
      });
      await Promise.race([intake.gate, gone]);
      return found.turn;
    },
  };
  return intake;
}

function conversationIdOf(accountId: string, chat: { readonly chatId: string }): string {
  return derivedId('c', accountId, chat.chatId, '');
}

/** Documents in the memory of the test; searches find nothing. */
function plainKnowledge(store: MemoryStore): KnowledgeService {
  const write = (scope: TenantScope, id: string, title: string): StoredDocument => {
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
    store.tenant(scope.tenantId).documents.set(id, document);
    return document;
  };
  return {
    async upsert(scope, { id = makeId('doc'), title }) {
      const created = !store.tenant(scope.tenantId).documents.has(id);
      return { document: write(scope, id, title), created, changed: created };
    },
    async upload(scope, file) {
      if (file.bytes.length === 0) throw new KnowledgeError('no-text', 'the file is empty');
      return { document: { ...write(scope, makeId('doc'), file.fileName), status: 'queued' }, jobId: 'job' };
    },
    ingest: () => Promise.reject(new Error('not expected')),
    async remove(scope, id) {
      return store.tenant(scope.tenantId).documents.delete(id);
    },
    retriever: () => ({ search: async () => ({ hits: [], tookMs: 0.5, indexRevision: 1 }) }),
  };
}

function plainFaq(store: MemoryStore): FaqService {
  return {
    match: async () => ({ best: undefined, threshold: 0.8 }),
    async add(scope, entry) {
      const stored: FaqEntry = { id: makeId('faq'), ...entry, createdAt: new Date(), updatedAt: new Date() };
      store.tenant(scope.tenantId).faq.set(stored.id, stored);
      return stored;
    },
    async update(scope, id, change) {
      const { faq } = store.tenant(scope.tenantId);
      const before = faq.get(id);
      if (before === undefined) return undefined;
      const { question = before.question, answer = before.answer, locale = before.locale } = change;
      const after = { ...before, question, answer, locale };
      faq.set(id, after);
      return after;
    },
    remove: async (scope, id) => store.tenant(scope.tenantId).faq.delete(id),
    async importCsv(_scope, bytes) {
      const lines = Buffer.from(bytes).toString('utf8').trim().split('\n');
      if (lines[0] !== 'question,answer') throw new KnowledgeError('invalid-csv', 'no header', { row: 1 });
      return { imported: lines.length - 1 };
    },
  };
}

/** As much of a channel as adding an account needs. */
const telegramLike: Channel = {
  name: 'telegram',
  capabilities: {
    textLimit: 4000,
    buttons: true,
    typing: true,
    files: false,
    bursts: true,
    delivery: 'push',
    repeatedSend: 'none',
  },
  configSchema: z.strictObject({ token: z.string().min(3) }),
  receive: () => ({ type: 'ignored', reason: 'test' }),
  send: () => Promise.reject(new Error('not expected')),
};

export interface HttpFixture extends HttpServer {
  readonly store: MemoryStore;
  readonly intake: ScriptedIntake;
  readonly routes: RouteTable;
  readonly deps: HttpDependencies;
  readonly logged: { readonly facts: unknown; readonly sentence: string }[];
  /** A tenant with a key. */
  tenant(id: string, settings?: Record<string, unknown>): Promise<string>;
  call(method: string, path: string, options?: CallOptions): Promise<Answer>;
}

export interface CallOptions {
  readonly key?: string | undefined;
  readonly headers?: Record<string, string>;
  readonly json?: unknown;
  readonly body?: BodyInit;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The parsed body; `undefined` for none. */
  readonly body: Record<string, unknown>;
}

export async function startHttpFixture(
  change: { readonly limits?: Partial<HttpLimits>; readonly deps?: Partial<HttpDependencies> } = {},
): Promise<HttpFixture> {
  const store = memoryStore();
  const intake = scriptedIntake(store);
  const logged: { facts: unknown; sentence: string }[] = [];
  const log = (facts: Record<string, unknown>, sentence: string): void =>
    void logged.push({ facts, sentence });
  const logger: Logger = { debug: () => undefined, info: log, warn: log, error: log, child: () => logger };
  const deps: HttpDependencies = {
    service: store.service,
    intake,
    outreach: { say: async () => undefined },
    knowledge: plainKnowledge(store),
    faq: plainFaq(store),
    unanswered: { answer: async () => undefined, dismiss: async () => false },
    metrics: {
      count: () => undefined,
      observe: () => undefined,
      render: async () => ({ contentType: 'text/plain; version=0.0.4', text: 'sapa_up 1\n' }),
    },
    i18n: { translator: () => (key) => key, match: () => undefined, locales: ['en', 'id'] },
    webMessages: ['web.send'],
    channels: [telegramLike],
    accountsChanged: () => undefined,
    conversationIdOf,
    clock: systemClock,
    makeId,
    logger,
    isAdminKey: (key) => key === ADMIN_KEY,
    ready: async () => ({ ok: true, checks: { store: 'ok' } }),
    secret: randomBytes(32),
    config: {
      corsOrigins: ['https://console.example'],
      trustProxy: false,
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
