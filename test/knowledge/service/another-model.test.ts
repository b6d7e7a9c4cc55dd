import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { EmbeddingError } from '../../../src/contracts/embedding.js';
import type { EmbeddingModel } from '../../../src/contracts/embedding.js';
import type { TenantScope } from '../../../src/contracts/stores.js';
import {
  createAnswerFinder,
  createFaqService,
  createFileParser,
  createKnowledgeService,
  createQuestionEmbedder,
  createRetrieverPool,
} from '../../../src/knowledge/index.js';
import { reEmbed } from '../../../src/knowledge/re-embed.js';
import { systemClock } from '../../../src/lib/time/clock.js';
import { makeId } from '../../../src/lib/ids/make-id.js';
import { silentLogger } from '../../fakes/silent-logger.js';
import { openTestStore, type TestStore } from '../../fakes/test-store.js';
import { newScope } from '../search/new-scope.js';
import { TestQueue } from './test-queue.js';
import { WordEmbedding } from './word-embedding.js';

const common = { clock: systemClock, logger: silentLogger, makeId };
const never = new AbortController().signal;

class OtherEmbedding extends WordEmbedding {
  override readonly id = 'test:other' as 'test:words';
}

/** The parts of the room that use a model, assembled as in compose. */
function roomWith(model: EmbeddingModel, scope: TenantScope) {
  const onMissing = vi.fn();
  const embedder = createQuestionEmbedder({ ...common, model });
  const retrievers = createRetrieverPool({ ...common, embedding: model, embedder, onMissing });
  const finder = createAnswerFinder({ ...common, embedder });
  const knowledge = createKnowledgeService({
    ...common,
    queue: new TestQueue(scope),
    retrievers,
    finder,
    parser: createFileParser(),
    embedding: model,
  });
  const search = async (query: string, mode: 'hybrid' | 'semantic') =>
    (await retrievers.retriever(scope).search({ query, mode, topK: 3 }, never)).hits;
  const find = (text: string) => finder.find(scope, { text, before: [], locale: 'id' });
  return { faq: createFaqService({ ...common, finder }), finder, knowledge, onMissing, search, find };
}

describe('a new embedding model', () => {
  let store: TestStore;
  let scope: TenantScope;
  beforeAll(async () => {
    store = await openTestStore();
    scope = await newScope(store);
  });
  afterAll(() => store.close());

  it('embeds all documents again, and its vectors are never compared with the old ones', async () => {
    const before = roomWith(new WordEmbedding(), scope);
    await before.knowledge.upsert(scope, {
      id: 'ongkir',
      title: 'Ongkir',
      text: 'Ongkos kirim ke Bandung Rp15.000.',
    });
    await before.knowledge.upsert(scope, {
      id: 'parkir',
      title: 'Parkir',
      text: 'Parkir mobil di belakang toko.',
    });
    expect(await before.search('parkir mobil', 'semantic')).toHaveLength(2);
    expect(before.onMissing).not.toHaveBeenCalled();

    const model = new OtherEmbedding();
    const after = roomWith(model, scope);
    expect((await after.search('parkir mobil', 'hybrid'))[0]).toMatchObject({ documentId: 'parkir' });
    expect(await after.search('parkir mobil', 'semantic')).toEqual([]);
    expect(after.onMissing).toHaveBeenCalledOnce();

    const ids = (await scope.documents.chunks('parkir')).map(({ id }) => id);
    await reEmbed(scope, model, { signal: never });
    const chunks = await scope.documents.chunks('parkir');
    expect(chunks.map(({ id, vector }) => [id, vector?.modelId])).toEqual(ids.map((id) => [id, model.id]));
    const fresh = roomWith(model, scope);
    expect((await fresh.search('parkir mobil', 'semantic'))[0]).toMatchObject({ documentId: 'parkir' });
    const { calls } = model;
    await reEmbed(scope, model, { signal: never });
    expect(model.calls).toBe(calls);
  });

  it('takes part in answers once it has embedded everything, each text once', async () => {
    const model = new WordEmbedding();
    const { faq, find, finder } = roomWith(model, scope);
    await faq.add(scope, {
      question: 'Bisa bayar pakai kartu?',
      answer: 'Bisa, Visa dan Mastercard.',
      locale: 'id',
    });
    expect(await find('bayar pakai kartu bisa ga?')).toMatchObject({ type: 'sure' });
    const embedQuestions = async (): Promise<number> => {
      await find(`ada yang baru ${model.calls}?`);
      return model.calls;
    };
    // Once the passages are embedded, each new question takes one call.
    await vi.waitFor(async () => {
      const first = await embedQuestions();
      expect(await embedQuestions()).toBe(first + 1);
    });
    await finder.close();
    const again = new WordEmbedding();
    const second = roomWith(again, scope);
    expect(await second.find('bayar pakai kartu bisa ga?')).toMatchObject({ type: 'sure' });
    expect(again.calls).toBe(1);
    await second.finder.close();
  });

  it('does not prevent answers while it is down', async () => {
    const model = new OtherEmbedding(() => Promise.reject(new EmbeddingError('unreachable', 'down')));
    const { find, finder } = roomWith(model, scope);
    for (let i = 0; i < 3; i += 1) {
      expect(await find('bayar pakai kartu bisa ga?')).toMatchObject({ type: 'sure' });
    }
    await finder.close();
  });
});
