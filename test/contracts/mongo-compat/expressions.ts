import { Binary, Decimal128, Double, Int32, Long, ObjectId, Timestamp } from 'bson';
import { describe, it } from 'vitest';
import type { Server } from './server.js';
import { checkRows, evaluate, is, refused, type Expected } from './tables.js';

type Row = readonly [expression: unknown, expected: Expected];

const int = (value: number): Int32 => new Int32(value);
const dbl = (value: number): Double => new Double(value);
const long = (value: string): Long => Long.fromString(value);
const dec = (value: string): Decimal128 => Decimal128.fromString(value);
const day = (text: string): Date => new Date(text);
const oid = new ObjectId('0123456789abcdef01234567');
const NULL = is(null);
const MISSING = is(undefined);
const T = is(true);
const F = is(false);

/** The document that the expressions are evaluated on. */
const DOCUMENT = {
  i: int(7),
  d: dbl(2.5),
  l: long('9007199254740993'),
  dec: dec('1.10'),
  s: 'Hello wörld',
  n: null,
  nan: dbl(NaN),
  a: [int(1), int(2), int(3)],
  o: { x: int(1), y: { z: 'deep' } },
  rows: [{ q: int(1) }, { q: int(2) }, { r: int(3) }],
  t: day('2024-02-29T13:45:30.123Z'),
  ts: new Timestamp({ t: 1_700_000_000, i: 5 }),
  id: oid,
  yes: true,
  bin: new Binary(Buffer.from('abc')),
} as const;

/** https://www.mongodb.com/docs/manual/reference/operator/aggregation/#arithmetic-expression-operators */
const ARITHMETIC: readonly Row[] = [
  [{ $add: ['$i', int(1)] }, is(int(8))],
  [{ $add: [int(2_147_483_647), int(1)] }, is(long('2147483648'))],
  [{ $add: ['$i', dbl(1)] }, is(dbl(8))],
  [{ $add: ['$l', int(1)] }, is(long('9007199254740994'))],
  [{ $add: ['$dec', dec('2.2')] }, is(dec('3.30'))],
  [{ $add: ['$dec', int(1)] }, is(dec('2.10'))],
  [{ $add: ['$i', null] }, NULL],
  [{ $add: ['$i', '$missing'] }, NULL],
  [{ $add: ['$t', int(1000)] }, is(day('2024-02-29T13:45:31.123Z'))],
  [{ $add: ['$t', '$t'] }, refused(16612)],
  [{ $add: ['$i', 'x'] }, refused(14)],
  [{ $subtract: ['$t', day('2024-02-29T13:45:30.000Z')] }, is(long('123'))],
  [{ $subtract: ['$i', dbl(0.5)] }, is(dbl(6.5))],
  [{ $subtract: ['$s', int(1)] }, refused(14)],
  [{ $multiply: ['$i', int(3)] }, is(int(21))],
  [{ $multiply: [int(100_000), int(100_000)] }, is(long('10000000000'))],
  [{ $multiply: ['$dec', int(2)] }, is(dec('2.20'))],
  [{ $divide: [int(1), int(4)] }, is(dbl(0.25))],
  [{ $divide: [dec('1'), int(4)] }, is(dec('0.25'))],
  [{ $divide: [int(6), int(3)] }, is(dbl(2))],
  [{ $divide: [int(1), int(0)] }, refused(2)],
  [{ $mod: [int(-7), int(3)] }, is(int(-1))],
  [{ $mod: [dbl(5.5), int(2)] }, is(dbl(1.5))],
  [{ $mod: [int(1), int(0)] }, refused(16610)],
  [{ $abs: int(-5) }, is(int(5))],
  [{ $abs: dbl(-0.5) }, is(dbl(0.5))],
  [{ $ceil: dbl(1.2) }, is(dbl(2))],
  [{ $floor: dbl(-1.2) }, is(dbl(-2))],
  [{ $ceil: int(3) }, is(int(3))],
  [{ $round: [dbl(2.5), int(0)] }, is(dbl(2))],
  [{ $round: [dbl(3.5), int(0)] }, is(dbl(4))],
  [{ $round: [int(1234), int(-2)] }, is(int(1200))],
  [{ $round: [dbl(1.2345), int(2)] }, is(dbl(1.23))],
  [{ $trunc: [dbl(-1.99), int(1)] }, is(dbl(-1.9))],
  [{ $trunc: dbl(9.9) }, is(dbl(9))],
  [{ $round: [dec('2.345'), int(2)] }, is(dec('2.34'))],
  [{ $pow: [int(2), int(10)] }, is(int(1024))],
  [{ $pow: [int(2), int(40)] }, is(long('1099511627776'))],
  [{ $pow: [int(2), int(-1)] }, is(dbl(0.5))],
  [{ $pow: [int(0), int(-1)] }, refused(28764)],
  [{ $sqrt: int(9) }, is(dbl(3))],
  [{ $sqrt: int(-1) }, refused(28714)],
  [{ $ln: int(1) }, is(dbl(0))],
  [{ $log10: int(1000) }, is(dbl(3))],
  [{ $log: [int(8), int(2)] }, is(dbl(3))],
  [{ $exp: int(0) }, is(dbl(1))],
  [{ $abs: 'x' }, refused(28765)],
  [{ $bitAnd: [int(6), int(3)] }, is(int(2))],
  [{ $bitOr: [int(6), long('1')] }, is(long('7'))],
  [{ $bitXor: [int(6), int(3)] }, is(int(5))],
  [{ $bitNot: int(0) }, is(int(-1))],
  [{ $sum: '$a' }, is(int(6))],
  [{ $avg: '$a' }, is(dbl(2))],
  [{ $max: '$a' }, is(int(3))],
  [{ $min: ['$i', '$d'] }, is(dbl(2.5))],
  [{ $sum: ['$dec', '$dec', int(1)] }, is(dec('3.20'))],
  [{ $avg: ['$dec', dec('1.30')] }, is(dec('1.20'))],
  [{ $max: ['$l', dec('9007199254740993.5')] }, is(dec('9007199254740993.5'))],
  [{ $stdDevPop: [int(2), int(4)] }, is(dbl(1))],
  [{ $sin: int(0) }, is(dbl(0))],
  [{ $degreesToRadians: int(180) }, is(dbl(Math.PI))],
  [{ $acos: int(2) }, refused(50989)],
];

/** https://www.mongodb.com/docs/manual/reference/bson-type-comparison-order/ */
const COMPARISON: readonly Row[] = [
  [{ $eq: ['$missing', null] }, F],
  [{ $gt: ['$i', null] }, T],
  [{ $gt: ['$missing', null] }, F],
  [{ $lt: ['$missing', null] }, T],
  [{ $gt: ['$n', null] }, F],
  [{ $eq: [int(1), dbl(1)] }, T],
  [{ $eq: [dec('1.0'), int(1)] }, T],
  [{ $eq: [dbl(0.1), dec('0.1')] }, F],
  [{ $lt: [dec('0.1'), dbl(0.1)] }, T],
  [{ $eq: ['$l', dbl(9007199254740992)] }, F],
  [{ $gt: ['$l', dbl(9007199254740992)] }, T],
  [{ $eq: ['$l', dec('9007199254740993')] }, T],
  [{ $eq: ['$nan', '$nan'] }, T],
  [{ $lt: ['$nan', dbl(-Infinity)] }, T],
  [{ $lt: ['$s', { a: int(1) }] }, T],
  [{ $lt: [int(5), 'a'] }, T],
  [{ $lt: [{ a: int(1) }, [int(1)]] }, T],
  [{ $lt: [true, '$t'] }, T],
  [{ $lt: ['$t', '$ts'] }, T],
  [{ $cmp: [int(1), int(2)] }, is(int(-1))],
  [{ $cmp: ['b', 'a'] }, is(int(1))],
  [
    {
      $eq: [
        { a: int(1), b: int(2) },
        { b: int(2), a: int(1) },
      ],
    },
    F,
  ],
  [
    {
      $eq: [
        [int(1), int(2)],
        [dbl(1), dbl(2)],
      ],
    },
    T,
  ],
  [{ $and: [] }, T],
  [{ $or: [] }, F],
  [{ $and: [int(1), 'x', '$n'] }, F],
  [{ $or: [int(0), '$missing', dbl(0.1)] }, T],
  [{ $not: [int(0)] }, T],
  [{ $not: ['$missing'] }, T],
  [{ $not: [''] }, F],
  [{ $cond: ['$yes', 'a', 'b'] }, is('a')],
  [{ $cond: { if: '$missing', then: 'a', else: 'b' } }, is('b')],
  [{ $cond: [true, 'a'] }, refused(16020)],
  [{ $ifNull: ['$missing', '$n', 'z'] }, is('z')],
  [{ $ifNull: ['$n', '$missing'] }, MISSING],
  [{ $switch: { branches: [{ case: { $eq: ['$i', int(7)] }, then: 'seven' }], default: 'no' } }, is('seven')],
  [{ $switch: { branches: [{ case: false, then: 'x' }] } }, refused(40066)],
  [{ $switch: { branches: [] } }, refused(40068)],
  [{ $in: [int(2), '$a'] }, T],
  [{ $in: [dbl(2), '$a'] }, T],
  [{ $in: [int(2), '$i'] }, refused(40081)],
  [{ $literal: '$i' }, is('$i')],
  [{ $let: { vars: { v: { $add: ['$i', int(1)] } }, in: { $multiply: ['$$v', int(2)] } } }, is(int(16))],
  ['$$missingVariable', refused(17276)],
  ['$o.y.z', is('deep')],
  ['$rows.q', is([int(1), int(2)])],
  ['$a.x', is([])],
  ['$i.x', MISSING],
  ['$$REMOVE', MISSING],
  ['$$ROOT.i', is(int(7))],
  [{ $nope: int(1) }, refused(31325)],
  [{ $add: [int(1)], $subtract: [int(1), int(1)] }, refused(15983)],
];

/** https://www.mongodb.com/docs/manual/reference/operator/aggregation/#string-expression-operators */
const STRINGS: readonly Row[] = [
  [{ $concat: ['a', '$s'] }, is('aHello wörld')],
  [{ $concat: ['a', null] }, NULL],
  [{ $concat: ['a', int(1)] }, refused(16702)],
  [{ $toUpper: 'abc' }, is('ABC')],
  [{ $toLower: '$missing' }, is('')],
  [{ $toUpper: int(5) }, is('5')],
  [{ $strLenCP: '$s' }, is(int(11))],
  [{ $strLenBytes: '$s' }, is(int(12))],
  [{ $strLenCP: '$missing' }, refused(34471)],
  [{ $substrCP: ['$s', int(6), int(3)] }, is('wör')],
  [{ $substrBytes: ['$s', int(0), int(5)] }, is('Hello')],
  [{ $substr: ['$s', int(6), int(-1)] }, is('wörld')],
  [{ $substrBytes: ['$s', int(0), int(8)] }, refused(28657)],
  [{ $indexOfCP: ['$s', 'w'] }, is(int(6))],
  [{ $indexOfCP: ['$s', 'r'] }, is(int(8))],
  [{ $indexOfBytes: ['$s', 'r'] }, is(int(9))],
  [{ $indexOfCP: ['$s', 'zz'] }, is(int(-1))],
  [{ $indexOfCP: ['$missing', 'zz'] }, NULL],
  [{ $indexOfCP: ['abcabc', 'b', int(2)] }, is(int(4))],
  [{ $split: ['a-b-c', '-'] }, is(['a', 'b', 'c'])],
  [{ $split: ['a', ''] }, refused(40087)],
  [{ $trim: { input: '  x ' } }, is('x')],
  [{ $ltrim: { input: 'xxa', chars: 'x' } }, is('a')],
  [{ $rtrim: { input: 'a\n' } }, is('a')],
  [{ $replaceOne: { input: 'aXaX', find: 'X', replacement: 'b' } }, is('abaX')],
  [{ $replaceAll: { input: 'aXaX', find: 'X', replacement: 'b' } }, is('abab')],
  [{ $replaceAll: { input: null, find: 'X', replacement: 'b' } }, NULL],
  [{ $strcasecmp: ['A', 'a'] }, is(int(0))],
  [{ $regexMatch: { input: '$s', regex: 'WÖ', options: 'i' } }, T],
  [{ $regexMatch: { input: 'é', regex: '^\\p{L}$' } }, T],
  [
    { $regexFind: { input: 'ab12', regex: '(\\d)(\\d)' } },
    is({ match: '12', idx: int(2), captures: ['1', '2'] }),
  ],
  [{ $regexFind: { input: 'ab', regex: '\\d' } }, NULL],
  [
    { $regexFindAll: { input: 'a1b2', regex: '\\d' } },
    is([
      { match: '1', idx: int(1), captures: [] },
      { match: '2', idx: int(3), captures: [] },
    ]),
  ],
  [{ $regexMatch: { input: int(1), regex: 'x' } }, refused(51104)],
];

/** https://www.mongodb.com/docs/manual/reference/operator/aggregation/#array-expression-operators */
const ARRAYS: readonly Row[] = [
  [{ $arrayElemAt: ['$a', int(-1)] }, is(int(3))],
  [{ $arrayElemAt: ['$a', int(9)] }, MISSING],
  [{ $arrayElemAt: ['$i', int(0)] }, refused(28689)],
  [{ $first: '$a' }, is(int(1))],
  [{ $last: '$a' }, is(int(3))],
  [{ $first: '$missing' }, NULL],
  [{ $firstN: { n: int(2), input: '$a' } }, is([int(1), int(2)])],
  [{ $lastN: { n: int(2), input: '$a' } }, is([int(2), int(3)])],
  [{ $maxN: { n: int(2), input: '$a' } }, is([int(3), int(2)])],
  [{ $concatArrays: ['$a', [int(9)]] }, is([int(1), int(2), int(3), int(9)])],
  [{ $concatArrays: ['$a', null] }, NULL],
  [{ $concatArrays: ['$a', int(1)] }, refused(28664)],
  [{ $slice: ['$a', int(2)] }, is([int(1), int(2)])],
  [{ $slice: ['$a', int(-2)] }, is([int(2), int(3)])],
  [{ $slice: ['$a', int(1), int(1)] }, is([int(2)])],
  [{ $slice: ['$a', int(1), int(0)] }, refused(28729)],
  [{ $size: '$a' }, is(int(3))],
  [{ $size: '$missing' }, refused(17124)],
  [{ $range: [int(0), int(6), int(2)] }, is([int(0), int(2), int(4)])],
  [{ $range: [int(0), int(6), int(0)] }, refused(34449)],
  [{ $reverseArray: '$a' }, is([int(3), int(2), int(1)])],
  [{ $map: { input: '$a', as: 'n', in: { $multiply: ['$$n', int(2)] } } }, is([int(2), int(4), int(6)])],
  [{ $map: { input: '$rows', in: '$$this.q' } }, is([int(1), int(2), null])],
  [{ $filter: { input: '$a', as: 'n', cond: { $gt: ['$$n', int(1)] } } }, is([int(2), int(3)])],
  [{ $filter: { input: '$a', cond: true, limit: int(1) } }, is([int(1)])],
  [{ $reduce: { input: '$a', initialValue: int(0), in: { $add: ['$$value', '$$this'] } } }, is(int(6))],
  [
    { $zip: { inputs: ['$a', ['x', 'y']] } },
    is([
      [int(1), 'x'],
      [int(2), 'y'],
    ]),
  ],
  [
    { $zip: { inputs: ['$a', ['x']], useLongestLength: true, defaults: [int(0), 'd'] } },
    is([
      [int(1), 'x'],
      [int(2), 'd'],
      [int(3), 'd'],
    ]),
  ],
  [{ $indexOfArray: ['$a', int(2)] }, is(int(1))],
  [{ $indexOfArray: ['$a', int(9)] }, is(int(-1))],
  [{ $isArray: '$a' }, T],
  [{ $isArray: '$i' }, F],
  [{ $sortArray: { input: [int(3), int(1), int(2)], sortBy: int(-1) } }, is([int(3), int(2), int(1)])],
  [
    { $sortArray: { input: [{ k: int(2) }, { k: int(1) }], sortBy: { k: int(1) } } },
    is([{ k: int(1) }, { k: int(2) }]),
  ],
  [
    {
      $setUnion: [
        [int(2), int(1)],
        [int(1), int(3)],
      ],
    },
    is([int(1), int(2), int(3)]),
  ],
  [{ $setIntersection: ['$a', [int(3), int(2), int(7)]] }, is([int(2), int(3)])],
  [{ $setDifference: ['$a', [int(2)]] }, is([int(1), int(3)])],
  [{ $setEquals: ['$a', [int(3), int(2), int(1), int(1)]] }, T],
  [{ $setIsSubset: [[int(1)], '$a'] }, T],
  [{ $allElementsTrue: [[true, int(1)]] }, T],
  [{ $anyElementTrue: [[false, null]] }, F],
  [
    { $objectToArray: '$o' },
    is([
      { k: 'x', v: int(1) },
      { k: 'y', v: { z: 'deep' } },
    ]),
  ],
  [{ $arrayToObject: [[['a', int(1)]]] }, is({ a: int(1) })],
  [{ $arrayToObject: [[{ k: 'a', v: int(1) }]] }, is({ a: int(1) })],
  [{ $mergeObjects: ['$o', { x: int(2) }, null] }, is({ x: int(2), y: { z: 'deep' } })],
  [{ $mergeObjects: ['$i'] }, refused(40400)],
  [{ $getField: 'i' }, is(int(7))],
  [{ $getField: { field: 'x', input: '$o' } }, is(int(1))],
  [{ $setField: { field: 'w', input: { x: int(1) }, value: int(2) } }, is({ x: int(1), w: int(2) })],
  [{ $unsetField: { field: 'x', input: '$o' } }, is({ y: { z: 'deep' } })],
];

/** https://www.mongodb.com/docs/manual/reference/operator/aggregation/#date-expression-operators */
const DATES: readonly Row[] = [
  [{ $year: '$t' }, is(int(2024))],
  [{ $month: '$t' }, is(int(2))],
  [{ $dayOfMonth: '$t' }, is(int(29))],
  [{ $hour: { date: '$t', timezone: 'Asia/Jakarta' } }, is(int(20))],
  [{ $hour: { date: '$t', timezone: '+05:30' } }, is(int(19))],
  [{ $minute: '$t' }, is(int(45))],
  [{ $second: '$t' }, is(int(30))],
  [{ $millisecond: '$t' }, is(int(123))],
  [{ $dayOfYear: '$t' }, is(int(60))],
  [{ $dayOfWeek: '$t' }, is(int(5))],
  [{ $isoDayOfWeek: '$t' }, is(int(4))],
  [{ $week: '$t' }, is(int(8))],
  [{ $isoWeek: '$t' }, is(int(9))],
  [{ $isoWeekYear: day('2021-01-03T00:00:00Z') }, is(long('2020'))],
  [{ $year: '$missing' }, NULL],
  [{ $year: 'x' }, refused(16006)],
  [{ $hour: { date: '$t', timezone: 'Nowhere/Land' } }, refused(40485)],
  [{ $year: '$id' }, is(int(1970))],
  [{ $dateToString: { date: '$t' } }, is('2024-02-29T13:45:30.123Z')],
  [{ $dateToString: { date: '$t', format: '%Y/%m/%d %H:%M' } }, is('2024/02/29 13:45')],
  [{ $dateToString: { date: day('2021-01-03T00:00:00Z'), format: '%G-W%V-%u' } }, is('2020-W53-7')],
  [{ $dateToString: { date: '$t', format: '%z %Z', timezone: 'Asia/Jakarta' } }, is('+0700 420')],
  [{ $dateToString: { date: '$t', format: '%j %w %U' } }, is('060 5 08')],
  [{ $dateToString: { date: '$n', onNull: 'none' } }, is('none')],
  [{ $dateToString: { date: '$t', format: '%q' } }, refused(18536)],
  [{ $dateFromString: { dateString: '2024-03-10' } }, is(day('2024-03-10T00:00:00Z'))],
  [{ $dateFromString: { dateString: '2024-03-10T10:00:00+0700' } }, is(day('2024-03-10T03:00:00Z'))],
  [
    { $dateFromString: { dateString: '2024-03-10T10:00:00', timezone: 'America/New_York' } },
    is(day('2024-03-10T14:00:00Z')),
  ],
  // Times that the clock skips.
  [
    { $dateFromString: { dateString: '2024-03-10T02:30:00', timezone: 'America/New_York' } },
    is(day('2024-03-10T07:30:00Z')),
  ],
  [
    { $dateFromString: { dateString: '2024-03-31T02:30:00', timezone: 'Europe/Berlin' } },
    is(day('2024-03-31T01:30:00Z')),
  ],
  [
    {
      $dateAdd: {
        startDate: day('2024-10-04T15:45:00Z'),
        unit: 'day',
        amount: int(1),
        timezone: 'Australia/Lord_Howe',
      },
    },
    is(day('2024-10-05T15:45:00Z')),
  ],
  [
    {
      $dateFromParts: {
        year: int(2024),
        month: int(9),
        day: int(8),
        minute: int(30),
        timezone: 'America/Santiago',
      },
    },
    is(day('2024-09-08T04:30:00Z')),
  ],
  // The hours beside them.
  [
    { $dateFromString: { dateString: '2024-03-10T03:00:00', timezone: 'America/New_York' } },
    is(day('2024-03-10T07:00:00Z')),
  ],
  [
    { $dateFromString: { dateString: '2024-03-31T01:59:00', timezone: 'Europe/Berlin' } },
    is(day('2024-03-31T00:59:00Z')),
  ],
  [{ $dateFromString: { dateString: '10/03/2024', format: '%d/%m/%Y' } }, is(day('2024-03-10T00:00:00Z'))],
  [{ $dateFromString: { dateString: 'nonsense' } }, refused(241)],
  [{ $dateFromString: { dateString: '2024-02-30' } }, refused(241)],
  [{ $dateFromString: { dateString: 'x', onError: 'bad' } }, is('bad')],
  [{ $dateFromString: { dateString: null, onNull: 'none' } }, is('none')],
  [{ $dateFromParts: { year: int(2024), month: int(14) } }, is(day('2025-02-01T00:00:00Z'))],
  [
    { $dateFromParts: { isoWeekYear: int(2020), isoWeek: int(53), isoDayOfWeek: int(7) } },
    is(day('2021-01-03T00:00:00Z')),
  ],
  [{ $dateFromParts: { year: int(2024), timezone: 'Asia/Jakarta' } }, is(day('2023-12-31T17:00:00Z'))],
  [
    { $dateToParts: { date: day('2024-01-02T03:04:05.006Z') } },
    is({
      year: int(2024),
      month: int(1),
      day: int(2),
      hour: int(3),
      minute: int(4),
      second: int(5),
      millisecond: int(6),
    }),
  ],
  [
    { $dateAdd: { startDate: day('2024-01-31T00:00:00Z'), unit: 'month', amount: int(1) } },
    is(day('2024-02-29T00:00:00Z')),
  ],
  [
    { $dateAdd: { startDate: day('2024-02-29T00:00:00Z'), unit: 'year', amount: int(1) } },
    is(day('2025-02-28T00:00:00Z')),
  ],
  [
    { $dateSubtract: { startDate: day('2024-03-31T00:00:00Z'), unit: 'month', amount: int(1) } },
    is(day('2024-02-29T00:00:00Z')),
  ],
  [
    {
      $dateAdd: {
        startDate: day('2024-03-09T17:00:00Z'),
        unit: 'day',
        amount: int(1),
        timezone: 'America/New_York',
      },
    },
    is(day('2024-03-10T16:00:00Z')),
  ],
  [
    {
      $dateAdd: {
        startDate: day('2024-03-09T17:00:00Z'),
        unit: 'hour',
        amount: int(24),
        timezone: 'America/New_York',
      },
    },
    is(day('2024-03-10T17:00:00Z')),
  ],
  [{ $dateAdd: { startDate: '$t', unit: 'fortnight', amount: int(1) } }, refused(9)],
  [{ $dateTrunc: { date: '$t', unit: 'month' } }, is(day('2024-02-01T00:00:00Z'))],
  [{ $dateTrunc: { date: '$t', unit: 'week' } }, is(day('2024-02-25T00:00:00Z'))],
  [{ $dateTrunc: { date: '$t', unit: 'week', startOfWeek: 'monday' } }, is(day('2024-02-26T00:00:00Z'))],
  [{ $dateTrunc: { date: '$t', unit: 'quarter' } }, is(day('2024-01-01T00:00:00Z'))],
  [{ $dateTrunc: { date: '$t', unit: 'day', timezone: 'Asia/Jakarta' } }, is(day('2024-02-28T17:00:00Z'))],
  [{ $dateTrunc: { date: '$t', unit: 'hour', binSize: int(2) } }, is(day('2024-02-29T12:00:00Z'))],
  [{ $dateTrunc: { date: '$t', unit: 'minute', binSize: int(15) } }, is(day('2024-02-29T13:45:00Z'))],
  [
    {
      $dateDiff: {
        startDate: day('2023-12-31T23:59:00Z'),
        endDate: day('2024-01-01T00:01:00Z'),
        unit: 'year',
      },
    },
    is(long('1')),
  ],
  [{ $dateDiff: { startDate: day('2024-01-01T00:00:00Z'), endDate: '$t', unit: 'day' } }, is(long('59'))],
  [
    {
      $dateDiff: {
        startDate: day('2024-01-01T10:00:00Z'),
        endDate: day('2024-01-02T09:00:00Z'),
        unit: 'hour',
      },
    },
    is(long('23')),
  ],
  [
    {
      $dateDiff: {
        startDate: day('2024-02-24T00:00:00Z'),
        endDate: day('2024-02-25T00:00:00Z'),
        unit: 'week',
      },
    },
    is(long('1')),
  ],
  [{ $tsSecond: '$ts' }, is(long('1700000000'))],
  [{ $tsIncrement: '$ts' }, is(long('5'))],
];

/** https://www.mongodb.com/docs/manual/reference/operator/aggregation/convert/ */
const TYPES: readonly Row[] = [
  [{ $type: '$i' }, is('int')],
  [{ $type: '$d' }, is('double')],
  [{ $type: dbl(5) }, is('double')],
  [{ $type: '$l' }, is('long')],
  [{ $type: long('5') }, is('long')],
  [{ $type: '$dec' }, is('decimal')],
  [{ $type: '$s' }, is('string')],
  [{ $type: '$missing' }, is('missing')],
  [{ $type: '$n' }, is('null')],
  [{ $type: '$a' }, is('array')],
  [{ $type: '$o' }, is('object')],
  [{ $type: '$t' }, is('date')],
  [{ $type: '$ts' }, is('timestamp')],
  [{ $type: '$id' }, is('objectId')],
  [{ $type: '$bin' }, is('binData')],
  [{ $type: '$yes' }, is('bool')],
  [{ $isNumber: '$dec' }, T],
  [{ $isNumber: '$s' }, F],
  [{ $toString: '$i' }, is('7')],
  [{ $toString: '$d' }, is('2.5')],
  [{ $toString: '$l' }, is('9007199254740993')],
  [{ $toString: '$dec' }, is('1.10')],
  [{ $toString: '$id' }, is('0123456789abcdef01234567')],
  [{ $toString: '$t' }, is('2024-02-29T13:45:30.123Z')],
  [{ $toString: '$yes' }, is('true')],
  [{ $toString: '$a' }, refused(241)],
  [{ $toInt: '12' }, is(int(12))],
  [{ $toInt: dbl(-2.9) }, is(int(-2))],
  [{ $toInt: '1.5' }, refused(241)],
  [{ $toInt: '$l' }, refused(241)],
  [{ $toInt: dec('5.9') }, is(int(5))],
  [{ $toLong: '$t' }, is(long('1709214330123'))],
  [{ $toLong: '9007199254740993' }, is(long('9007199254740993'))],
  [{ $toDouble: '2.5e3' }, is(dbl(2500))],
  [{ $toDouble: '$yes' }, is(dbl(1))],
  [{ $toDecimal: '1.230' }, is(dec('1.230'))],
  [{ $toDecimal: int(3) }, is(dec('3'))],
  [{ $toBool: '' }, T],
  [{ $toBool: int(0) }, F],
  [{ $toDate: long('0') }, is(day('1970-01-01T00:00:00Z'))],
  [{ $toDate: '2024-01-01' }, is(day('2024-01-01T00:00:00Z'))],
  [{ $toDate: int(1) }, refused(241)],
  [{ $toObjectId: '0123456789abcdef01234567' }, is(oid)],
  [{ $toObjectId: 'short' }, refused(241)],
  [{ $toInt: '$missing' }, NULL],
  [{ $convert: { input: 'x', to: 'int', onError: int(-1) } }, is(int(-1))],
  [{ $convert: { input: null, to: 'int', onNull: int(0) } }, is(int(0))],
  [{ $convert: { input: '5', to: int(16) } }, is(int(5))],
  [{ $binarySize: '$bin' }, is(int(3))],
  [{ $bsonSize: { a: int(1) } }, is(int(12))],
];

export function evaluates(server: Server): void {
  describe('expressions', () => {
    const groups = { ARITHMETIC, COMPARISON, STRINGS, ARRAYS, DATES, TYPES };
    for (const [name, rows] of Object.entries(groups)) {
      it(`of ${name.toLowerCase()} yield the right value and type in all ${rows.length} cases`, async () => {
        const { db } = server();
        await checkRows(
          rows,
          ([expression]) => evaluate(db, expression, DOCUMENT),
          ([, expected]) => expected,
          ([expression]) => JSON.stringify(expression),
        );
      });
    }
  });
}
