import { type Document } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { refusal, type Server } from './server.js';

export function keepsIndexes(server: Server): void {
  describe('indexes', () => {
    it('keep unique values unique on insert and on update', async () => {
      const { db } = server();
      const users = db.collection('users');
      await users.createIndex({ e: 1 }, { unique: true });
      await users.insertMany([{ e: 'a' }, { e: 'b' }]);
      const error = await refusal(users.insertOne({ e: 'a' }));
      expect([error.code, error.keyPattern, error.keyValue]).toEqual([11000, { e: 1 }, { e: 'a' }]);
      expect((await refusal(users.updateOne({ e: 'b' }, { $set: { e: 'a' } }))).code).toBe(11000);
      expect((await users.findOne({ e: 'b' }))?.e).toBe('b');
    });

    it('allow no shared element between unique arrays of two documents', async () => {
      const { db } = server();
      const people = db.collection('people');
      await people.createIndex({ 'names.id': 1 }, { unique: true });
      await people.insertOne({ names: [{ id: 'a' }, { id: 'b' }, { id: 'b' }] });
      const error = await refusal(people.insertOne({ names: [{ id: 'c' }, { id: 'b' }] }));
      expect([error.code, error.keyValue]).toEqual([11000, { 'names.id': 'b' }]);
      await people.insertOne({ names: [{ id: 'c' }, { id: 'd' }] });
      expect((await people.find({ 'names.id': 'd' }).toArray())[0]?.names).toHaveLength(2);
    });

    it('apply only to their documents if they are partial or sparse', async () => {
      const { db } = server();
      const partial = db.collection('partial');
      await partial.createIndex(
        { p: 1 },
        { unique: true, partialFilterExpression: { p: { $type: 'string' } } },
      );
      await partial.insertMany([{ p: null }, { p: null }, { p: 's' }]);
      expect((await refusal(partial.insertOne({ p: 's' }))).code).toBe(11000);
      expect(await partial.countDocuments({ p: null })).toBe(2);
      const sparse = db.collection('sparse');
      await sparse.createIndex({ x: 1, y: 1 }, { unique: true, sparse: true });
      await sparse.insertMany([{ a: 1 }, { a: 2 }, { x: 1, y: 1 }]);
      expect((await refusal(sparse.insertOne({ x: 1, y: 1 }))).code).toBe(11000);
      expect(await sparse.countDocuments({ x: null })).toBe(2);
    });

    it('are not created as unique over duplicate values', async () => {
      const { items } = server();
      expect((await refusal(items.createIndex({ g: 1 }, { unique: true }))).code).toBe(11000);
      expect(await items.indexes()).toHaveLength(1);
    });

    it('are refused if their name or key is taken by another one', async () => {
      const { items } = server();
      await items.createIndex({ a: 1 });
      expect(await items.createIndex({ a: 1 })).toBe('a_1');
      expect((await refusal(items.createIndex({ g: 1 }, { name: 'a_1' }))).code).toBe(86);
      expect((await refusal(items.createIndex({ a: 1 }, { unique: true, name: 'a_1' }))).code).toBe(86);
      await items.dropIndex('a_1');
    });

    it('do not change the answer to any filter or sort order', async () => {
      const { db } = server();
      const rows = db.collection<Document>('planned');
      const values = [null, 1, 2, 2.5, 'a', 'b', [1, 'b'], [], true, new Date(3), { z: 1 }];
      await rows.insertMany(
        values.flatMap((a, i) => [
          { i, a, b: i % 3 },
          { i, b: -i, a },
        ]),
      );
      const filters: Document[] = [
        { a: 1 },
        { a: null },
        { a: { $in: [2, 'b'] } },
        { a: { $gt: 1, $lt: 3 } },
        { a: { $gte: 'a' }, b: { $lt: 1 } },
        { a: 2, b: { $gte: -5 } },
        { a: { $ne: 1 } },
        { a: [] },
      ];
      const read = async (filter: Document): Promise<unknown> =>
        (await rows.find(filter).sort({ b: -1, i: 1, _id: 1 }).toArray()).map((row) => row._id as unknown);
      const before = await Promise.all(filters.map(read));
      for (const index of [{ a: 1 }, { a: -1, b: 1 }, { b: -1, i: 1, _id: 1 }] as const) {
        await rows.createIndex(index);
        expect(await Promise.all(filters.map(read))).toEqual(before);
      }
    });
  });
}
