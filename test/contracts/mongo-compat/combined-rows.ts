import { Long, type Document } from 'bson';
import { is, refused, type Expected } from './tables.js';

type Row = readonly [documents: readonly Document[], pipeline: readonly Document[], expected: Expected];

const day = (text: string): Date => new Date(text);
const computed = (expression: unknown): Document[] => [{ $project: { _id: 0, r: expression } }];
const value = (expression: unknown, expected: unknown): Row => [
  [{ _id: 1 }],
  computed(expression),
  is([expected === undefined ? {} : { r: expected }]),
];
const VISITS: readonly Document[] = [
  { _id: 1, at: day('2024-01-01'), v: 1 },
  { _id: 2, at: day('2024-01-02'), v: 5 },
  { _id: 3, at: day('2024-01-10'), v: null },
  { _id: 4, at: day('2024-01-11'), v: 3 },
];
const window = (output: Document, sortBy: Document = { _id: 1 }): Document => ({
  $setWindowFields: { sortBy, output },
});

/** Arrays in arrays and missing values: https://www.mongodb.com/docs/manual/reference/operator/aggregation/ */
export const NESTED: readonly Row[] = [
  [[{ a: [{ b: 1 }, {}, { b: [2, 3] }, 4] }], computed('$a.b'), is([{ r: [1, [2, 3]] }])],
  [
    [{ a: [{ b: 1, c: 2 }, 5, [{ b: 3, c: 1 }]] }],
    [{ $project: { _id: 0, 'a.b': 1 } }],
    is([{ a: [{ b: 1 }, [{ b: 3 }]] }]),
  ],
  [
    [{ _id: 1, a: [{ b: 1 }, 5] }],
    [{ $project: { _id: 0, 'a.x': '$_id' } }],
    is([{ a: [{ x: 1 }, { x: 1 }] }]),
  ],
  [[{ _id: 1, g: null }, { _id: 2 }], [{ $group: { _id: '$g', n: { $sum: 1 } } }], is([{ _id: null, n: 2 }])],
  [
    [{ _id: 1 }, { _id: 2, a: null }],
    [{ $group: { _id: { a: '$a' } } }, { $sort: { _id: 1 } }],
    is([{ _id: {} }, { _id: { a: null } }]),
  ],
  [
    [{ a: [1, 2] }],
    [{ $group: { _id: null, s: { $sum: '$a' }, v: { $avg: '$a' } } }],
    is([{ _id: null, s: 0, v: null }]),
  ],
  [
    [{ _id: 1, a: { b: [1, 2] } }, { _id: 2 }, { _id: 3, a: { b: null } }, { _id: 4, a: { b: 7 } }],
    [{ $unwind: '$a.b' }, { $project: { v: '$a.b' } }],
    is([
      { _id: 1, v: 1 },
      { _id: 1, v: 2 },
      { _id: 4, v: 7 },
    ]),
  ],
  [
    [
      { _id: 1, a: {} },
      { _id: 2, a: { b: [] } },
    ],
    [{ $unwind: { path: '$a.b', preserveNullAndEmptyArrays: true } }],
    is([
      { _id: 1, a: {} },
      { _id: 2, a: {} },
    ]),
  ],
  value({ $filter: { input: '$x', cond: true } }, null),
  value({ $zip: { inputs: [[1, 2], ['a']], useLongestLength: true, defaults: [0, 'z'] } }, [
    [1, 'a'],
    [2, 'z'],
  ]),
  value({ $arrayElemAt: [[1], 5] }, undefined),
  value({ $size: { $setUnion: [[1, 1.5, Long.fromNumber(1)], ['1']] } }, 3),
  value({ $sortArray: { input: [3, 'a', null, 1, { x: 1 }, [0]], sortBy: 1 } }, [
    null,
    1,
    3,
    'a',
    { x: 1 },
    [0],
  ]),
  value({ $reduce: { input: ['a', 'b'], initialValue: '', in: { $concat: ['$$this', '$$value'] } } }, 'ba'),
];

/** https://www.mongodb.com/docs/manual/reference/operator/aggregation/setWindowFields/ */
export const WINDOWS: readonly Row[] = [
  [
    VISITS,
    [
      window({ s: { $sum: '$v', window: { range: [-2, 0], unit: 'day' } } }, { at: 1 }),
      { $project: { s: 1 } },
    ],
    is([
      { _id: 1, s: 1 },
      { _id: 2, s: 6 },
      { _id: 3, s: 0 },
      { _id: 4, s: 3 },
    ]),
  ],
  [
    [{ _id: 1 }, { _id: 2 }, { _id: 3 }],
    [window({ w: { $push: '$_id', window: { documents: [-1, 1] } } })],
    is([
      { _id: 1, w: [1, 2] },
      { _id: 2, w: [1, 2, 3] },
      { _id: 3, w: [2, 3] },
    ]),
  ],
  [
    [{ _id: 1, v: 10 }, { _id: 2 }, { _id: 3, v: 20 }],
    [window({ e: { $linearFill: '$v' }, l: { $locf: '$v' } }), { $project: { v: 0 } }],
    is([
      { _id: 1, e: 10, l: 10 },
      { _id: 2, e: 15, l: 10 },
      { _id: 3, e: 20, l: 20 },
    ]),
  ],
  [[{ _id: 1 }], [{ $setWindowFields: { output: { r: { $rank: {} } } } }], refused(5_371_602)],
  [[{ _id: 1 }], [window({ r: { $rank: {}, window: { documents: [0, 0] } } })], refused(5_371_601)],
  [
    [
      { g: 'a', v: 1 },
      { g: 'a', v: 3 },
      { g: 'b', v: 2 },
    ],
    [
      { $densify: { field: 'v', partitionByFields: ['g'], range: { step: 1, bounds: 'partition' } } },
      { $sort: { g: 1, v: 1 } },
      { $project: { _id: 0 } },
    ],
    is([
      { g: 'a', v: 1 },
      { g: 'a', v: 2 },
      { g: 'a', v: 3 },
      { g: 'b', v: 2 },
    ]),
  ],
];

const zoned = (operator: string, args: Document, expected: unknown): Row =>
  value({ [operator]: args }, expected);

/** https://www.mongodb.com/docs/manual/reference/operator/aggregation/#date-expression-operators */
export const ZONES: readonly Row[] = [
  zoned(
    '$dateAdd',
    { startDate: day('2024-01-31T12:00:00Z'), unit: 'month', amount: 1, timezone: 'Europe/Berlin' },
    day('2024-02-29T12:00:00Z'),
  ),
  zoned(
    '$dateAdd',
    { startDate: day('2024-03-30T11:00:00Z'), unit: 'day', amount: 1, timezone: 'Europe/Berlin' },
    day('2024-03-31T10:00:00Z'),
  ),
  zoned(
    '$dateAdd',
    { startDate: day('2024-03-30T11:00:00Z'), unit: 'hour', amount: 24, timezone: 'Europe/Berlin' },
    day('2024-03-31T11:00:00Z'),
  ),
  zoned(
    '$dateDiff',
    {
      startDate: day('2024-01-01T16:59:00Z'),
      endDate: day('2024-01-01T17:01:00Z'),
      unit: 'day',
      timezone: 'Asia/Jakarta',
    },
    1,
  ),
  zoned(
    '$dateTrunc',
    { date: day('2024-01-01T00:20:00Z'), unit: 'minute', binSize: 15, timezone: 'Asia/Kathmandu' },
    day('2024-01-01T00:15:00Z'),
  ),
  zoned(
    '$dateTrunc',
    { date: day('2024-03-31T17:30:00Z'), unit: 'quarter', timezone: 'Asia/Jakarta' },
    day('2024-03-31T17:00:00Z'),
  ),
  zoned(
    '$dateToString',
    { date: day('2024-12-30T23:05:06.007Z'), format: '%G-W%V-%u %j %z %Z', timezone: 'America/New_York' },
    '2025-W01-1 365 -0500 -300',
  ),
  zoned(
    '$dateFromString',
    { dateString: '2024-06-01 08:00', format: '%Y-%m-%d %H:%M', timezone: 'Asia/Jakarta' },
    day('2024-06-01T01:00:00Z'),
  ),
  zoned('$dateFromParts', { year: 2024, month: 14, day: 0, hour: 25 }, day('2025-02-01T01:00:00Z')),
  zoned('$hour', { date: day('2024-07-01T00:00:00Z'), timezone: '+05:45' }, 5),
];

/** https://www.mongodb.com/docs/manual/reference/operator/aggregation/graphLookup/, lookup/ and facet/ */
export const JOINS: readonly Row[] = [
  [
    [{ _id: 1, to: [2, 3] }, { _id: 2, to: 1 }, { _id: 3, to: 4, off: true }, { _id: 4 }],
    [
      { $match: { _id: 1 } },
      {
        $graphLookup: {
          from: 'combined',
          startWith: '$to',
          connectFromField: 'to',
          connectToField: '_id',
          as: 'r',
          restrictSearchWithMatch: { off: { $ne: true } },
        },
      },
      { $project: { _id: 0, r: { $sortArray: { input: '$r._id', sortBy: 1 } } } },
    ],
    is([{ r: [1, 2] }]),
  ],
  [
    [{ _id: 1, k: 2 }, { _id: 2 }, { _id: 3, k: [1, 2] }],
    [
      { $lookup: { from: 'combined', localField: 'k', foreignField: 'k', as: 'm' } },
      { $project: { m: { $sortArray: { input: '$m._id', sortBy: 1 } } } },
      { $sort: { _id: 1 } },
    ],
    is([
      { _id: 1, m: [1, 3] },
      { _id: 2, m: [2] },
      { _id: 3, m: [1, 3] },
    ]),
  ],
  [
    [{ _id: 1, z: 5 }],
    [
      {
        $lookup: {
          from: 'combined',
          let: { z: '$z' },
          pipeline: [
            { $lookup: { from: 'combined', pipeline: [{ $project: { _id: 0, y: '$$z' } }], as: 'q' } },
            { $project: { _id: 0, q: 1 } },
          ],
          as: 'm',
        },
      },
      { $project: { _id: 0, m: 1 } },
    ],
    is([{ m: [{ q: [{ y: 5 }] }] }]),
  ],
  [
    [{ _id: 1 }],
    [{ $lookup: { from: 'combined', pipeline: [{ $match: { $expr: { $eq: ['$k', '$$no'] } } }], as: 'm' } }],
    refused(17_276),
  ],
  [[{ _id: 1 }], [{ $facet: { a: [{ $facet: { b: [] } }] } }], refused(40_600)],
  [[{ _id: 1 }], [{ $facet: {} }], refused(40_169)],
];

/** Ids in the order of a sort: https://www.mongodb.com/docs/manual/reference/bson-type-comparison-order/ */
export const SORTS: readonly (readonly [
  documents: readonly Document[],
  sort: Document,
  expected: Expected,
])[] = [
  [
    [{ a: [5, 1] }, { a: 2 }, { a: [] }, {}, { a: null }, { a: 'x' }],
    { a: 1, _id: 1 },
    is([2, 3, 4, 0, 1, 5]),
  ],
  [[{ a: [5, 1] }, { a: 2 }, { a: [] }, {}, { a: null }], { a: -1, _id: 1 }, is([0, 1, 3, 4, 2])],
  [[{ a: [{ b: 3 }, { b: 9 }] }, { a: { b: 5 } }, { a: [{ c: 1 }] }], { 'a.b': 1 }, is([2, 0, 1])],
  // Two fields of the same array are compared element by element, not each for itself.
  [
    [
      {
        a: [
          { b: 1, c: 9 },
          { b: 2, c: 0 },
        ],
      },
      { a: [{ b: 1, c: 5 }] },
    ],
    { 'a.b': 1, 'a.c': 1 },
    is([1, 0]),
  ],
  [[{ a: [1, 2], b: [1, 2] }], { a: 1, b: 1 }, refused(2)],
];
