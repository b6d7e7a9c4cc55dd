import type { Document } from 'bson';
import type { Collection } from 'mongodb';
import { describe, expect, it } from 'vitest';
import type { Server } from './server.js';

interface Row extends Document {
  readonly _id: number;
}

type Join = readonly [name: string, local: Document, localField: string, found: readonly number[]];

const GOODS: readonly Row[] = [
  { _id: 1 },
  { _id: 2, k: null },
  { _id: 3, k: [] },
  { _id: 4, k: 1 },
  { _id: 5, k: [1, 2] },
  { _id: 6, k: [[1, 2], 3] },
  { _id: 7, k: [null, 7] },
  { _id: 8, k: { n: 1 } },
  { _id: 9, k: [{ n: 1 }, { m: 2 }] },
  { _id: 10, k: [[]] },
  { _id: 11, k: /^a/ },
  { _id: 12, k: 'abc' },
];

/** https://www.mongodb.com/docs/manual/reference/operator/aggregation/lookup/#single-equality-join-syntax */
const JOINS: readonly Join[] = [
  ['a value', { v: 1 }, 'v', [4, 5]],
  ['null, also a missing one', { v: null }, 'v', [1, 2, 7]],
  ['a missing field', {}, 'v', [1, 2, 7]],
  ['an empty array, as null', { v: [] }, 'v', [1, 2, 7]],
  ['the elements of an array', { v: [1, 7] }, 'v', [4, 5, 7]],
  ['an array only as an element', { v: [[1, 2]] }, 'v', [5, 6]],
  ['an array as an element only one level deep', { v: [[[1, 2]]] }, 'v', []],
  ['an empty array as an element', { v: [[]] }, 'v', [3, 10]],
  ['a document', { v: { n: 1 } }, 'v', [8, 9]],
  ['the fields of elements', { v: [{ x: 1 }, { x: 7 }] }, 'v.x', [4, 5, 7]],
  ['the fields of those elements that have them', { v: [{ x: 7 }, { y: 1 }] }, 'v.x', [7]],
  ['a field that no element has', { v: [{ y: 1 }, 3] }, 'v.x', [1, 2, 7]],
  ['a pattern as a value', { v: /^a/ }, 'v', [11]],
];

const NESTED: readonly Join[] = [
  ['null with a nested field', { v: null }, 'v', [1, 2, 4, 9, 11, 12]],
  ['a value with a nested field', { v: 1 }, 'v', [8, 9]],
];

/** Joins by equality, for one document and for several, with an index and without. */
export function joins(server: Server): void {
  describe('$lookup', () => {
    const check = async (goods: Collection<Row>, field: string, rows: readonly Join[]): Promise<void> => {
      const wrong: unknown[] = [];
      for (const [name, local, localField, expected] of rows) {
        for (const copies of [1, 3]) {
          const documents = Array.from({ length: copies }, () => ({ $literal: local }));
          const lookup = { from: goods.collectionName, localField, foreignField: field, as: 'found' };
          const results = await server()
            .db.aggregate([{ $documents: documents }, { $lookup: lookup }])
            .toArray();
          for (const { found } of results) {
            const ids = (found as Row[]).map(({ _id }) => _id).sort((a, b) => a - b);
            if (String(ids) !== String(expected)) wrong.push({ name, field, copies, ids, expected });
          }
        }
      }
      expect(wrong).toEqual([]);
    };

    it('joins by what is equal, also null, missing and in arrays, with an index and without', async () => {
      const goods = server().db.collection<Row>('joined_goods');
      await goods.insertMany(GOODS);
      await check(goods, 'k', JOINS);
      await check(goods, 'k.n', NESTED);
      await goods.createIndex({ k: 1 });
      await goods.createIndex({ 'k.n': 1 });
      await check(goods, 'k', JOINS);
      await check(goods, 'k.n', NESTED);
      await goods.drop();
    });
  });
}
