import { Int32, Long, type Document } from 'bson';
import type { UpdateOptions } from 'mongodb';
import { is, refused, type Expected } from './tables.js';

type Change = readonly [
  before: Document | undefined,
  filter: Document,
  update: Document | Document[],
  expected: Expected,
  options?: UpdateOptions,
];
const UPSERT = { upsert: true };

/** https://www.mongodb.com/docs/manual/reference/method/db.collection.updateOne/ and the pages of its operators */
export const CHANGES: readonly Change[] = [
  [
    {
      g: [
        { k: 1, q: [1, 5] },
        { k: 2, q: [1, 5] },
      ],
    },
    {},
    { $inc: { 'g.$[x].q.$[y]': 10 } },
    is({
      g: [
        { k: 1, q: [1, 5] },
        { k: 2, q: [1, 15] },
      ],
    }),
    { arrayFilters: [{ 'x.k': 2 }, { y: { $gt: 3 } }] },
  ],
  [
    { g: [{ q: [1, 2] }, { q: [3] }] },
    {},
    { $mul: { 'g.$[].q.$[]': 2 } },
    is({ g: [{ q: [2, 4] }, { q: [6] }] }),
  ],
  [
    { g: [1, 5, 9] },
    {},
    { $set: { 'g.$[x]': 0 } },
    is({ g: [0, 5, 0] }),
    { arrayFilters: [{ $or: [{ x: 1 }, { x: 9 }] }] },
  ],
  [{ g: [1] }, {}, { $set: { 'g.$[x]': 0 } }, refused(9), { arrayFilters: [{ x: 1, y: 1 }] }],
  [
    {
      g: [
        { a: 1, b: 1 },
        { a: 1, b: 2 },
      ],
    },
    { g: { $elemMatch: { a: 1, b: 2 } } },
    { $set: { 'g.$.hit': 1 } },
    is({
      g: [
        { a: 1, b: 1 },
        { a: 1, b: 2, hit: 1 },
      ],
    }),
  ],
  [{ a: [1, 2, 3] }, { a: 2 }, { $unset: { 'a.$': 1 } }, is({ a: [1, null, 3] })],
  [{ a: [null] }, {}, { $set: { 'a.0.b': 1 } }, refused(28)],
  [
    { a: [] },
    {},
    { $set: { 'a.10.x': 1, 'a.9.x': 2 } },
    is({ a: [...Array<null>(9).fill(null), { x: 2 }, { x: 1 }] }),
  ],
  [{ a: [{ b: 1 }] }, {}, { $rename: { 'a.b': 'c' } }, refused(28)],
  [{ a: 1 }, {}, { $rename: { 'a.b': 'c' } }, refused(28)],
  [{ a: [1, 2, 3] }, {}, { $push: { a: { $each: [9, 8], $position: -1 } } }, is({ a: [1, 2, 9, 8, 3] })],
  [
    { a: [{ s: 5 }, { s: 1 }] },
    {},
    { $push: { a: { $each: [{ s: 3 }, { s: 9 }], $sort: { s: -1 }, $slice: 3 } } },
    is({ a: [{ s: 9 }, { s: 5 }, { s: 3 }] }),
  ],
  [
    {
      a: [
        { x: 1, t: ['p'] },
        { x: 5, t: ['q'] },
      ],
    },
    {},
    { $pull: { a: { x: { $gte: 3 }, t: 'q' } } },
    is({ a: [{ x: 1, t: ['p'] }] }),
  ],
  [
    { a: [{ x: 1, y: 2 }] },
    {},
    { $addToSet: { a: { y: 2, x: 1 } } },
    is({
      a: [
        { x: 1, y: 2 },
        { y: 2, x: 1 },
      ],
    }),
  ],
  [{ a: 'x' }, {}, { $max: { a: new Date('2024-01-01') } }, is({ a: new Date('2024-01-01') })],
  [{ a: new Int32(2_147_483_647) }, {}, { $inc: { a: new Int32(1) } }, is({ a: 2_147_483_648 })],
  [{ a: Long.MAX_VALUE }, {}, { $inc: { a: Long.ONE } }, refused(2)],
  [undefined, { 'a.b': 1, 'a.c': 2 }, { $set: { d: 3 } }, is({ a: { b: 1, c: 2 }, d: 3 }), UPSERT],
  [
    undefined,
    { $and: [{ x: 1 }, { y: { $eq: 2 } }, { z: { $gt: 4 } }] },
    { $set: { d: 3 } },
    is({ x: 1, y: 2, d: 3 }),
    UPSERT,
  ],
  [undefined, { $or: [{ x: 1 }, { x: 2 }] }, { $set: { d: 3 } }, is({ d: 3 }), UPSERT],
  [undefined, { x: { $in: [7] } }, { $set: { d: 3 } }, is({ x: 7, d: 3 }), UPSERT],
  [undefined, { $and: [{ x: 1 }, { x: 2 }] }, { $set: { d: 3 } }, refused(54), UPSERT],
  [undefined, { 'a.b': 1 }, { $set: { a: 5 } }, is({ a: 5 }), UPSERT],
  [undefined, { q: 1 }, { $set: { a: 1 }, $setOnInsert: { a: 2 } }, refused(40), UPSERT],
  [
    undefined,
    { q: 1 },
    { $setOnInsert: { 'a.b.c': 2 }, $inc: { n: 1 } },
    is({ q: 1, a: { b: { c: 2 } }, n: 1 }),
    UPSERT,
  ],
  [undefined, { '_id.name': 'x', '_id.n': 0 }, { $set: { d: 3 } }, refused(111), UPSERT],
  [undefined, { g: 3 }, { $set: { 'g.$': 5 } }, refused(2), UPSERT],
  [undefined, { k: 1 }, [{ $set: { n: { $ifNull: ['$n', 10] } } }], is({ k: 1, n: 10 }), UPSERT],
];
