import { describe, expect, it } from 'vitest';
import type { Server } from './server.js';

export function reads(server: Server): void {
  describe('reading', () => {
    it('filters, sorts, skips, limits and projects', async () => {
      const { items } = server();
      const documents = await items
        .find({ a: { $gte: 1 } })
        .sort({ a: -1 })
        .skip(1)
        .limit(1)
        .project({ a: 1 })
        .toArray();
      expect(documents).toEqual([{ _id: 2, a: 2 }]);
    });

    it('combines operators', async () => {
      const { items } = server();
      const filter = {
        $or: [{ tags: { $elemMatch: { $eq: 'p' } } }, { s: { $regex: '^WOR', $options: 'i' } }],
        g: { $in: ['x'] },
        zz: { $exists: false },
      };
      expect(await items.countDocuments(filter)).toBe(2);
      expect(await items.countDocuments({ $expr: { $gt: ['$a', 2] } })).toBe(1);
      expect(await items.countDocuments({ tags: { $all: ['p', 'q'] } })).toBe(1);
      expect(await items.countDocuments({ tags: { $size: 0 } })).toBe(1);
      expect(await items.countDocuments({ a: { $not: { $gt: 1 } } })).toBe(1);
      expect(await items.countDocuments({ a: { $mod: [2, 1] } })).toBe(2);
      expect(await items.countDocuments({ s: { $type: 'string' } })).toBe(2);
    });

    it('lets null match missing fields', async () => {
      const { items } = server();
      expect(await items.countDocuments({ 'n.m': null })).toBe(2);
    });

    it('compares only values of one class', async () => {
      const { items } = server();
      await items.insertMany([{ _id: 4, a: 'text' }, { _id: 5, a: null }, { _id: 6 }]);
      expect(await items.countDocuments({ a: { $gt: 0 } })).toBe(3);
      await items.createIndex({ a: 1 });
      expect(await items.countDocuments({ a: { $gt: 0 } })).toBe(3);
      expect(await items.countDocuments({ a: null })).toBe(2);
      const sorted = await items.find().sort({ a: 1, _id: 1 }).toArray();
      expect(sorted.map((row) => row._id)).toEqual([5, 6, 1, 2, 3, 4]);
      await items.dropIndex('a_1');
    });

    it('counts and lists distinct values', async () => {
      const { items } = server();
      expect(await items.estimatedDocumentCount()).toBe(await items.countDocuments());
      expect(await items.distinct('tags')).toEqual(['p', 'q']);
    });

    it('reads a large result in batches', async () => {
      const { db } = server();
      const big = db.collection('big');
      await big.insertMany(Array.from({ length: 2_500 }, (_, i) => ({ i })));
      let read = 0;
      for await (const row of big.find({}, { batchSize: 100 })) read += row.i >= 0 ? 1 : 0;
      expect(read).toBe(2_500);
    });
  });
}
