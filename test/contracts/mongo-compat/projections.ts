import { Decimal128, Double, Int32, Long, ObjectId, Timestamp, type Document } from 'bson';
import type { Collection } from 'mongodb';
import { beforeAll, describe, it } from 'vitest';
import type { Server } from './server.js';
import { checkRows, EXACT, is, refused, type Expected } from './tables.js';

const int = (value: number): Int32 => new Int32(value);

const DOCUMENT = {
  _id: int(1),
  a: int(5),
  o: { x: int(1), y: { z: int(2) } },
  l: [int(1), int(2), int(3), int(4)],
  d: [
    { k: 'a', n: int(1) },
    { k: 'b', n: int(2) },
    { k: 'b', n: int(3) },
  ],
} as const;

type Row = readonly [projection: Document, expected: Expected, filter?: Document];

/** https://www.mongodb.com/docs/manual/reference/method/db.collection.find/#projection */
const PROJECTIONS: readonly Row[] = [
  [{ a: 1 }, is({ _id: int(1), a: int(5) })],
  [{ a: 1, _id: 0 }, is({ a: int(5) })],
  [{ _id: 1 }, is({ _id: int(1) })],
  [{ a: true, nope: true }, is({ _id: int(1), a: int(5) })],
  [{ 'o.x': 1, _id: 0 }, is({ o: { x: int(1) } })],
  [{ o: { x: 1 }, _id: 0 }, is({ o: { x: int(1) } })],
  [{ 'o.y.z': 1, a: 1, _id: 0 }, is({ a: int(5), o: { y: { z: int(2) } } })],
  [{ 'a.b': 1, _id: 0 }, is({})],
  [{ 'd.k': 1, _id: 0 }, is({ d: [{ k: 'a' }, { k: 'b' }, { k: 'b' }] })],
  [{ 'l.0': 1, _id: 0 }, is({ l: [] })],
  [{ o: 0, l: 0, d: 0 }, is({ _id: int(1), a: int(5) })],
  [{ _id: 0, o: 0, l: 0, d: 0 }, is({ a: int(5) })],
  [{ 'o.x': 0, l: 0, d: 0, _id: 0 }, is({ a: int(5), o: { y: { z: int(2) } } })],
  [{ 'd.k': 0, a: 0, l: 0, o: 0, _id: 0 }, is({ d: [{ n: int(1) }, { n: int(2) }, { n: int(3) }] })],
  [{ a: 1, o: 0 }, refused(31254)],
  [{ a: 0, o: 1 }, refused(31253)],
  [{ a: 1, 'a.b': 1 }, refused(31249)],
  [{ l: { $slice: 2 }, _id: 0, a: 0, o: 0, d: 0 }, is({ l: [int(1), int(2)] })],
  [{ l: { $slice: -1 }, a: 0, o: 0, d: 0, _id: 0 }, is({ l: [int(4)] })],
  [{ l: { $slice: [1, 2] }, a: 0, o: 0, d: 0, _id: 0 }, is({ l: [int(2), int(3)] })],
  [{ l: { $slice: [-3, 1] }, a: 0, o: 0, d: 0, _id: 0 }, is({ l: [int(2)] })],
  [{ l: { $slice: 1 }, a: 1, _id: 0 }, is({ a: int(5), l: [int(1)] })],
  [{ d: { $elemMatch: { k: 'b' } }, _id: 0 }, is({ d: [{ k: 'b', n: int(2) }] })],
  [{ d: { $elemMatch: { k: 'z' } }, _id: 0 }, is({})],
  [{ l: { $elemMatch: { $gt: 2 } }, _id: 0 }, is({ l: [int(3)] })],
  [{ d: { $elemMatch: { $expr: { $eq: ['$k', 'b'] } } } }, refused(2)],
  [{ 'l.$': 1, _id: 0 }, is({ l: [int(3)] }), { l: { $gte: 3 } }],
  [{ 'd.$': 1, _id: 0 }, is({ d: [{ k: 'b', n: int(2) }] }), { 'd.k': 'b' }],
  [{ 'l.$': 1, _id: 0 }, refused(51246), { d: { $exists: true } }],
  [{ 'd.$': 1, _id: 0 }, is({ d: [{ k: 'b', n: int(3) }] }), { d: { $elemMatch: { n: { $gt: 2 } } } }],
  [{ b: '$a', _id: 0 }, is({ b: int(5) })],
  [{ b: { $add: ['$a', 1] }, _id: 0 }, is({ b: int(6) })],
  [{ b: { $literal: 1 }, _id: 0 }, is({ b: int(1) })],
  [{ b: 'text', _id: 0 }, is({ b: 'text' })],
  [{ b: ['$a', '$nope'], _id: 0 }, is({ b: [int(5), null] })],
  [{ b: { $type: '$nope' }, _id: 0 }, is({ b: 'missing' })],
  [{ 'o.w': '$a', 'o.x': 1, _id: 0 }, is({ o: { x: int(1), w: int(5) } })],
  [{ b: { $nope: 1 } }, refused(31325)],
  [{ 'a.b': 1, a: 1 }, refused(31250)],
];

/** In ascending order; https://www.mongodb.com/docs/manual/reference/bson-type-comparison-order/ */
const ORDER: readonly unknown[] = [
  null,
  new Double(NaN),
  new Double(-Infinity),
  Long.fromString('-9007199254740993'),
  new Double(-1.5),
  new Int32(0),
  Decimal128.fromString('0.1'),
  new Double(0.5),
  new Int32(1),
  Long.fromString('9007199254740993'),
  Decimal128.fromString('9007199254740993.5'),
  new Double(Infinity),
  '',
  'A',
  'a',
  'ab',
  'é',
  '😀',
  {},
  { a: 1 },
  { a: 1, b: 1 },
  { a: 2 },
  { b: 0 },
  new ObjectId('000000000000000000000000'),
  new ObjectId('0123456789abcdef01234567'),
  false,
  true,
  new Date(-1),
  new Date(0),
  new Timestamp({ t: 1, i: 0 }),
  new Timestamp({ t: 1, i: 1 }),
  /a/,
  /b/,
];

export function projects(server: Server): void {
  describe('queries', () => {
    let projected: Collection<Document>;
    let ordered: Collection<Document>;

    beforeAll(async () => {
      projected = server().db.collection('shown');
      ordered = server().db.collection('ordered');
      await projected.insertOne({ ...DOCUMENT } as never);
      // Inserted in reverse, so that the insertion order is never the expected order.
      await ordered.insertMany(ORDER.map((v, n) => ({ n: new Int32(n), v })).reverse());
    });

    it(`return what each of ${PROJECTIONS.length} projections asks for`, async () => {
      await checkRows(
        PROJECTIONS,
        async ([projection, , filter = {}]) => {
          const [row] = await projected.find(filter, { ...EXACT, projection }).toArray();
          return row;
        },
        ([, expected]) => expected,
        ([projection]) => JSON.stringify(projection),
      );
    });

    const least = ORDER.map((_, n) => n);
    const rows = [
      ['ascending without an index', 1, false],
      ['descending without an index', -1, false],
      ['ascending with an index', 1, true],
      ['descending with an index', -1, true],
    ] as const;
    it.each(rows)(`sort ${ORDER.length} values of all types %s`, async (_name, direction, isIndexed) => {
      if (isIndexed) await ordered.createIndex({ v: 1 });
      else await ordered.dropIndexes();
      const documents = await ordered.find({}, { sort: { v: direction } }).toArray();
      await checkRows(
        direction === 1 ? least : [...least].reverse(),
        (n) =>
          Promise.resolve(
            documents.map((row) => Number(row['n']))[direction === 1 ? n : ORDER.length - 1 - n],
          ),
        (n) => is(n),
        (n) => `place ${n}`,
      );
    });

    it(`compare each of ${ORDER.length} values only with those of its type`, async () => {
      const typeOf = (value: unknown): string => (value === null ? 'null' : JSON.stringify(bracket(value)));
      await checkRows(
        ORDER.map((value, n) => ({ value, n })).filter(
          ({ value }) => !(value instanceof RegExp) && !isNaNumber(value),
        ),
        async ({ value }) => {
          const documents = await ordered.find({ v: { $gte: value } }).toArray();
          return documents.map((row) => Number(row['n'])).sort((a, b) => a - b);
        },
        ({ value, n }) =>
          is(
            ORDER.flatMap((other, at) =>
              at >= n && typeOf(other) === typeOf(value) && !isNaNumber(other) ? [at] : [],
            ),
          ),
        ({ n }) => `value ${n}`,
      );
    });
  });
}

const isNaNumber = (value: unknown): boolean => value instanceof Double && Number.isNaN(value.value);

/** The type bracket of a value: filters compare only values of the same bracket. */
function bracket(value: unknown): string {
  if (value instanceof Double || value instanceof Int32) return 'number';
  if (value instanceof Timestamp) return 'timestamp';
  if (value instanceof Long || value instanceof Decimal128) return 'number';
  if (value instanceof ObjectId) return 'id';
  if (value instanceof Date) return 'date';
  if (value instanceof RegExp) return 'pattern';
  return typeof value;
}
