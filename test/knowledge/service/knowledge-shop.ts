import { afterAll, beforeAll, beforeEach } from 'vitest';
import type { EmbeddingModel } from '../../../src/contracts/embedding.js';
import type { KnowledgeService } from '../../../src/contracts/knowledge.js';
import { tenantSettingsSchema } from '../../../src/contracts/settings.js';
import type { TenantScope } from '../../../src/contracts/stores.js';
import {
  createAnswerFinder,
  createFileParser,
  createKnowledgeService,
  createRetrieverPool,
  knowledgeJobs,
} from '../../../src/knowledge/index.js';
import { systemClock } from '../../../src/lib/time/clock.js';
import { makeId } from '../../../src/lib/ids/make-id.js';
import { silentLogger } from '../../fakes/silent-logger.js';
import { openTestStore, type TestStore } from '../../fakes/test-store.js';
import { TestQueue } from './test-queue.js';

/** Enough chunks for several batches of the embedding model. */
export const LONG_TEXT = Array.from(
  { length: 150 },
  (_, index) => `# Part ${index}\n\nThe walrus number ${index} sings.`,
).join('\n\n');

/** The knowledge of one business, a new one for each test. */
export interface KnowledgeShop {
  readonly store: TestStore;
  readonly scope: TenantScope;
  readonly queue: TestQueue;
  readonly service: KnowledgeService;
  /** Replaces the service by one with an embedding model. */
  use(embedding: EmbeddingModel): Promise<void>;
  /** The ids of the documents found by their words. */
  search(query: string): Promise<string[]>;
  upload(fileName: string, content: string | Uint8Array): ReturnType<KnowledgeService['upload']>;
}

export function knowledgeShop(): KnowledgeShop {
  let store: TestStore;
  let scope: TenantScope;
  let queue: TestQueue;
  let service: KnowledgeService;
  let tenants = 0;

  async function open(embedding?: EmbeddingModel): Promise<void> {
    queue = new TestQueue(scope);
    const retrievers = createRetrieverPool({
      clock: systemClock,
      logger: silentLogger,
      ...(embedding ? { embedding } : {}),
    });
    service = createKnowledgeService({
      queue,
      retrievers,
      finder: createAnswerFinder({ clock: systemClock, logger: silentLogger }),
      parser: createFileParser(),
      embedding,
      clock: systemClock,
      makeId,
      logger: silentLogger,
    });
    // Nobody waits in a conversation here.
    const outreach = {
      findByKey: () => Promise.resolve(undefined),
      say: () => Promise.reject(new Error('not expected')),
    };
    const i18n = { translator: () => (key: string) => key };
    await queue.start(knowledgeJobs({ knowledge: service, outreach, i18n }));
  }

  beforeAll(async () => {
    store = await openTestStore();
  }, 60_000);
  afterAll(() => store.close());
  beforeEach(async () => {
    const tenantId = `tenant${(tenants += 1)}`;
    await store.service.putTenant(tenantId, tenantSettingsSchema.parse({ name: 'Toko' }));
    const opened = await store.service.scope(tenantId);
    if (!opened) throw new Error('the tenant is missing');
    scope = opened;
    await open();
  }, 60_000);

  return {
    get store() {
      return store;
    },
    get scope() {
      return scope;
    },
    get queue() {
      return queue;
    },
    get service() {
      return service;
    },
    use: open,
    async search(query) {
      const { signal } = new AbortController();
      const { hits } = await service.retriever(scope).search({ query, topK: 10, mode: 'keyword' }, signal);
      return hits.map((hit) => hit.documentId);
    },
    upload(fileName, content) {
      const bytes = typeof content === 'string' ? Buffer.from(content) : content;
      return service.upload(scope, { fileName, bytes });
    },
  };
}
