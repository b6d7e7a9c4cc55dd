import {
  Binary,
  BSONRegExp,
  Decimal128,
  Double,
  Int32,
  Long,
  MaxKey,
  MinKey,
  ObjectId,
  Timestamp,
  type Document,
} from 'bson';
import type { Collection } from 'mongodb';
import { beforeAll, describe, it } from 'vitest';
import type { Server } from './server.js';
import { checkRows, found, is, refused, type Expected } from './tables.js';

const oid = new ObjectId('0123456789abcdef01234567');

/** One document per kind of value; its `_id` names the kind. */
const DOCUMENTS: readonly Document[] = [
  { _id: 'int', v: new Int32(5) },
  { _id: 'double', v: new Double(5.5) },
  { _id: 'whole', v: new Double(5) },
  { _id: 'long', v: Long.fromString('9007199254740993') },
  { _id: 'decimal', v: Decimal128.fromString('5.50') },
  { _id: 'nan', v: new Double(NaN) },
  { _id: 'string', v: 'five' },
  { _id: 'Upper', v: 'FIVE' },
  { _id: 'object', v: { a: 1, b: { c: 'x' } } },
  { _id: 'empty', v: [] },
  { _id: 'array', v: [1, 5, 9] },
  {
    _id: 'docs',
    v: [
      { a: 1, n: 1 },
      { a: 2, n: 2 },
    ],
  },
  { _id: 'nested', v: [[1, 2], [3]] },
  { _id: 'null', v: null },
  { _id: 'missing' },
  { _id: 'true', v: true },
  { _id: 'date', v: new Date(0) },
  { _id: 'stamp', v: new Timestamp({ t: 100, i: 1 }) },
  { _id: 'id', v: oid },
  { _id: 'bin', v: new Binary(Buffer.from([1, 2])) },
  { _id: 'regex', v: new BSONRegExp('^f', 'i') },
  { _id: 'minkey', v: new MinKey() },
  { _id: 'maxkey', v: new MaxKey() },
];

type Row = readonly [filter: Document, expected: Expected];

const ids = (...names: string[]): Expected => is(names.sort());
const others = (...names: string[]): Expected =>
  is(
    DOCUMENTS.map(({ _id }) => String(_id))
      .filter((id) => !names.includes(id))
      .sort(),
  );

/** https://www.mongodb.com/docs/manual/reference/operator/query/ */
const ROWS: readonly Row[] = [
  [{ v: 5 }, ids('int', 'whole', 'array')],
  [{ v: Decimal128.fromString('5.5') }, ids('double', 'decimal')],
  [{ v: Long.fromString('9007199254740993') }, ids('long')],
  [{ v: 9007199254740992 }, ids()],
  [{ v: NaN }, ids('nan')],
  [{ v: { $gte: NaN } }, ids('nan')],
  [{ v: { $gt: NaN } }, ids()],
  [{ v: { $lt: 6 } }, ids('int', 'double', 'whole', 'decimal', 'array')],
  [{ v: { $gt: 5, $lt: 6 } }, ids('double', 'decimal', 'array')],
  [{ v: { $gte: 9007199254740993n } }, ids('long')],
  [{ v: null }, ids('null', 'missing')],
  [{ v: { $ne: null } }, others('null', 'missing')],
  [{ v: { $exists: false } }, ids('missing')],
  [{ v: { $exists: true } }, others('missing')],
  [{ v: { $gte: null } }, ids('null', 'missing')],
  [{ v: new Timestamp({ t: 100, i: 1 }) }, ids('stamp')],
  [{ v: { $gt: new Timestamp({ t: 99, i: 0 }) } }, ids('stamp')],
  [{ v: new Date(0) }, ids('date')],
  [{ v: oid }, ids('id')],
  [{ v: new Binary(Buffer.from([1, 2])) }, ids('bin')],
  [{ v: true }, ids('true')],
  [{ v: 'five' }, ids('string')],
  [{ v: /^f/ }, ids('string')],
  [{ v: /^f/i }, ids('string', 'Upper', 'regex')],
  [{ v: { $regex: 'IVE$', $options: 'i' } }, ids('string', 'Upper')],
  [{ v: { $regex: '^\\p{Lu}+$' } }, ids('Upper')],
  [{ v: { $regex: '[' } }, refused(51091)],
  [{ v: [] }, ids('empty')],
  [{ v: [1, 5, 9] }, ids('array')],
  [{ v: [1, 2] }, ids('nested')],
  [{ v: { a: 1, b: { c: 'x' } } }, ids('object')],
  [{ v: { b: { c: 'x' }, a: 1 } }, ids()],
  [{ 'v.a': 1 }, ids('object', 'docs')],
  [{ 'v.b.c': 'x' }, ids('object')],
  [{ 'v.0': 1 }, ids('array', 'nested')],
  [{ 'v.1.a': 2 }, ids('docs')],
  [{ 'v.a': null }, others('object', 'docs', 'empty', 'array', 'nested')],
  [{ 'v.b': null }, others('object', 'empty', 'array', 'nested')],
  [{ 'v.a': { $exists: false } }, others('object', 'docs')],
  [{ v: { $in: [5, 'five', null] } }, ids('int', 'whole', 'array', 'string', 'null', 'missing')],
  [{ v: { $in: [/^F/] } }, ids('Upper')],
  [{ v: { $in: [] } }, ids()],
  [{ v: { $nin: [5, null] } }, others('int', 'whole', 'array', 'null', 'missing')],
  [{ v: { $in: 5 } }, refused(2)],
  [{ v: { $all: [1, 9] } }, ids('array')],
  [{ v: { $all: ['five'] } }, ids('string')],
  [{ v: { $all: [] } }, ids()],
  [{ v: { $all: [{ $elemMatch: { a: 1 } }] } }, ids('docs')],
  [{ v: { $size: 3 } }, ids('array')],
  [{ v: { $size: 0 } }, ids('empty')],
  [{ v: { $size: 'x' } }, refused(2)],
  [{ v: { $elemMatch: { $gt: 4, $lt: 6 } } }, ids('array')],
  [{ v: { $elemMatch: { a: 2, n: 2 } } }, ids('docs')],
  [{ v: { $elemMatch: { a: 1, n: 2 } } }, ids()],
  [{ v: { $elemMatch: 5 } }, refused(2)],
  [{ v: { $elemMatch: { $expr: { $eq: ['$a', 1] } } } }, refused(2)],
  [{ v: { $elemMatch: { $or: [{ a: 1 }, { $expr: { $eq: ['$a', 2] } }] } } }, refused(2)],
  [{ v: { $not: { $elemMatch: { $and: [{ $expr: true }] } } } }, refused(2)],
  [{ v: { $not: { $gt: 1 } } }, others('int', 'double', 'whole', 'long', 'decimal', 'array')],
  [{ v: { $not: /f/i } }, others('string', 'Upper')],
  [{ v: { $not: 5 } }, refused(2)],
  [{ v: { $mod: [5, 0] } }, ids('int', 'whole', 'double', 'decimal', 'array')],
  [{ v: { $mod: [0, 0] } }, refused(2)],
  [{ v: { $mod: [2, 1] } }, ids('int', 'whole', 'double', 'decimal', 'long', 'array')],
  [{ v: { $type: 'double' } }, ids('double', 'whole', 'nan')],
  [{ v: { $type: 'int' } }, ids('int', 'array')],
  [{ v: { $type: 'long' } }, ids('long')],
  [{ v: { $type: 'decimal' } }, ids('decimal')],
  [{ v: { $type: 'number' } }, ids('int', 'double', 'whole', 'nan', 'long', 'decimal', 'array')],
  [{ v: { $type: 'array' } }, ids('empty', 'array', 'docs', 'nested')],
  [{ v: { $type: 'object' } }, ids('object', 'docs')],
  [{ v: { $type: ['string', 'bool'] } }, ids('string', 'Upper', 'true')],
  [{ v: { $type: 10 } }, ids('null')],
  [{ v: { $type: 'nonsense' } }, refused(2)],
  [{ v: { $bitsAllSet: 5 } }, ids('int', 'whole', 'array')],
  [{ v: { $bitsAnySet: [3] } }, ids('array')],
  [{ $or: [{ v: 5 }, { v: 'five' }] }, ids('int', 'whole', 'array', 'string')],
  [{ $nor: [{ v: { $exists: true } }] }, ids('missing')],
  [{ $and: [{ v: { $gt: 4 } }, { v: { $lt: 5.2 } }] }, ids('int', 'whole', 'array')],
  [{ $or: [] }, refused(2)],
  [{ $nope: 1 }, refused(2)],
  [{ v: { $nope: 1 } }, refused(2)],
  [{ $expr: { $eq: ['$v', null] } }, ids('null')],
  [{ $expr: { $eq: [{ $type: '$v' }, 'double'] } }, ids('double', 'whole', 'nan')],
  [{ $expr: { $gt: ['$v', 5] } }, others('int', 'whole', 'nan', 'null', 'missing', 'minkey')],
  [{ $jsonSchema: { required: ['v'], properties: { v: { bsonType: 'int' } } } }, ids('int')],
  [
    { $jsonSchema: { required: ['v'], properties: { v: { type: 'number', multipleOf: 2.5 } } } },
    ids('int', 'whole'),
  ],
  [
    {
      $jsonSchema: { required: ['v'], properties: { v: { type: 'array', uniqueItems: true, maxItems: 2 } } },
    },
    ids('empty', 'docs', 'nested'),
  ],
  [
    { $jsonSchema: { required: ['v'], properties: { v: { type: 'array', items: [{ type: 'number' }] } } } },
    ids('empty', 'array'),
  ],
  [
    {
      $jsonSchema: {
        required: ['v'],
        properties: { v: { type: 'array', items: [{}], additionalItems: { type: 'number' } } },
      },
    },
    ids('empty', 'array'),
  ],
  [
    {
      $jsonSchema: {
        required: ['v'],
        properties: { v: { type: 'object', patternProperties: { '^b': { type: 'object' } } } },
      },
    },
    ids('object'),
  ],
  [
    {
      $jsonSchema: {
        required: ['v'],
        properties: { v: { patternProperties: { '^b': {} }, additionalProperties: false, type: 'object' } },
      },
    },
    ids(),
  ],
  [
    { $jsonSchema: { required: ['v'], properties: { v: { type: 'object', dependencies: { a: ['b'] } } } } },
    ids('object'),
  ],
  [
    { $jsonSchema: { required: ['v'], properties: { v: { type: 'object', dependencies: { a: ['z'] } } } } },
    ids(),
  ],
  [{ $jsonSchema: { properties: { v: { type: 'integer' } } } }, refused(9)],
  [{ $jsonSchema: { $ref: '#' } }, refused(9)],
  [{ v: { $gt: new MinKey() } }, others('minkey')],
  [{ v: { $gte: new MinKey() } }, others()],
  [{ v: { $lt: new MinKey() } }, ids()],
  [{ v: { $lt: new MaxKey() } }, others('maxkey')],
  [{ v: { $gt: new MaxKey() } }, ids()],
  [{ v: new MaxKey() }, ids('maxkey')],
  [{ v: new MinKey() }, ids('minkey')],
  [{ $comment: 'nothing', v: 'five' }, ids('string')],
];

export function filters(server: Server): void {
  describe('filters', () => {
    let kinds: Collection<Document>;

    beforeAll(async () => {
      kinds = server().db.collection('kinds');
      await kinds.insertMany(DOCUMENTS.map((document) => ({ ...document })));
    });

    const rows = ROWS;
    for (const [place, prepare] of [
      ['without an index', () => Promise.resolve()],
      ['with one', () => kinds.createIndex({ v: 1 })],
      ['with a descending one', () => kinds.dropIndexes().then(() => kinds.createIndex({ v: -1 }))],
    ] as const) {
      it(`${place} find what MongoDB finds in all ${rows.length} cases`, async () => {
        await prepare();
        await checkRows(
          rows,
          ([filter]) => found(kinds, filter),
          ([, expected]) => expected,
          ([filter]) =>
            JSON.stringify(filter, (_key, value: unknown) =>
              typeof value === 'bigint' ? String(value) : value,
            ),
        );
      });
    }
  });
}
