import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EmbeddingModel } from '../../../src/contracts/embedding.js';
import type { RoomStore, TenantScope } from '../../../src/contracts/stores.js';
import { passageStore, type PassageStore } from '../../../src/knowledge/search/atlas/passage-store.js';
import { project, type ProjectionOptions } from '../../../src/knowledge/search/atlas/projection.js';
import { createAtlasPool } from '../../../src/knowledge/search/index.js';
import { createAnalyzer } from '../../../src/knowledge/search/text/analyzer.js';
import { systemClock } from '../../../src/lib/time/clock.js';
import { retrieverContract, search, type TestDocument } from '../../contracts/retriever.js';
import { silentLogger } from '../../fakes/silent-logger.js';
import { openTestStore, type TestStore } from '../../fakes/test-store.js';
import { business, publish, subjectModel } from './business.js';
import { newScope } from './new-scope.js';

let store: TestStore;
beforeAll(async () => {
  store = await openTestStore();
});
afterAll(async () => {
  await store.close();
});

const shared = { clock: systemClock, logger: silentLogger };
const PAGES: readonly TestDocument[] = [
  { id: 'coffee', title: 'Kedai', chunks: ['espresso and coffee beans'] },
  { id: 'cloth', title: 'Toko', chunks: ['batik cloth'] },
];

/** The scope with some methods of its search store replaced. */
function withServer(scope: TenantScope, change: (own: PassageStore) => Partial<PassageStore>): TenantScope {
  const own = scope.store(passageStore);
  const fakeStore = { ...own, ...change(own) };
  return {
    ...scope,
    store: <Store extends object>(definition: RoomStore<Store>): Store =>
      (definition as RoomStore<object>) === passageStore
        ? (fakeStore as unknown as Store)
        : scope.store(definition),
  };
}

function indexesOf(scope: TenantScope) {
  const name = `${store.options.databasePrefix ?? ''}${scope.tenantId}`;
  return store.connection.getClient().db(name).collection('search_passages').listSearchIndexes().toArray();
}

describe('the Atlas retriever', () => {
  const pool = createAtlasPool(shared);
  afterAll(() => pool.close());
  retrieverContract(async () => business(pool, await newScope(store)));
});

describe('retrieval with Atlas Search', () => {
  it('finds passages by meaning without a shared word, and by their words', async () => {
    const pool = createAtlasPool({ ...shared, embedding: subjectModel });
    const { retriever, publish: add } = business(pool, await newScope(store), subjectModel);
    for (const page of PAGES) await add(page);
    for (const mode of ['semantic', 'hybrid'] as const) {
      expect((await search(retriever, 'kopi', { mode })).hits[0]?.documentId).toBe('coffee');
    }
    const { hits } = await search(retriever, 'batik', { mode: 'hybrid' });
    expect(hits[0]?.documentId).toBe('cloth');
    expect(Object.keys(hits[0]?.scores ?? {}).sort()).toEqual(['keyword', 'semantic']);
    expect((await search(retriever, 'kopi', { mode: 'keyword' })).hits).toEqual([]);
    await expect(
      search(business(createAtlasPool(shared), await newScope(store)).retriever, 'kopi', {
        mode: 'semantic',
      }),
    ).rejects.toMatchObject({ kind: 'semantic-off' });
  });

  it('finds the same on a server without the rank fusion stage', async () => {
    const scope = await newScope(store);
    let refused = 0;
    const older = withServer(scope, (own) => ({
      search(pipeline, signal) {
        if (!JSON.stringify(pipeline).includes('$rankFusion')) return own.search(pipeline, signal);
        refused += 1;
        return Promise.reject(Object.assign(new Error('Unrecognized pipeline stage'), { code: 40_324 }));
      },
    }));
    const pool = createAtlasPool({ ...shared, embedding: subjectModel });
    const { retriever, publish: add } = business(pool, older, subjectModel);
    for (const page of PAGES) await add(page);
    const current = createAtlasPool({ ...shared, embedding: subjectModel }).retriever(scope);
    for (const query of ['kopi', 'batik', 'coffee cloth']) {
      const [one, other] = [
        await search(retriever, query, { mode: 'hybrid' }),
        await search(current, query, { mode: 'hybrid' }),
      ];
      expect(one.hits.length).toBeGreaterThan(0);
      expect(one.hits).toEqual(other.hits);
    }
    expect(refused).toBe(1);
  });

  it('creates its index definitions once, and others for another model', async () => {
    const scope = await newScope(store);
    const first = createAtlasPool({ ...shared, embedding: subjectModel });
    await search(first.retriever(scope), 'batik');
    const before = await indexesOf(scope);
    expect(before.map((index) => [index.name, Reflect.get(index, 'type') as unknown]).sort()).toEqual([
      ['sapa_vectors', 'vectorSearch'],
      ['sapa_words', 'search'],
    ]);
    await search(createAtlasPool({ ...shared, embedding: subjectModel }).retriever(scope), 'batik');
    expect(await indexesOf(scope)).toEqual(before);
    const wider: EmbeddingModel = { ...subjectModel, id: 'wider', dimensions: 8 };
    await search(createAtlasPool({ ...shared, embedding: wider }).retriever(scope), 'batik');
    expect(JSON.stringify(await indexesOf(scope))).toContain('"numDimensions":8');
  });

  it('does not delay answers while its indexes are being built or lag behind', async () => {
    const scope = await newScope(store);
    let state: 'building' | 'queryable' = 'building';
    const slow = withServer(scope, () => ({ keepIndexes: () => Promise.resolve(state) }));
    const pool = createAtlasPool(shared);
    await publish(scope.documents, { id: 'd', title: '', chunks: ['batik'] });
    expect((await search(pool.retriever(slow), 'batik')).hits).toHaveLength(1);
    state = 'queryable';
    await scope.store(passageStore).keepIndexes(undefined);
    pool.invalidate(scope.tenantId);
    expect((await search(pool.retriever(slow), 'batik')).hits).toHaveLength(1);
  });

  it('indexes only the documents that changed', async () => {
    const scope = await newScope(store);
    const documentIds: string[] = [];
    const watched = withServer(scope, (own) => ({
      put(document, rows) {
        documentIds.push(document._id);
        return own.put(document, rows);
      },
    }));
    const { retriever, publish: add } = business(createAtlasPool(shared), watched);
    for (const page of PAGES) await add(page);
    await search(retriever, 'batik');
    await add({ id: 'cloth', title: 'Toko', chunks: ['batik scarf'] });
    expect((await search(retriever, 'scarf')).hits).toHaveLength(1);
    expect(documentIds.toSorted()).toEqual(['cloth', 'cloth', 'coffee']);
  });

  it('indexes every document again for a new analyzer version or other vector dimensions', async () => {
    const scope = await newScope(store);
    for (const page of PAGES) await publish(scope.documents, page);
    const analyzer = createAnalyzer({ keepQuestionWords: false });
    const written = async (options: ProjectionOptions) => (await project(scope, options)).written.length;
    const model = { id: 'model', dimensions: 2 };
    expect(await written({ analyzer, model: undefined })).toBe(2);
    expect(await written({ analyzer, model: undefined })).toBe(0);
    const next = { ...analyzer, version: 'next' };
    expect(await written({ analyzer: next, model: undefined })).toBe(2);
    const versionFor = async (dimensions: number) =>
      (await project(scope, { analyzer, model: { ...model, dimensions } })).live.get('cloth');
    expect(await versionFor(3)).not.toBe(await versionFor(2));
    expect(await versionFor(2)).toBe(await versionFor(2));
  });

  it('raises a retrieval error if the server does not answer', async () => {
    const scope = await newScope(store);
    await publish(scope.documents, { id: 'd', title: '', chunks: ['batik'] });
    let isDown = false;
    const down = withServer(scope, (own) => ({
      search: (pipeline, signal) =>
        isDown ? Promise.reject(new Error('down')) : own.search(pipeline, signal),
    }));
    const retriever = createAtlasPool(shared).retriever(down);
    await search(retriever, 'batik');
    isDown = true;
    await expect(search(retriever, 'batik')).rejects.toMatchObject({
      name: 'RetrievalError',
      kind: 'unavailable',
    });
  });
});
