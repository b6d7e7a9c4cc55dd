import { describe, expect, it } from 'vitest';
import { EmbeddingError } from '../../../src/contracts/embedding.js';
import { knowledgeShop, LONG_TEXT } from './knowledge-shop.js';
import { WordEmbedding } from './word-embedding.js';

const shop = knowledgeShop();

describe('a document with embeddings', () => {
  it('moves from parsing through embedding to ready, and is searchable only then', async () => {
    const observations: [string | undefined, number][] = [];
    const embedding = new WordEmbedding(async () => {
      const [document] = (await shop.scope.documents.list({ limit: 1 })).items;
      observations.push([document?.status, (await shop.search('walrus')).length]);
    });
    await shop.use(embedding);
    const { document } = await shop.upload('a.md', LONG_TEXT);
    await shop.queue.runAll();
    expect(observations).toEqual([
      ['embedding', 0],
      ['embedding', 0],
      ['embedding', 0],
    ]);
    const chunks = await shop.scope.documents.chunks(document.id);
    expect(chunks).toHaveLength(150);
    for (const chunk of chunks) expect(chunk.vector).toMatchObject({ modelId: 'test:words' });
    expect(new Set(await shop.search('walrus'))).toEqual(new Set([document.id]));
  });

  it('waits as long as a busy model asks, then continues', async () => {
    const embedding = new WordEmbedding((call) =>
      call === 1
        ? Promise.reject(new EmbeddingError('rate-limited', 'busy', { retryAfterMs: 1 }))
        : Promise.resolve(),
    );
    await shop.use(embedding);
    await shop.service.upsert(shop.scope, { id: 'a', title: 'T', text: 'The walrus sings.' });
    expect(embedding.calls).toBe(2);
    expect((await shop.scope.documents.chunks('a'))[0]?.vector).toBeDefined();
  });

  it('is found by its words if the model refuses', async () => {
    await shop.use(new WordEmbedding(() => Promise.reject(new EmbeddingError('unauthorized', 'wrong key'))));
    const { document } = await shop.service.upsert(shop.scope, {
      id: 'a',
      title: 'T',
      text: 'The walrus sings.',
    });
    expect(document.status).toBe('ready');
    expect((await shop.scope.documents.chunks('a'))[0]?.vector).toBeUndefined();
    expect(await shop.search('walrus')).toEqual(['a']);
  });
});
