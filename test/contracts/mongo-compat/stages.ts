import { Decimal128, Double, Int32, Long, type Document } from 'bson';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Server } from './server.js';
import { checkRows, EXACT, is, refused, type Expected } from './tables.js';

const int = (value: number): Int32 => new Int32(value);
const long = (value: number): Long => Long.fromNumber(value);

/** `shops` and their `goods`; each item of `goods` belongs to one shop or to none. */
const GOODS: readonly Document[] = [
  { _id: int(1), shop: 'a', price: int(10), tags: ['x', 'y'], at: new Date('2024-01-01T00:00:00Z') },
  { _id: int(2), shop: 'a', price: int(30), tags: [], at: new Date('2024-01-03T00:00:00Z') },
  { _id: int(3), shop: 'b', price: new Double(20.5), tags: ['x'], size: { w: int(1) } },
  { _id: int(4), shop: 'b', price: Decimal128.fromString('0.10'), parts: [{ n: int(1) }, { n: int(2) }] },
  { _id: int(5), shop: null, price: null },
];
const SHOPS: readonly Document[] = [
  { _id: 'a', name: 'A', boss: null, open: true },
  { _id: 'b', name: 'B', boss: 'a', open: false },
  { _id: 'c', name: 'C', boss: 'b', open: true },
];

type Row = readonly [stages: readonly Document[], expected: Expected];
const ids = (...rows: readonly unknown[]): Expected => is(rows.map((_id) => ({ _id })));
const only = { $project: { _id: 1 } };
const byId = { $sort: { _id: 1 } };
const one = { $match: { _id: 1 } };
const lookup = (spec: Document): Document => ({ $lookup: { from: 'shops', as: 's', ...spec } });

/** https://www.mongodb.com/docs/manual/reference/operator/aggregation-pipeline/ */
const ROWS: readonly Row[] = [
  [[{ $match: { shop: 'a' } }, byId, only], ids(int(1), int(2))],
  [[{ $match: { $expr: { $gt: ['$price', 15] } } }, byId, only], ids(int(2), int(3))],
  [
    [{ $group: { _id: '$shop', n: { $sum: 1 } } }, byId],
    is([
      { _id: null, n: int(1) },
      { _id: 'a', n: int(2) },
      { _id: 'b', n: int(2) },
    ]),
  ],
  [
    [
      { $match: { shop: 'b' } },
      { $group: { _id: null, t: { $sum: '$price' } } },
      { $project: { _id: 0, t: { $type: '$t' } } },
    ],
    is([{ t: 'decimal' }]),
  ],
  [
    [{ $match: { shop: 'a' } }, { $group: { _id: null, t: { $sum: '$price' }, m: { $avg: '$price' } } }],
    is([{ _id: null, t: int(40), m: new Double(20) }]),
  ],
  [[byId, { $group: { _id: null, all: { $push: '$size' } } }], is([{ _id: null, all: [{ w: int(1) }] }])],
  [
    [byId, { $group: { _id: null, f: { $first: '$size' }, l: { $last: '$price' } } }],
    is([{ _id: null, f: null, l: null }]),
  ],
  [
    [{ $group: { _id: null, s: { $addToSet: '$nothing' }, c: { $count: {} } } }],
    is([{ _id: null, s: [], c: int(5) }]),
  ],
  [
    [{ $group: { _id: null, t: { $top: { sortBy: { price: -1 }, output: '$_id' } } } }],
    is([{ _id: null, t: int(2) }]),
  ],
  [
    [{ $group: { _id: null, t: { $bottomN: { n: 2, sortBy: { price: -1 }, output: '$_id' } } } }],
    is([{ _id: null, t: [int(4), int(5)] }]),
  ],
  [
    [{ $group: { _id: null, t: { $maxN: { n: 2, input: '$_id' } } } }],
    is([{ _id: null, t: [int(5), int(4)] }]),
  ],
  [[{ $group: { _id: null, t: { $nope: 1 } } }], refused(15952)],
  [[{ $group: { n: { $sum: 1 } } }], refused(15955)],
  [[{ $count: 'n' }], is([{ n: int(5) }])],
  [[{ $match: { _id: 99 } }, { $count: 'n' }], is([])],
  [[{ $count: '$n' }], refused(40158)],
  [[{ $sortByCount: '$shop' }, { $match: { _id: null } }], is([{ _id: null, count: int(1) }])],
  [[byId, { $skip: 1 }, { $limit: 2 }, only], ids(int(2), int(3))],
  [[{ $limit: 0 }], refused(15958)],
  [[{ $skip: -1 }], refused(15956)],
  [[{ $sort: {} }], refused(15976)],
  [[{ $sort: { price: 1 } }, only], ids(int(5), int(4), int(1), int(3), int(2))],
  [
    [{ $match: { _id: { $in: [1, 4] } } }, byId, { $unwind: '$tags' }, { $project: { _id: 1, tags: 1 } }],
    is([
      { _id: int(1), tags: 'x' },
      { _id: int(1), tags: 'y' },
    ]),
  ],
  [
    [
      { $match: { _id: 2 } },
      { $unwind: { path: '$tags', preserveNullAndEmptyArrays: true, includeArrayIndex: 'i' } },
      { $project: { tags: 1, i: 1 } },
    ],
    is([{ _id: int(2), i: null }]),
  ],
  [
    [one, { $unwind: { path: '$tags', includeArrayIndex: 'i' } }, { $project: { _id: 0, i: 1 } }],
    is([{ i: long(0) }, { i: long(1) }]),
  ],
  [[one, { $unwind: { path: '$shop' } }, { $project: { shop: 1 } }], is([{ _id: int(1), shop: 'a' }])],
  [[{ $unwind: 'tags' }], refused(28818)],
  [[one, { $project: { _id: 0, p: '$price', 'o.x': 'y' } }], is([{ p: int(10), o: { x: 'y' } }])],
  [
    [{ $match: { _id: 4 } }, { $project: { 'parts.n': 1 } }],
    is([{ _id: int(4), parts: [{ n: int(1) }, { n: int(2) }] }]),
  ],
  [
    [{ $match: { _id: 3 } }, { $project: { tags: 0, price: 0, shop: 0 } }],
    is([{ _id: int(3), size: { w: int(1) } }]),
  ],
  [[{ $project: { a: 1, b: 0 } }], refused(31254)],
  [[{ $project: { a: 0, b: 1 } }], refused(31253)],
  [[{ $project: {} }], refused(51272)],
  [
    [{ $match: { _id: 4 } }, { $addFields: { 'parts.x': 5 } }, { $project: { parts: 1 } }],
    is([
      {
        _id: int(4),
        parts: [
          { n: int(1), x: int(5) },
          { n: int(2), x: int(5) },
        ],
      },
    ]),
  ],
  [
    [one, { $set: { gone: '$nothing', price: '$$REMOVE' } }, { $project: { price: 1, gone: 1 } }],
    is([{ _id: int(1) }]),
  ],
  [
    [{ $match: { _id: 3 } }, { $unset: ['tags', 'size.w', 'price', 'shop'] }],
    is([{ _id: int(3), size: {} }]),
  ],
  [[{ $match: { _id: 3 } }, { $replaceRoot: { newRoot: '$size' } }], is([{ w: int(1) }])],
  [[one, { $replaceWith: '$size' }], refused(40228)],
  [
    [one, lookup({ localField: 'shop', foreignField: '_id' }), { $project: { 's.name': 1 } }],
    is([{ _id: int(1), s: [{ name: 'A' }] }]),
  ],
  [
    [
      { $match: { _id: 3 } },
      lookup({ localField: 'shop', foreignField: '_id', pipeline: [{ $project: { _id: 0, name: 1 } }] }),
      { $project: { s: 1 } },
    ],
    is([{ _id: int(3), s: [{ name: 'B' }] }]),
  ],
  [
    [
      { $match: { _id: 3 } },
      lookup({ localField: 'shop', foreignField: '_id', pipeline: [{ $match: { open: true } }] }),
      { $project: { s: 1 } },
    ],
    is([{ _id: int(3), s: [] }]),
  ],
  [
    [
      one,
      { $lookup: { from: 'shops', localField: 'shop', foreignField: '_id', as: 'x.y' } },
      { $project: { 'x.y.name': 1 } },
    ],
    is([{ _id: int(1), x: { y: [{ name: 'A' }] } }]),
  ],
  [
    [
      one,
      lookup({
        let: { p: '$price' },
        pipeline: [
          { $match: { $expr: { $and: ['$open', { $gt: ['$$p', 5] }] } } },
          { $project: { _id: 1 } },
          byId,
        ],
      }),
      { $project: { s: 1 } },
    ],
    is([{ _id: int(1), s: [{ _id: 'a' }, { _id: 'c' }] }]),
  ],
  [
    [
      { $match: { _id: 5 } },
      lookup({ localField: 'shop', foreignField: 'boss' }),
      { $project: { 's._id': 1 } },
    ],
    is([{ _id: int(5), s: [{ _id: 'a' }] }]),
  ],
  [
    [
      { $match: { _id: 5 } },
      { $lookup: { from: 'nowhere', localField: 'a', foreignField: 'b', as: 's' } },
      { $project: { s: 1 } },
    ],
    is([{ _id: int(5), s: [] }]),
  ],
  [[lookup({ localField: 'shop' })], refused(9)],
  [
    [
      { $match: { _id: 3 } },
      {
        $graphLookup: {
          from: 'shops',
          startWith: '$shop',
          connectFromField: 'boss',
          connectToField: '_id',
          as: 'up',
          depthField: 'd',
        },
      },
      { $project: { up: { $sortArray: { input: '$up', sortBy: { d: 1 } } } } },
      { $project: { 'up._id': 1, 'up.d': 1 } },
    ],
    is([
      {
        _id: int(3),
        up: [
          { _id: 'b', d: long(0) },
          { _id: 'a', d: long(1) },
        ],
      },
    ]),
  ],
  [
    [
      { $match: { _id: 1 } },
      only,
      { $unionWith: { coll: 'shops', pipeline: [{ $match: { open: true } }, only, byId] } },
    ],
    ids(int(1), 'a', 'c'),
  ],
  [
    [{ $facet: { n: [{ $count: 'n' }], cheap: [{ $match: { price: { $lt: 15 } } }, byId, only] } }],
    is([{ n: [{ n: int(5) }], cheap: [{ _id: int(1) }, { _id: int(4) }] }]),
  ],
  [
    [{ $match: { price: { $ne: null } } }, { $bucket: { groupBy: '$price', boundaries: [0, 15, 50] } }],
    is([
      { _id: int(0), count: int(2) },
      { _id: int(15), count: int(2) },
    ]),
  ],
  [[{ $bucket: { groupBy: '$price', boundaries: [0, 15] } }], refused(40066)],
  [
    [{ $bucket: { groupBy: '$price', boundaries: [0, 15], default: 'other' } }],
    is([
      { _id: int(0), count: int(2) },
      { _id: 'other', count: int(3) },
    ]),
  ],
  [[{ $bucket: { groupBy: '$price', boundaries: [5, 1] } }], refused(40194)],
  [[{ $bucket: { groupBy: '$price', boundaries: [5, 'a'] } }], refused(40193)],
  [
    [{ $bucketAuto: { groupBy: '$_id', buckets: 2 } }],
    is([
      { _id: { min: int(1), max: int(4) }, count: int(3) },
      { _id: { min: int(4), max: int(5) }, count: int(2) },
    ]),
  ],
  [
    [
      {
        $setWindowFields: {
          sortBy: { _id: 1 },
          output: { run: { $sum: '$_id', window: { documents: ['unbounded', 'current'] } } },
        },
      },
      { $project: { run: 1 } },
    ],
    is([1, 3, 6, 10, 15].map((run, i) => ({ _id: int(i + 1), run: int(run) }))),
  ],
  [
    [
      {
        $setWindowFields: {
          partitionBy: '$shop',
          sortBy: { _id: 1 },
          output: { r: { $rank: {} }, p: { $shift: { output: '$_id', by: -1 } } },
        },
      },
      byId,
      { $project: { r: 1, p: 1 } },
    ],
    is([
      { _id: int(1), r: int(1), p: null },
      { _id: int(2), r: int(2), p: int(1) },
      { _id: int(3), r: int(1), p: null },
      { _id: int(4), r: int(2), p: int(3) },
      { _id: int(5), r: int(1), p: null },
    ]),
  ],
  [
    [
      { $match: { shop: 'a' } },
      { $densify: { field: 'at', range: { step: 1, unit: 'day', bounds: 'full' } } },
      { $sort: { at: 1 } },
      { $project: { _id: 0, at: 1 } },
    ],
    is([1, 2, 3].map((n) => ({ at: new Date(`2024-01-0${n}T00:00:00Z`) }))),
  ],
  [
    [
      byId,
      { $fill: { sortBy: { _id: 1 }, output: { size: { method: 'locf' } } } },
      { $match: { _id: { $gte: 3 } } },
      { $project: { size: 1 } },
    ],
    is([3, 4, 5].map((n) => ({ _id: int(n), size: { w: int(1) } }))),
  ],
  [
    [
      { $match: { _id: 4 } },
      { $redact: { $cond: [{ $eq: ['$n', 2] }, '$$PRUNE', '$$DESCEND'] } },
      { $project: { parts: 1 } },
    ],
    is([{ _id: int(4), parts: [{ n: int(1) }] }]),
  ],
  [[{ $sample: { size: 0 } }], refused(28747)],
  [[{ $collStats: { count: {} } }, { $project: { _id: 0, count: 1 } }], is([{ count: int(5) }])],
  [[{ $match: {} }, { $collStats: {} }], refused(40602)],
  [[{ $nope: 1 }], refused(40324)],
  [[{ $match: {}, $sort: { a: 1 } }], refused(40323)],
  [[{ $out: 'x' }, { $match: {} }], refused(40601)],
  [[{ $match: 5 }], refused(15959)],
];

export function stages(server: Server): void {
  describe('stages', () => {
    beforeAll(async () => {
      const { db } = server();
      await db.collection<Document>('goods').insertMany(GOODS.map((row) => ({ ...row })));
      await db.collection<Document>('shops').insertMany(SHOPS.map((row) => ({ ...row })));
    });

    it(`produce what MongoDB produces in all ${ROWS.length} cases`, async () => {
      const { db } = server();
      await checkRows(
        ROWS,
        ([pipeline]) =>
          db
            .collection('goods')
            .aggregate([...pipeline], EXACT)
            .toArray(),
        ([, expected]) => expected,
        ([pipeline]) => JSON.stringify(pipeline),
      );
    });

    it('$out replaces its target in one step, and a failure leaves the target unchanged', async () => {
      const { db } = server();
      const target = db.collection<{ _id: string; k: number }>('target');
      await target.insertOne({ _id: 'old', k: 1 });
      await target.createIndex({ k: 1 }, { unique: true });
      const failing = db
        .collection('goods')
        .aggregate([{ $project: { k: { $literal: 7 } } }, { $out: 'target' }])
        .toArray();
      await expect(failing).rejects.toMatchObject({ code: 11_000 });
      expect(await target.find().toArray()).toEqual([{ _id: 'old', k: 1 }]);
      await db
        .collection('goods')
        .aggregate([{ $project: { k: '$_id' } }, { $out: 'target' }])
        .toArray();
      expect(await target.countDocuments()).toBe(5);
      expect((await target.indexes()).map(({ name }) => name)).toEqual(['_id_', 'k_1']);
    });

    it('$merge merges, replaces, keeps, runs a pipeline with $$new, and refuses a non-unique key', async () => {
      const { db } = server();
      const sums = db.collection<Document>('sums');
      const merge = (into: Document, source: Document): Promise<unknown> =>
        db.aggregate([{ $documents: [source] }, { $merge: { into: 'sums', ...into } }]).toArray();
      await merge({}, { _id: 1, n: 1, a: 1 });
      await merge({}, { _id: 1, n: 2 });
      expect(await sums.findOne()).toEqual({ _id: 1, n: 2, a: 1 });
      await merge({ whenMatched: [{ $set: { n: { $add: ['$n', '$$new.n'] } } }] }, { _id: 1, n: 40 });
      expect(await sums.findOne()).toEqual({ _id: 1, n: 42, a: 1 });
      await merge({ whenMatched: 'replace' }, { _id: 1, z: 1 });
      expect(await sums.findOne()).toEqual({ _id: 1, z: 1 });
      await merge({ whenMatched: 'keepExisting', whenNotMatched: 'discard' }, { _id: 1, z: 2 });
      expect(await sums.findOne()).toEqual({ _id: 1, z: 1 });
      await expect(merge({ whenMatched: 'fail' }, { _id: 1 })).rejects.toMatchObject({ code: 11_000 });
      await expect(merge({ whenNotMatched: 'fail' }, { _id: 9 })).rejects.toMatchObject({ code: 13_113 });
      await expect(merge({ on: 'z' }, { _id: 2, z: 5 })).rejects.toMatchObject({ code: 51_183 });
    });
  });
}
