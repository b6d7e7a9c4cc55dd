import { Decimal128, Int32, Long, type Document } from 'bson';
import type { Collection } from 'mongodb';
import { is, refused, type Expected } from './tables.js';

export interface Row extends Document {
  _id: number;
}

export type Rows = Collection<Row>;
type Case = readonly [
  documents: readonly Document[],
  operation: (rows: Rows) => Promise<unknown>,
  expected: Expected,
];

export const BY_ID = { sort: { _id: 1 } } as const;
export const withIds = (documents: readonly Document[]): Row[] =>
  documents.map((document, index) => ({ _id: index + 1, ...document }));

const computed =
  (r: unknown) =>
  async (rows: Rows): Promise<unknown> =>
    (await rows.aggregate([{ $sort: { _id: 1 } }, { $project: { _id: 0, r } }]).toArray()).map(
      (row): unknown => ('r' in row ? row['r'] : 'missing'),
    );
const updated =
  (filter: Document, update: Document | Document[], options: Document = {}) =>
  async (rows: Rows): Promise<unknown> => {
    await rows.updateMany(filter, update, options);
    return rows.find({}, { ...BY_ID, projection: { _id: 0 } }).toArray();
  };
const projected =
  (filter: Document, projection: Document, options: Document = {}) =>
  (rows: Rows): Promise<unknown> =>
    rows.find(filter, { ...BY_ID, projection: { _id: 0, ...projection }, ...options }).toArray();
const sorted =
  (sort: Document, filter: Document = {}) =>
  async (rows: Rows): Promise<unknown> =>
    (await rows.find(filter, { sort }).toArray()).map(({ _id }) => _id);
const upserted =
  (filter: Document, update: Document | Document[]) =>
  async (rows: Rows): Promise<unknown> => {
    await rows.updateOne(filter, update, { upsert: true });
    return rows.findOne({}, { projection: { _id: 0 } });
  };

/** https://www.mongodb.com/docs/manual/reference/operator/aggregation/ */
const EXPRESSIONS: readonly Case[] = [
  [[{}, { a: null }, { a: 1 }], computed({ $add: ['$a', 1] }), is([null, null, 2])],
  [[{ a: 'x' }], computed({ $add: ['$a', 1] }), refused(14)],
  [[{}, { a: null }, { a: [1, 2] }], computed({ $size: { $ifNull: ['$a', []] } }), is([0, 0, 2])],
  [[{}], computed({ $size: '$a' }), refused(17124)],
  [[{}, { a: null }], computed({ $concat: ['$a', 'x'] }), is([null, null])],
  [[{}, { a: null }, { a: 'É' }], computed({ $toUpper: '$a' }), is(['', '', 'É'])],
  [[{}, { a: null }, { a: 'abc' }], computed({ $strLenCP: { $ifNull: ['$a', ''] } }), is([0, 0, 3])],
  [[{}], computed({ $strLenCP: '$a' }), refused(34471)],
  [[{}, { a: null }, { a: 0 }], computed({ $ifNull: ['$a', '$b', 'last'] }), is(['last', 'last', 0])],
  [[{}, { a: null }], computed({ $ifNull: ['$a', '$b'] }), is(['missing', 'missing'])],
  [
    [{}, { a: null }, { a: false }, { a: 0 }, { a: '' }],
    computed({ $cond: ['$a', 1, 0] }),
    is([0, 0, 0, 0, 1]),
  ],
  [[{}, { a: null }], computed({ $eq: ['$a', null] }), is([false, true])],
  [[{}, { a: null }, { a: 1 }], computed({ $gt: ['$a', null] }), is([false, false, true])],
  [[{}, { a: null }], computed({ $type: '$a' }), is(['missing', 'null'])],
  [[{}, { a: [1] }], computed({ $in: [1, { $ifNull: ['$a', []] }] }), is([false, true])],
  [[{}], computed({ $in: [1, '$a'] }), refused(40081)],
  [[{}, { a: null }, { a: [3, 1] }], computed({ $max: '$a' }), is([null, null, 3])],
  [[{ a: [1, 'x', null, 2.5] }], computed({ $sum: '$a' }), is([3.5])],
  [[{ a: ['x'] }, {}], computed({ $avg: '$a' }), is([null, null])],
  [[{ a: 5 }, {}], computed({ $divide: ['$a', 0] }), refused(2)],
  [[{ a: [1, 2, 3] }, {}], computed({ $slice: ['$a', -2] }), is([[2, 3], null])],
  [[{ a: [1] }, {}], computed({ $concatArrays: ['$a', [2]] }), is([[1, 2], null])],
  [[{ a: { b: 1 } }, {}], computed({ $mergeObjects: ['$a', { c: 2 }] }), is([{ b: 1, c: 2 }, { c: 2 }])],
  [[{ a: 'x' }], computed({ $mergeObjects: ['$a', {}] }), refused(40400)],
  [[{}, { a: null }], computed({ $dateToString: { date: '$a', onNull: '-' } }), is(['-', '-'])],
  [[{}, { a: null }, { a: '7' }], computed({ $toInt: '$a' }), is([null, null, 7])],
  [[{ a: '7x' }], computed({ $toInt: '$a' }), refused(241)],
  [[{ a: 2.7 }, { a: -2.7 }], computed({ $toInt: '$a' }), is([2, -2])],
  [[{ a: [1, [2, [3]]] }], computed({ $isArray: { $arrayElemAt: ['$a', 1] } }), is([true])],
  [[{ a: [[1, 2]] }], computed({ $arrayToObject: '$a' }), refused(40395)],
  [[{ a: [['k']] }], computed({ $arrayToObject: '$a' }), refused(40397)],
  [[{ a: [['k', 1], { k: 'l', v: 2 }] }], computed({ $arrayToObject: '$a' }), refused(40396)],
  [[{ a: [{ k: 'l', v: 2 }, ['k', 1]] }], computed({ $arrayToObject: '$a' }), refused(40391)],
  [[{ a: [{ k: 1, v: 2 }] }], computed({ $arrayToObject: '$a' }), refused(40394)],
  [[{ a: [{ k: 'x', w: 2 }] }], computed({ $arrayToObject: '$a' }), refused(40393)],
  [[{ a: [7] }], computed({ $arrayToObject: '$a' }), refused(40398)],
  [[{ a: [{ k: 'x', v: 2 }] }, { a: [] }], computed({ $arrayToObject: '$a' }), is([{ x: 2 }, {}])],
  [
    [{ a: Decimal128.fromString('0.1') }],
    computed({ $toString: { $add: ['$a', 0.2] } }),
    is(['0.300000000000000']),
  ],
  [[{ a: Long.MAX_VALUE }], computed({ $type: { $add: ['$a', 1] } }), is(['double'])],
  [[{ a: new Int32(2147483647) }], computed({ $type: { $add: ['$a', new Int32(1)] } }), is(['long'])],
];

/** https://www.mongodb.com/docs/manual/reference/operator/update-array/ */
const ARRAY_UPDATES: readonly Case[] = [
  [
    [{ a: [{ b: [1, 2] }, { b: [3] }] }],
    updated({}, { $inc: { 'a.$[].b.$[]': 10 } }),
    is([{ a: [{ b: [11, 12] }, { b: [13] }] }]),
  ],
  [
    [
      {
        a: [
          { k: 1, b: [1, 2] },
          { k: 2, b: [1, 2] },
        ],
      },
    ],
    updated({}, { $set: { 'a.$[x].b.$[y]': 0 } }, { arrayFilters: [{ 'x.k': 2 }, { y: { $gt: 1 } }] }),
    is([
      {
        a: [
          { k: 1, b: [1, 2] },
          { k: 2, b: [1, 0] },
        ],
      },
    ]),
  ],
  [[{ a: [1, 2, 3] }], updated({ a: { $gte: 2 } }, { $set: { 'a.$': 9 } }), is([{ a: [1, 9, 3] }])],
  [
    [
      {
        a: [
          { b: 1, c: 1 },
          { b: 1, c: 2 },
        ],
      },
    ],
    updated({ a: { $elemMatch: { b: 1, c: 2 } } }, { $set: { 'a.$.d': true } }),
    is([
      {
        a: [
          { b: 1, c: 1 },
          { b: 1, c: 2, d: true },
        ],
      },
    ]),
  ],
  [[{ a: [1] }], updated({}, { $set: { 'a.$': 9 } }), refused(2)],
  [[{ a: 1 }], updated({}, { $set: { 'a.$[]': 9 } }), refused(2)],
  [[{ a: [1, 2] }], updated({}, { $set: { 'a.x': 9 } }), refused(28)],
  [[{ a: [1, 2] }], updated({}, { $set: { 'a.4': 9 } }), is([{ a: [1, 2, null, null, 9] }])],
  [
    [{ a: [{ b: 1 }, { b: 2 }, 3] }],
    updated({}, { $pull: { a: { b: { $lt: 2 } } } }),
    is([{ a: [{ b: 2 }, 3] }]),
  ],
  [[{ a: [[1, 2], [3]] }], updated({}, { $pull: { a: [3] } }), is([{ a: [[1, 2]] }])],
  [
    [{ a: [5, 1, 3] }],
    updated({}, { $push: { a: { $each: [4], $sort: -1, $slice: 3 } } }),
    is([{ a: [5, 4, 3] }]),
  ],
  [
    [{ a: [{ b: [1, 2] }] }],
    updated({ 'a.b': 2 }, { $push: { 'a.$.b': 3 } }),
    is([{ a: [{ b: [1, 2, 3] }] }]),
  ],
  [[{ a: [1, 2, 3, 4] }], updated({}, { $push: { a: { $each: [], $slice: -2 } } }), is([{ a: [3, 4] }])],
  [[{ a: [1, 2] }], updated({}, { $push: { a: { $each: [9], $position: -1 } } }), is([{ a: [1, 9, 2] }])],
  [
    [{ a: { b: [1] } }],
    updated({}, { $addToSet: { 'a.b': { $each: [1, 1.0, '1'] } } }),
    is([{ a: { b: [1, '1'] } }]),
  ],
  [[{ a: [{ b: 1 }] }], updated({}, { $unset: { 'a.0.b': '' } }), is([{ a: [{}] }])],
];

/** https://www.mongodb.com/docs/manual/reference/method/cursor.sort/#sort-by-an-array-field */
const SORTS: readonly Case[] = [
  [[{ a: [3, 9] }, { a: 5 }, { a: [1, 20] }], sorted({ a: 1 }), is([3, 1, 2])],
  [[{ a: [3, 9] }, { a: 5 }, { a: [1, 20] }], sorted({ a: -1 }), is([3, 1, 2])],
  [[{ a: [] }, { a: null }, { a: 1 }, {}], sorted({ a: 1, _id: 1 }), is([1, 2, 4, 3])],
  [[{ a: [3, 9] }, { a: 5 }, { a: [1, 20] }], sorted({ a: 1 }, { a: { $gt: 2 } }), is([3, 1, 2])],
  [[{ a: [{ b: 5 }, { b: 1 }] }, { a: { b: 3 } }], sorted({ 'a.b': 1 }), is([1, 2])],
  [[{ a: [{ b: 5 }, { b: 1 }] }, { a: { b: 3 } }], sorted({ 'a.b': -1 }), is([1, 2])],
  [[{ a: 'x' }, { a: 1 }, { a: null }, { a: { b: 1 } }, { a: true }], sorted({ a: 1 }), is([3, 2, 1, 4, 5])],
];

/** https://www.mongodb.com/docs/manual/reference/operator/projection/ */
const PROJECTIONS: readonly Case[] = [
  [[{ a: [1, 2, 3], b: 1 }], projected({}, { a: { $slice: -2 } }), is([{ a: [2, 3], b: 1 }])],
  [[{ a: [1, 2, 3], b: 1 }], projected({}, { b: 1, a: { $slice: [1, 1] } }), is([{ a: [2], b: 1 }])],
  [[{ a: [1, 2, 3] }], projected({}, { a: { $slice: [-5, 2] } }), is([{ a: [1, 2] }])],
  [[{ a: [1, 2, 3] }], projected({}, { a: { $slice: [1, 0] } }), refused(31259)],
  [[{ a: [1, 2, 3] }], projected({}, { a: { $slice: ['$a', 2] } }), is([{ a: [1, 2] }])],
  [[{ a: [1, 5, 9] }], projected({ a: { $gt: 3 } }, { 'a.$': 1 }), is([{ a: [5] }])],
  [[{ a: [1, 5] }], projected({}, { 'a.$': 1 }), refused(51246)],
  [
    [
      {
        a: [
          { b: 1, c: 1 },
          { b: 2, c: 2 },
        ],
      },
    ],
    projected({ 'a.b': 2 }, { 'a.$': 1 }),
    is([{ a: [{ b: 2, c: 2 }] }]),
  ],
  [
    [{ a: [{ b: 1 }, { b: 2 }], z: 1 }, { a: [{ b: 3 }] }],
    projected({}, { a: { $elemMatch: { b: 2 } } }),
    is([{ a: [{ b: 2 }] }, {}]),
  ],
  [[{ a: [1, 7, 8] }], projected({}, { a: { $elemMatch: { $gt: 5 } } }), is([{ a: [7] }])],
  [[{ a: { b: 1, c: 2 }, d: 3 }], projected({}, { 'a.b': 0 }), is([{ a: { c: 2 }, d: 3 }])],
  [[{ a: 1, b: 2 }], projected({}, { a: 1, b: 0 }), refused(31254)],
  [[{ a: 1 }], projected({}, { a: 1, 'a.b': 1 }), refused(31249)],
  [[{ a: [{ b: 1 }, 4] }], projected({}, { n: { $size: '$a' }, 'a.b': 1 }), is([{ a: [{ b: 1 }], n: 2 }])],
];

/** https://www.mongodb.com/docs/manual/reference/method/db.collection.updateOne/#upsert-with-dotted--id-query */
const UPSERTS: readonly Case[] = [
  [[], upserted({ 'a.b': 1, c: { $gt: 5 } }, { $set: { d: 2 } }), is({ a: { b: 1 }, d: 2 })],
  [[], upserted({ 'a.b': 1 }, { $set: { 'a.c': 2 } }), is({ a: { b: 1, c: 2 } })],
  [[], upserted({ a: { b: 1 } }, { $set: { 'a.c': 2 } }), is({ a: { b: 1, c: 2 } })],
  [[], upserted({ 'a.b': 1 }, { $set: { a: 2 } }), is({ a: 2 })],
  [
    [],
    upserted({ $and: [{ a: 1 }, { b: { $eq: 2 } }] }, { $setOnInsert: { c: 3 } }),
    is({ a: 1, b: 2, c: 3 }),
  ],
  [[], upserted({ a: { $in: [1, 2] } }, { $set: { b: 1 } }), is({ b: 1 })],
  [[], upserted({ a: 1 }, [{ $set: { b: { $add: ['$a', 1] } } }]), is({ a: 1, b: 2 })],
  [[], upserted({ 'a.0': 1 }, { $push: { b: 1 } }), is({ a: { '0': 1 }, b: [1] })],
  [[], upserted({ a: 1 }, { $inc: { a: 2, n: 1 } }), is({ a: 3, n: 1 })],
  [[], upserted({ a: /x/ }, { $set: { b: 1 } }), is({ b: 1 })],
];

/** https://www.mongodb.com/docs/manual/reference/command/distinct/#array-fields */
const DISTINCT: readonly Case[] = [
  [
    [{ a: [1, 2] }, { a: 2 }, { a: [[3], 1] }, { a: null }, {}],
    (rows) => rows.distinct('a'),
    is([null, 1, 2, [3]]),
  ],
  [[{ a: [{ b: 1 }, { b: [2, 3] }] }, { a: { b: 3 } }], (rows) => rows.distinct('a.b'), is([1, 2, 3])],
  [[{ a: [5, 6] }, { a: [7] }], (rows) => rows.distinct('a.0'), is([5, 7])],
  [[{ a: [] }], (rows) => rows.distinct('a'), is([])],
  [[{ a: 1 }, { a: 1.5 }, { a: Long.ONE }], (rows) => rows.distinct('a'), is([1, 1.5])],
];

/** https://www.mongodb.com/docs/manual/reference/command/findAndModify/ */
const FIND_AND_MODIFY: readonly Case[] = [
  [
    [{ n: 1 }, { n: 3 }, { n: 2 }],
    (rows) =>
      rows.findOneAndUpdate({}, { $set: { x: 1 } }, { sort: { n: -1 }, projection: { n: 1, _id: 0 } }),
    is({ n: 3 }),
  ],
  [
    [{ a: [1, 2, 3] }],
    (rows) =>
      rows.findOneAndUpdate(
        {},
        { $set: { 'a.$[big]': 0 } },
        { arrayFilters: [{ big: { $gt: 1 } }], returnDocument: 'after', projection: { _id: 0 } },
      ),
    is({ a: [1, 0, 0] }),
  ],
  [
    [{ a: [1, 5, 9] }],
    (rows) =>
      rows.findOneAndUpdate({ a: { $gt: 3 } }, { $inc: { 'a.$': 1 } }, { projection: { _id: 0, 'a.$': 1 } }),
    is({ a: [5] }),
  ],
  [[{ n: 1 }], (rows) => rows.findOneAndDelete({ n: 2 }), is(null)],
  [
    [],
    (rows) => rows.findOneAndUpdate({ n: 4 }, { $set: { x: 1 } }, { upsert: true, returnDocument: 'before' }),
    is(null),
  ],
  [
    [{ a: 1, b: 2 }],
    (rows) =>
      rows.findOneAndReplace(
        { a: 1 },
        { c: 3 },
        {
          returnDocument: 'after',
          projection: { _id: 0 },
        },
      ),
    is({ c: 3 }),
  ],
];

export const TABLES: readonly (readonly [name: string, cases: readonly Case[]])[] = [
  ['expressions on missing, null and mixed values', EXPRESSIONS],
  ['updates of nested arrays', ARRAY_UPDATES],
  ['sorts by arrays and mixed types', SORTS],
  ['projections of array elements', PROJECTIONS],
  ['upserts with dotted paths', UPSERTS],
  ['distinct values of arrays', DISTINCT],
  ['findAndModify with sort, fields and array filters', FIND_AND_MODIFY],
];
