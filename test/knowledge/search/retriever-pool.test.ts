import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EmbeddingError, type EmbeddingModel } from '../../../src/contracts/embedding.js';
import { createRetrieverPool } from '../../../src/knowledge/search/index.js';
import { systemClock } from '../../../src/lib/time/clock.js';
import { retrieverContract, search, type TestDocument } from '../../contracts/retriever.js';
import { business, publish, subjectModel } from './business.js';
import { newScope } from './new-scope.js';
import { ManualClock } from '../../fakes/manual-clock.js';
import { openTestStore, type TestStore } from '../../fakes/test-store.js';
import { hasDataSets, loadNaughtyStrings } from './datasets.js';
import { silentLogger } from '../../fakes/silent-logger.js';

let store: TestStore;
beforeAll(async () => {
  store = await openTestStore();
});
afterAll(async () => {
  await store.close();
});

describe('the in-process retriever', () => {
  const pool = createRetrieverPool({ clock: systemClock, logger: silentLogger });
  retrieverContract(async () => business(pool, await newScope(store)));

  it('survives naughty strings, both as questions and as documents', async () => {
    if (!hasDataSets()) return;
    const strings = loadNaughtyStrings();
    const { retriever, publish: add } = business(pool, await newScope(store));
    await add({ id: 'naughty', title: 'Strings', chunks: strings.filter((text) => text !== '') });
    for (const query of strings) {
      const { hits } = await search(retriever, query);
      for (const { score } of hits) expect(score).toBeGreaterThanOrEqual(0);
    }
  });
});

describe('semantic search', () => {
  const pages: readonly TestDocument[] = [
    { id: 'coffee', title: 'Kedai', chunks: ['espresso and coffee beans'] },
    { id: 'cloth', title: 'Toko', chunks: ['batik cloth'] },
  ];

  it('is refused by name if no model is configured, and hybrid search uses keywords alone', async () => {
    const pool = createRetrieverPool({ clock: systemClock, logger: silentLogger });
    const { retriever, publish: add } = business(pool, await newScope(store));
    for (const page of pages) await add(page);
    await expect(search(retriever, 'kopi', { mode: 'semantic' })).rejects.toMatchObject({
      kind: 'semantic-off',
    });
    const { hits } = await search(retriever, 'batik', { mode: 'hybrid' });
    expect(hits[0]).toMatchObject({ documentId: 'cloth', scores: { keyword: hits[0]?.score } });
  });

  it('finds a passage without a shared word, and still one with a shared word', async () => {
    const pool = createRetrieverPool({ clock: systemClock, logger: silentLogger, embedding: subjectModel });
    const { retriever, publish: add } = business(pool, await newScope(store), subjectModel);
    for (const page of pages) await add(page);
    for (const mode of ['semantic', 'hybrid'] as const) {
      expect((await search(retriever, 'kopi', { mode })).hits[0]?.documentId).toBe('coffee');
    }
    const { hits } = await search(retriever, 'batik', { mode: 'hybrid' });
    expect(hits[0]?.documentId).toBe('cloth');
    expect(Object.keys(hits[0]?.scores ?? {}).sort()).toEqual(['keyword', 'semantic']);
    expect((await search(retriever, 'kopi', { mode: 'keyword' })).hits).toEqual([]);
  });

  it('ignores vectors of another model', async () => {
    const scope = await newScope(store);
    const other: EmbeddingModel = { ...subjectModel, id: 'other' };
    const pool = createRetrieverPool({ clock: systemClock, logger: silentLogger, embedding: other });
    const { retriever, publish: add } = business(pool, scope, subjectModel);
    for (const page of pages) await add(page);
    expect((await search(retriever, 'kopi', { mode: 'semantic' })).hits).toEqual([]);
    expect((await search(retriever, 'batik', { mode: 'hybrid' })).hits[0]?.documentId).toBe('cloth');
  });

  it('falls back to keywords if the model fails, unless only semantic search was asked for', async () => {
    const broken: EmbeddingModel = {
      ...subjectModel,
      embed: () => Promise.reject(new EmbeddingError('unreachable', 'no answer')),
    };
    const pool = createRetrieverPool({ clock: systemClock, logger: silentLogger, embedding: broken });
    const { retriever, publish: add } = business(pool, await newScope(store));
    for (const page of pages) await add(page);
    expect((await search(retriever, 'batik', { mode: 'hybrid' })).hits[0]?.documentId).toBe('cloth');
    await expect(search(retriever, 'batik', { mode: 'semantic' })).rejects.toMatchObject({
      kind: 'unavailable',
    });
  });
});

describe('a search index', () => {
  it('picks up changes by another process within a quarter of a second', async () => {
    const clock = new ManualClock();
    const scope = await newScope(store);
    const retriever = createRetrieverPool({ clock, logger: silentLogger }).retriever(scope);
    expect((await search(retriever, 'batik')).hits).toEqual([]);
    await publish(scope.documents, { id: 'd', title: '', chunks: ['batik'] });
    expect((await search(retriever, 'batik')).hits).toEqual([]);
    clock.advance(250);
    await expect.poll(async () => (await search(retriever, 'batik')).hits.length).toBe(1);
  });

  it('is checked for changes before it answers after a long pause', async () => {
    const clock = new ManualClock();
    const scope = await newScope(store);
    const retriever = createRetrieverPool({ clock, logger: silentLogger }).retriever(scope);
    await publish(scope.documents, { id: 'd', title: '', chunks: ['batik'] });
    expect((await search(retriever, 'batik')).hits).toHaveLength(1);
    await scope.documents.remove('d');
    clock.advance(60_000);
    expect((await search(retriever, 'batik')).hits).toEqual([]);
  });

  it('is built once for many simultaneous questions', async () => {
    const scope = await newScope(store);
    await publish(scope.documents, { id: 'd', title: '', chunks: ['batik'] });
    let builds = 0;
    const countingDocuments = new Proxy(scope.documents, {
      get(target, name) {
        if (name === 'allChunks') builds += 1;
        const member: unknown = Reflect.get(target, name);
        return typeof member === 'function' ? (member.bind(target) as unknown) : member;
      },
    });
    const pool = createRetrieverPool({ clock: systemClock, logger: silentLogger });
    const retriever = pool.retriever({ ...scope, documents: countingDocuments });
    const results = await Promise.all(Array.from({ length: 20 }, () => search(retriever, 'batik')));
    expect(results.map(({ hits }) => hits.length)).toEqual(results.map(() => 1));
    expect(builds).toBe(1);
  });

  it('raises a retrieval error if it cannot be read, and succeeds again later', async () => {
    const scope = await newScope(store);
    await publish(scope.documents, { id: 'd', title: '', chunks: ['batik'] });
    const failing = new Proxy(scope.documents, {
      get: (target, name): unknown =>
        name === 'revision' ? () => Promise.reject(new Error('down')) : Reflect.get(target, name),
    });
    const pool = createRetrieverPool({ clock: systemClock, logger: silentLogger });
    const down = pool.retriever({ ...scope, documents: failing });
    await expect(search(down, 'batik')).rejects.toMatchObject({
      name: 'RetrievalError',
      kind: 'unavailable',
    });
    expect((await search(pool.retriever(scope), 'batik')).hits).toHaveLength(1);
  });

  it('of an idle tenant is evicted, and rebuilt at its next question', async () => {
    const scopes = await Promise.all(Array.from({ length: 3 }, () => newScope(store)));
    const pool = createRetrieverPool({ clock: systemClock, logger: silentLogger, maxTenants: 2 });
    for (const scope of scopes)
      await publish(scope.documents, { id: 'd', title: '', chunks: [`batik ${scope.tenantId}`] });
    for (const scope of [...scopes, ...scopes]) {
      expect((await search(pool.retriever(scope), 'batik')).hits[0]?.text).toBe(`batik ${scope.tenantId}`);
    }
  });
});
