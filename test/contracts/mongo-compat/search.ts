import type { Document } from 'bson';
import type { Collection } from 'mongodb';
import { beforeAll, describe, expect, it } from 'vitest';
import { refusal, type Server } from './server.js';

interface Page extends Document {
  readonly _id: string;
}

const PAGES: readonly Page[] = [
  { _id: 'north', v: [1, 0], text: 'The north wind blows', kind: 'wind', shop: 1 },
  { _id: 'east', v: [0, 1], text: 'The sun rises in the east', kind: 'sun', shop: 1 },
  { _id: 'south', v: [-1, 0], text: 'A warm wind from the south, a strong wind', kind: 'wind', shop: 2 },
  { _id: 'none', text: 'nothing of the kind', shop: 1 },
];

/**
 * The subset of Atlas Search that the embedded store supports; an ordinary server rejects all of it with
 * 31082.
 */
export function searches(server: Server): void {
  describe('search', () => {
    let pages: Collection<Page>;
    const ids = async (stages: readonly Document[]): Promise<unknown> =>
      (await pages.aggregate(stages as Document[]).toArray()).map(({ _id }) => _id as unknown);

    beforeAll(async () => {
      pages = server().db.collection<Page>('pages');
      await pages.insertMany(PAGES.map((page) => ({ ...page })));
      await pages.createSearchIndexes([
        { name: 'words', definition: { mappings: { dynamic: true } } },
        {
          name: 'vectors',
          type: 'vectorSearch',
          definition: {
            fields: [
              { type: 'vector', path: 'v', numDimensions: 2, similarity: 'cosine' },
              { type: 'filter', path: 'shop' },
            ],
          },
        },
      ]);
    });

    it('lists, changes and drops indexes, and refuses a missing one', async () => {
      expect(await pages.listSearchIndexes().toArray()).toMatchObject([
        { name: 'words', type: 'search', queryable: true },
        { name: 'vectors', type: 'vectorSearch' },
      ]);
      await pages.createSearchIndex({ name: 'third', definition: { mappings: { dynamic: true } } });
      await pages.updateSearchIndex('third', { mappings: { dynamic: false } });
      expect(await pages.listSearchIndexes('third').toArray()).toMatchObject([
        { latestDefinition: { mappings: { dynamic: false } } },
      ]);
      await pages.dropSearchIndex('third');
      expect(await pages.listSearchIndexes('third').toArray()).toEqual([]);
      expect((await refusal(pages.dropSearchIndex('third'))).code).toBe(27);
    });

    it('returns the nearest vectors first with the scores of Atlas, within a filter', async () => {
      const near = { index: 'vectors', path: 'v', queryVector: [1, 0], limit: 3, exact: true };
      const stages = [{ $vectorSearch: near }, { $project: { score: { $meta: 'vectorSearchScore' } } }];
      expect(await pages.aggregate(stages).toArray()).toEqual([
        { _id: 'north', score: 1 },
        { _id: 'east', score: 0.5 },
        { _id: 'south', score: 0 },
      ]);
      expect(await ids([{ $vectorSearch: { ...near, filter: { shop: 2 } } }])).toEqual(['south']);
      expect(await ids([{ $vectorSearch: { ...near, exact: false, numCandidates: 10, limit: 1 } }])).toEqual([
        'north',
      ]);
      expect(await ids([{ $vectorSearch: { ...near, index: 'unknown' } }])).toEqual([]);
      for (const wrong of [
        { queryVector: [1, 2, 3] },
        { filter: { kind: 'x' } },
        { exact: false },
        { limit: 0 },
      ]) {
        expect((await refusal(ids([{ $vectorSearch: { ...near, ...wrong } }]))).code).toBe(8);
      }
    });

    it('finds texts by words, more matches first, with must and mustNot clauses', async () => {
      const wind = { text: { query: 'wind', path: 'text' } };
      expect(await ids([{ $search: { index: 'words', ...wind } }])).toEqual(['south', 'north']);
      const compound = { must: [wind], filter: [{ equals: { path: 'shop', value: 1 } }] };
      expect(await ids([{ $search: { index: 'words', compound } }])).toEqual(['north']);
      const not = { must: [wind], mustNot: [{ text: { query: 'strong', path: { wildcard: '*' } } }] };
      expect(await ids([{ $search: { index: 'words', compound: not } }])).toEqual(['north']);
      const boosted = {
        should: [{ text: { query: 'north', path: 'text', score: { boost: { value: 9 } } } }, wind],
      };
      expect(await ids([{ $search: { index: 'words', compound: boosted } }])).toEqual(['north', 'south']);
      const scored = [
        { $search: { index: 'words', ...wind } },
        { $project: { s: { $meta: 'searchScore' } } },
        { $sort: { s: 1 } },
      ];
      expect(await ids(scored)).toEqual(['north', 'south']);
      expect((await refusal(ids([{ $search: { index: 'words', near: {} } }]))).code).toBe(115);
    });

    it('fuses rankings by position', async () => {
      const input = {
        pipelines: {
          words: [{ $search: { index: 'words', text: { query: 'wind', path: 'text' } } }],
          near: [
            { $vectorSearch: { index: 'vectors', path: 'v', queryVector: [0, 1], limit: 2, exact: true } },
          ],
        },
      };
      const stages = [{ $rankFusion: { input } }, { $project: { s: { $meta: 'score' } } }];
      const rows = await pages.aggregate<{ _id: string; s: number }>(stages).toArray();
      expect(rows[0]).toMatchObject({ _id: 'north', s: expect.closeTo(1 / 62 + 1 / 62, 6) as unknown });
      expect(rows.map(({ _id }) => _id)).toEqual(['north', 'south', 'east']);
      const weighted = { input, combination: { weights: { near: 3 } } };
      expect(await ids([{ $rankFusion: weighted }])).toEqual(['north', 'east', 'south']);
      expect((await refusal(ids([{ $rankFusion: { input: { pipelines: {} } } }]))).code).toBe(9);
    });
  });
}
