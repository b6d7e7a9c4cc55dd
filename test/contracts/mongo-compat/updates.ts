import { Decimal128, Double, Int32, Long, Timestamp, type Document } from 'bson';
import type { Collection } from 'mongodb';
import { beforeAll, describe, it } from 'vitest';
import type { Server } from './server.js';
import { checkRows, EXACT, is, refused, type Expected } from './tables.js';

const int = (value: number): Int32 => new Int32(value);
const dbl = (value: number): Double => new Double(value);
const long = (value: string): Long => Long.fromString(value);
const dec = (value: string): Decimal128 => Decimal128.fromString(value);

type Update = Document | Document[];
type Row = readonly [before: Document, update: Update, expected: Expected, more?: Document];

const ints = (...values: number[]): Int32[] => values.map(int);

/** https://www.mongodb.com/docs/manual/reference/operator/update-field/ */
const FIELDS: readonly Row[] = [
  [{ a: int(1) }, { $set: { b: int(2) } }, is({ a: int(1), b: int(2) })],
  [{ a: int(1) }, { $set: { 'b.c': int(2) } }, is({ a: int(1), b: { c: int(2) } })],
  [{ a: ints(1, 2) }, { $set: { 'a.1': int(9) } }, is({ a: ints(1, 9) })],
  [{ a: ints(1) }, { $set: { 'a.3': int(9) } }, is({ a: [int(1), null, null, int(9)] })],
  [{ a: int(1) }, { $set: { 'a.b': int(2) } }, refused(28)],
  [{ a: null }, { $set: { 'a.b': int(2) } }, refused(28)],
  [{ a: ints(1) }, { $set: { 'a.b': int(2) } }, refused(28)],
  [
    { a: int(1) },
    { $set: { z: int(1), b: int(1), '10': int(1), '9': int(1) } },
    is({ a: int(1), '9': int(1), '10': int(1), b: int(1), z: int(1) }),
  ],
  [{ a: int(1) }, { $set: { a: dbl(1) } }, is({ a: dbl(1) })],
  [{ a: int(1) }, { $set: {} }, is({ a: int(1) })],
  [{ a: int(1) }, { $set: { a: int(1), 'a.b': int(1) } }, refused(40)],
  [{ a: int(1) }, { $set: { '': int(1) } }, refused(56)],
  [{ a: int(1) }, { $set: { 'b.': int(1) } }, refused(56)],
  [{ a: int(1) }, { $unset: { a: '' } }, is({})],
  [{ a: { b: int(1), c: int(2) } }, { $unset: { 'a.b': 1 } }, is({ a: { c: int(2) } })],
  [{ a: ints(1, 2) }, { $unset: { 'a.0': 1 } }, is({ a: [null, int(2)] })],
  [{ a: int(1) }, { $unset: { 'a.b': 1, x: 1 } }, is({ a: int(1) })],
  [{ a: int(1) }, { $rename: { a: 'b' } }, is({ b: int(1) })],
  [{ a: int(1), b: int(2) }, { $rename: { a: 'b' } }, is({ b: int(1) })],
  [{ a: { x: int(1) } }, { $rename: { 'a.x': 'y.z' } }, is({ a: {}, y: { z: int(1) } })],
  [{ a: int(1) }, { $rename: { nope: 'b' } }, is({ a: int(1) })],
  [{ a: int(1) }, { $rename: { a: 'a' } }, refused(2)],
  [{ a: int(1) }, { $rename: { a: 5 } }, refused(2)],
  [{ a: ints(1) }, { $rename: { 'a.0': 'b' } }, refused(2)],
  [{ a: int(1) }, { $rename: { a: 'b' }, $set: { b: 1 } }, refused(40)],
  [{ a: int(5) }, { $setOnInsert: { b: 1 } }, is({ a: int(5) })],
  [{ a: int(1) }, { $nope: { a: 1 } }, refused(9)],
  [{ a: int(1) }, { $set: 5 }, refused(9)],
  [{ a: int(1) }, { $set: { _id: 2 } }, refused(66)],
  [{ a: int(1) }, { $set: { _id: int(1), a: int(2) } }, is({ a: int(2) })],
  [{ a: int(1) }, { $currentDate: { a: 'x' } }, refused(2)],
  [
    { a: int(1) },
    { $set: { $key: int(2), 'b.$each': int(3) } },
    is({ a: int(1), $key: int(2), b: { $each: int(3) } }),
  ],
];

/** https://www.mongodb.com/docs/manual/reference/operator/update/inc/ and /mul, /min, /max, /bit */
const NUMBERS: readonly Row[] = [
  [{ a: int(1) }, { $inc: { a: int(2) } }, is({ a: int(3) })],
  [{ a: int(1) }, { $inc: { a: dbl(0.5) } }, is({ a: dbl(1.5) })],
  [{ a: int(1) }, { $inc: { a: long('2') } }, is({ a: long('3') })],
  [{ a: int(1) }, { $inc: { a: dec('0.10') } }, is({ a: dec('1.10') })],
  [{ a: int(2_147_483_647) }, { $inc: { a: int(1) } }, is({ a: long('2147483648') })],
  [{ a: long('9007199254740993') }, { $inc: { a: int(1) } }, is({ a: long('9007199254740994') })],
  [{ a: long('9223372036854775807') }, { $inc: { a: int(1) } }, refused(2)],
  [{}, { $inc: { a: int(5) } }, is({ a: int(5) })],
  [{}, { $inc: { 'a.b': int(5) } }, is({ a: { b: int(5) } })],
  [{ a: null }, { $inc: { a: int(5) } }, refused(14)],
  [{ a: 'x' }, { $inc: { a: int(5) } }, refused(14)],
  [{ a: int(1) }, { $inc: { a: 'x' } }, refused(14)],
  [{ a: ints(1, 2) }, { $inc: { 'a.1': int(5) } }, is({ a: ints(1, 7) })],
  [{ a: int(3) }, { $mul: { a: int(2) } }, is({ a: int(6) })],
  [{ a: int(3) }, { $mul: { a: dbl(0.5) } }, is({ a: dbl(1.5) })],
  [{ a: int(100_000) }, { $mul: { a: int(100_000) } }, is({ a: long('10000000000') })],
  [{ a: dec('1.10') }, { $mul: { a: int(2) } }, is({ a: dec('2.20') })],
  [{}, { $mul: { a: int(2) } }, is({ a: int(0) })],
  [{}, { $mul: { a: dbl(2) } }, is({ a: dbl(0) })],
  [{}, { $mul: { a: long('2') } }, is({ a: long('0') })],
  [{ a: 'x' }, { $mul: { a: int(2) } }, refused(14)],
  [{ a: int(5) }, { $min: { a: int(3) } }, is({ a: int(3) })],
  [{ a: int(5) }, { $min: { a: dbl(5) } }, is({ a: int(5) })],
  [{ a: int(5) }, { $min: { a: null } }, is({ a: null })],
  [{ a: int(5) }, { $min: { a: 'x' } }, is({ a: int(5) })],
  [{ a: int(5) }, { $max: { a: 'x' } }, is({ a: 'x' })],
  [{ a: int(5) }, { $max: { a: dec('5.5') } }, is({ a: dec('5.5') })],
  [
    { a: long('9007199254740993') },
    { $max: { a: dbl(9007199254740992) } },
    is({ a: long('9007199254740993') }),
  ],
  [{}, { $max: { a: int(1) } }, is({ a: int(1) })],
  [{ a: new Date(5) }, { $max: { a: new Date(9) } }, is({ a: new Date(9) })],
  [
    { a: new Timestamp({ t: 5, i: 1 }) },
    { $min: { a: new Timestamp({ t: 4, i: 9 }) } },
    is({ a: new Timestamp({ t: 4, i: 9 }) }),
  ],
  [{ a: int(13) }, { $bit: { a: { and: int(10) } } }, is({ a: int(8) })],
  [{ a: int(3) }, { $bit: { a: { or: int(5) } } }, is({ a: int(7) })],
  [{ a: int(1) }, { $bit: { a: { xor: int(5) } } }, is({ a: int(4) })],
  [{ a: int(1) }, { $bit: { a: { or: long('4') } } }, is({ a: long('5') })],
  [{ a: dbl(1) }, { $bit: { a: { or: int(4) } } }, refused(2)],
  [{ a: int(1) }, { $bit: { a: { nope: int(4) } } }, refused(2)],
];

/** https://www.mongodb.com/docs/manual/reference/operator/update-array/ */
const ARRAYS: readonly Row[] = [
  [{ a: ints(1) }, { $push: { a: int(2) } }, is({ a: ints(1, 2) })],
  [{}, { $push: { a: int(2) } }, is({ a: ints(2) })],
  [{ a: int(1) }, { $push: { a: int(2) } }, refused(2)],
  [{ a: ints(1) }, { $push: { a: [int(2)] } }, is({ a: [int(1), [int(2)]] })],
  [{ a: ints(1) }, { $push: { a: { $each: ints(3, 2) } } }, is({ a: ints(1, 3, 2) })],
  [{ a: ints(1) }, { $push: { a: { $each: [] } } }, is({ a: ints(1) })],
  [{ a: ints(1, 2) }, { $push: { a: { $each: ints(9), $position: int(0) } } }, is({ a: ints(9, 1, 2) })],
  [
    { a: ints(1, 2, 3) },
    { $push: { a: { $each: ints(9), $position: int(-1) } } },
    is({ a: ints(1, 2, 9, 3) }),
  ],
  [{ a: ints(5, 1) }, { $push: { a: { $each: ints(3), $sort: int(1) } } }, is({ a: ints(1, 3, 5) })],
  [
    { a: ints(5, 1) },
    { $push: { a: { $each: ints(3), $sort: int(-1), $slice: int(2) } } },
    is({ a: ints(5, 3) }),
  ],
  [{ a: ints(1, 2, 3) }, { $push: { a: { $each: [], $slice: int(-2) } } }, is({ a: ints(2, 3) })],
  [{ a: ints(1, 2) }, { $push: { a: { $each: ints(3), $slice: int(0) } } }, is({ a: [] })],
  [
    { a: [{ n: int(2) }, { n: int(1) }] },
    { $push: { a: { $each: [{ n: int(0) }], $sort: { n: int(1) } } } },
    is({ a: [{ n: int(0) }, { n: int(1) }, { n: int(2) }] }),
  ],
  [{ a: ints(1) }, { $push: { a: { $each: int(2) } } }, refused(2)],
  [{ a: ints(1) }, { $push: { a: { $each: ints(2), $nope: 1 } } }, refused(2)],
  [{ a: ints(1) }, { $addToSet: { a: int(1) } }, is({ a: ints(1) })],
  [{ a: ints(1) }, { $addToSet: { a: dbl(1) } }, is({ a: ints(1) })],
  [{ a: ints(1) }, { $addToSet: { a: { $each: ints(1, 2, 2) } } }, is({ a: ints(1, 2) })],
  [
    { a: [{ x: int(1), y: int(2) }] },
    { $addToSet: { a: { y: int(2), x: int(1) } } },
    is({
      a: [
        { x: int(1), y: int(2) },
        { y: int(2), x: int(1) },
      ],
    }),
  ],
  [{}, { $addToSet: { a: null } }, is({ a: [null] })],
  [{ a: int(1) }, { $addToSet: { a: int(1) } }, refused(2)],
  [{ a: ints(1, 2, 3) }, { $pop: { a: int(1) } }, is({ a: ints(1, 2) })],
  [{ a: ints(1, 2, 3) }, { $pop: { a: int(-1) } }, is({ a: ints(2, 3) })],
  [{ a: [] }, { $pop: { a: int(1) } }, is({ a: [] })],
  [{}, { $pop: { a: int(1) } }, is({})],
  [{ a: int(1) }, { $pop: { a: int(1) } }, refused(14)],
  [{ a: ints(1) }, { $pop: { a: int(2) } }, refused(9)],
  [{ a: ints(1, 2, 1) }, { $pull: { a: int(1) } }, is({ a: ints(2) })],
  [{ a: ints(1, 5, 9) }, { $pull: { a: { $gte: int(5) } } }, is({ a: ints(1) })],
  [{ a: ints(1, 5, 9) }, { $pull: { a: { $in: ints(1, 9) } } }, is({ a: ints(5) })],
  [
    { a: [{ x: int(1), y: int(1) }, { x: int(2) }] },
    { $pull: { a: { x: int(1) } } },
    is({ a: [{ x: int(2) }] }),
  ],
  [
    { a: [{ x: int(1) }, { x: int(2) }, { x: int(3) }] },
    { $pull: { a: { $or: [{ x: int(1) }, { x: int(3) }] } } },
    is({ a: [{ x: int(2) }] }),
  ],
  [{ a: [ints(1, 2), ints(3)] }, { $pull: { a: ints(3) } }, is({ a: [ints(1, 2)] })],
  [{ a: ['ab', 'cd'] }, { $pull: { a: /^a/ } }, is({ a: ['cd'] })],
  [{ a: [null, int(1)] }, { $pull: { a: null } }, is({ a: ints(1) })],
  [{}, { $pull: { a: int(1) } }, is({})],
  [{ a: int(1) }, { $pull: { a: int(1) } }, refused(2)],
  [{ a: ints(1, 2, 3, 2) }, { $pullAll: { a: ints(2, 3) } }, is({ a: ints(1) })],
  [{ a: ints(1) }, { $pullAll: { a: int(1) } }, refused(2)],
  [{ a: ints(1, 2) }, { $inc: { 'a.$[]': int(1) } }, is({ a: ints(2, 3) })],
  [
    { a: [{ b: ints(1, 2) }, { b: ints(3) }] },
    { $mul: { 'a.$[].b.$[]': int(10) } },
    is({ a: [{ b: ints(10, 20) }, { b: ints(30) }] }),
  ],
  [{ a: int(1) }, { $set: { 'a.$[]': int(1) } }, refused(2)],
  [
    { a: ints(1, 5) },
    { $set: { 'a.$[e]': int(0) } },
    is({ a: ints(1, 0) }),
    { arrayFilters: [{ e: { $gte: 3 } }] },
  ],
  [
    {
      a: [
        { g: int(1), m: int(5) },
        { g: int(2), m: int(7) },
      ],
    },
    { $inc: { 'a.$[e].m': int(1) } },
    is({
      a: [
        { g: int(1), m: int(5) },
        { g: int(2), m: int(8) },
      ],
    }),
    { arrayFilters: [{ 'e.g': 2, 'e.m': { $gt: 6 } }] },
  ],
  [{ a: ints(1) }, { $set: { 'a.$[e]': int(0) } }, refused(2)],
  [{ a: ints(1) }, { $set: { 'a.$[e]': int(0) } }, refused(9), { arrayFilters: [{ e: 1 }, { e: 2 }] }],
  [{ a: ints(1) }, { $set: { b: int(0) } }, refused(9), { arrayFilters: [{ e: 1 }] }],
  [{ a: ints(1) }, { $set: { 'a.$[e]': int(0) } }, refused(224), { arrayFilters: [{ $expr: true }] }],
  [
    { a: ints(1) },
    { $set: { 'a.$[e]': int(0) } },
    refused(224),
    { arrayFilters: [{ e: 1, $or: [{ $expr: true }] }] },
  ],
  [{ a: [{ k: int(1) }] }, { $pull: { a: { $expr: { $eq: ['$k', 1] } } } }, refused(224)],
  [{ a: [{ k: int(1) }] }, { $pull: { a: { k: 1, $and: [{ $expr: true }] } } }, refused(224)],
  [{ a: ints(4, 5, 6) }, { $set: { 'a.$': int(0) } }, is({ a: ints(4, 0, 6) }), { filter: { a: 5 } }],
  [
    { a: ints(4, 5, 6) },
    { $set: { 'a.$': int(0) } },
    is({ a: ints(4, 5, 0) }),
    { filter: { a: { $gt: 5 } } },
  ],
  [{ a: ints(4) }, { $set: { 'a.$': int(0) } }, refused(2)],
  [
    {
      a: [
        { k: 'x', n: int(1) },
        { k: 'y', n: int(2) },
      ],
    },
    { $set: { 'a.$.n': int(9) } },
    is({
      a: [
        { k: 'x', n: int(1) },
        { k: 'y', n: int(9) },
      ],
    }),
    { filter: { a: { $elemMatch: { k: 'y' } } } },
  ],
];

/** https://www.mongodb.com/docs/manual/tutorial/update-documents-with-aggregation-pipeline/ */
const PIPELINES: readonly Row[] = [
  [{ a: long('5') }, [{ $set: { b: { $add: ['$a', int(1)] } } }], is({ a: long('5'), b: long('6') })],
  [{ a: dec('1.5') }, [{ $set: { b: '$a' } }], is({ a: dec('1.5'), b: dec('1.5') })],
  [{ a: int(1), b: int(2) }, [{ $unset: 'a' }], is({ b: int(2) })],
  [{ a: int(1), b: int(2) }, [{ $project: { b: 1 } }], is({ b: int(2) })],
  [{ a: { x: int(1) } }, [{ $replaceWith: '$a' }], is({ x: int(1) })],
  [{ a: int(1) }, [{ $set: { a: '$$REMOVE' } }], is({})],
  [
    { a: [{ x: int(1) }, { x: int(2) }] },
    [{ $set: { 'a.x': int(0) } }],
    is({ a: [{ x: int(0) }, { x: int(0) }] }),
  ],
  [{ a: int(1) }, [{ $set: { a: { $literal: '$b' } } }], is({ a: '$b' })],
  [{ a: int(1) }, [{ $match: { a: 1 } }], refused(72)],
  [{ a: int(1) }, [{ $set: { _id: 5 } }], refused(66)],
  [{ a: int(1) }, [{ $set: { b: { $divide: [int(1), int(0)] } } }], refused(2)],
];

/** https://www.mongodb.com/docs/manual/reference/method/db.collection.updateOne/#upsert-behavior */
const UPSERTS: readonly (readonly [filter: Document, update: Update, expected: Expected])[] = [
  [{ k: 'a' }, { $set: { v: int(1) } }, is({ k: 'a', v: int(1) })],
  [{ k: 'b', n: { $gt: 5 } }, { $set: { v: int(1) } }, is({ k: 'b', v: int(1) })],
  [{ k: { $eq: 'c' } }, { $setOnInsert: { v: int(1) } }, is({ k: 'c', v: int(1) })],
  [{ k: { $in: ['d'] } }, { $set: { v: int(1) } }, is({ k: 'd', v: int(1) })],
  [{ $and: [{ k: 'e' }, { m: int(2) }] }, { $set: { v: int(1) } }, is({ k: 'e', m: int(2), v: int(1) })],
  [{ 'k.l': int(1) }, { $set: { 'k.m': int(2) } }, is({ k: { l: int(1), m: int(2) } })],
  [{ k: 'f' }, { $inc: { n: int(3) } }, is({ k: 'f', n: int(3) })],
  [{ k: 'g' }, { $push: { n: int(3) } }, is({ k: 'g', n: ints(3) })],
  [{ k: 'h' }, { $unset: { k: 1 } }, is({})],
  [{ k: 'i' }, [{ $set: { v: { $concat: ['$k', '!'] } } }], is({ k: 'i', v: 'i!' })],
  [{ k: 'j' }, { $min: { n: int(3) } }, is({ k: 'j', n: int(3) })],
  [{ $or: [{ k: 'k' }] }, { $set: { v: int(1) } }, is({ k: 'k', v: int(1) })],
  [{ k: { l: 1 }, 'k.m': 2 }, { $set: { v: int(1) } }, refused(54)],
  [{ k: 1, $and: [{ k: 1 }] }, { $set: { v: int(1) } }, refused(54)],
  [{ k: 1, kl: 2 }, { $set: { v: int(1) } }, is({ k: int(1), kl: int(2), v: int(1) })],
  [{ 'k.l': int(1) }, { $set: { k: int(3) } }, is({ k: int(3) })],
  [{ _id: 1 }, { $set: { _id: 2 } }, refused(66)],
  [{ k: 'l' }, { $setOnInsert: { _id: 2 } }, is({ k: 'l' })],
];

export function changes(server: Server): void {
  describe('updates', () => {
    let rows: Collection<Document>;

    beforeAll(() => {
      rows = server().db.collection('changed');
    });

    async function changed([before, update, , more = {}]: Row): Promise<unknown> {
      const { filter = {}, ...options } = more as { filter?: Document };
      await rows.deleteMany({});
      await rows.insertOne({ ...before, _id: int(1) as never });
      await rows.updateOne({ _id: 1 as never, ...filter }, update, options);
      const [after] = await rows.find({}, { ...EXACT, projection: { _id: 0 } }).toArray();
      return after;
    }

    const groups = { fields: FIELDS, numbers: NUMBERS, arrays: ARRAYS, pipelines: PIPELINES };
    for (const [name, table] of Object.entries(groups)) {
      it(`of ${name} leave what MongoDB leaves in all ${table.length} cases`, async () => {
        await checkRows(
          table,
          changed,
          ([, , expected]) => expected,
          ([before, update]) => `${JSON.stringify(before)} ${JSON.stringify(update)}`,
        );
      });
    }

    it(`that insert build the document from the filter and the update in all ${UPSERTS.length} cases`, async () => {
      await checkRows(
        UPSERTS,
        async ([filter, update]) => {
          await rows.deleteMany({});
          await rows.updateOne(filter, update, { upsert: true });
          const [document] = await rows.find({}, { ...EXACT, projection: { _id: 0 } }).toArray();
          return document;
        },
        ([, , expected]) => expected,
        ([filter, update]) => `${JSON.stringify(filter)} ${JSON.stringify(update)}`,
      );
    });
  });
}
