import { type Document } from 'mongodb';
import { describe, expect, it } from 'vitest';
import type { Server } from './server.js';

export function aggregates(server: Server): void {
  describe('aggregation', () => {
    it('groups, joins and unions', async () => {
      const { db, items } = server();
      const groups = await items
        .aggregate([{ $group: { _id: '$g', n: { $sum: 1 }, m: { $max: '$a' } } }, { $sort: { n: -1 } }])
        .toArray();
      expect(groups).toEqual([
        { _id: 'x', n: 2, m: 2 },
        { _id: 'y', n: 1, m: 3 },
      ]);
      await db.collection('orders').insertMany([
        { ref: 1, z: 1 },
        { ref: 1, z: 2 },
      ]);
      const lookup = { from: 'orders', localField: '_id', foreignField: 'ref', as: 'os' };
      const joined = await items
        .aggregate([{ $match: { _id: 1 } }, { $lookup: lookup }, { $unwind: '$os' }])
        .toArray();
      expect(joined.map((row) => (row.os as Document).z as unknown)).toEqual([1, 2]);
      const pipeline = [{ $match: { $expr: { $eq: ['$ref', '$$i'] } } }];
      const correlated = { from: 'orders', let: { i: '$_id' }, pipeline, as: 'os' };
      const [first] = await items.aggregate([{ $match: { _id: 1 } }, { $lookup: correlated }]).toArray();
      expect(first?.os).toHaveLength(2);
      expect(await items.aggregate([{ $unionWith: 'orders' }, { $count: 'n' }]).toArray()).toEqual([
        { n: 5 },
      ]);
    });

    it('computes facets, windows and dates', async () => {
      const { items } = server();
      const facets = { a: [{ $count: 'n' }], b: [{ $sortByCount: '$g' }] };
      expect(await items.aggregate([{ $facet: facets }]).toArray()).toMatchObject([{ a: [{ n: 3 }] }]);
      const windows = { sortBy: { a: 1 }, output: { rank: { $rank: {} } } };
      const ranked = await items.aggregate([{ $setWindowFields: windows }, { $sort: { a: 1 } }]).toArray();
      expect(ranked.map((row) => row.rank as unknown)).toEqual([1, 2, 3]);
      const date = new Date('2024-01-02T03:04:05Z');
      const day = { $dateToString: { date, format: '%Y-%m-%d %H:%M' } };
      expect(await items.aggregate([{ $match: { _id: 1 } }, { $project: { day } }]).toArray()).toEqual([
        { _id: 1, day: '2024-01-02 03:04' },
      ]);
    });

    it('writes results with $out and $merge', async () => {
      const { db, items } = server();
      await items.aggregate([{ $match: { _id: 1 } }, { $out: 'written' }]).toArray();
      await items.aggregate([{ $match: { _id: { $lte: 2 } } }, { $merge: { into: 'written' } }]).toArray();
      expect(await db.collection('written').countDocuments()).toBe(2);
    });
  });
}
