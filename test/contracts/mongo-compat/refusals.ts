import { Int32, type Document } from 'bson';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Server } from './server.js';
import { checkRows, refused, type Expected } from './tables.js';

type Row = readonly [command: Document, expected: Expected];

const one = new Int32(1);
const find = (more: Document): Document => ({ find: 'asked', ...more });
const aggregate = (...pipeline: Document[]): Document => ({ aggregate: 'asked', pipeline, cursor: {} });
const update = (more: Document): Document => ({
  update: 'asked',
  updates: [{ q: {}, u: { $set: { a: 1 } }, ...more }],
});

/** Valid commands; to each of them a field is added that exists in no version of MongoDB. */
const UNKNOWN_FIELDS: readonly Document[] = [
  find({}),
  aggregate(),
  { count: 'asked' },
  { distinct: 'asked', key: 'a' },
  { getMore: one, collection: 'asked' },
  { killCursors: 'asked', cursors: [one] },
  { insert: 'asked', documents: [{ a: 1 }] },
  update({}),
  { delete: 'asked', deletes: [{ q: {}, limit: 1 }] },
  { findAndModify: 'asked', query: {}, remove: true },
  { create: 'not made' },
  { createIndexes: 'asked', indexes: [{ key: { z: 1 }, name: 'z' }] },
  { dropIndexes: 'asked', index: 'z' },
  { listIndexes: 'asked' },
  { listCollections: 1 },
  { drop: 'asked' },
];

/** Arguments that the stage or expression does not have. */
const UNKNOWN_ARGUMENTS: readonly (readonly [stage: Document, code: number])[] = [
  [{ $unwind: { path: '$a', nope: 1 } }, 28811],
  [{ $bucket: { groupBy: '$a', boundaries: [0, 5], nope: 1 } }, 40197],
  [{ $bucketAuto: { groupBy: '$a', buckets: 2, nope: 1 } }, 40245],
  [{ $sample: { size: 1, nope: 1 } }, 28748],
  [{ $replaceRoot: { newRoot: '$$ROOT', nope: 1 } }, 40415],
  [{ $unionWith: { coll: 'asked', nope: 1 } }, 40415],
  [{ $lookup: { from: 'asked', localField: 'a', foreignField: 'a', as: 'b', nope: 1 } }, 9],
  [{ $setWindowFields: { sortBy: { a: 1 }, output: { r: { $rank: {} } }, nope: 1 } }, 40415],
  [{ $setWindowFields: { sortBy: { a: 1 }, output: { r: { $rank: {}, nope: 1 } } } }, 9],
  [{ $setWindowFields: { sortBy: { a: 1 }, output: { r: { $sum: 1, window: { nope: 1 } } } } }, 9],
  [{ $setWindowFields: { sortBy: { a: 1 }, output: { r: { $sum: 1, $max: '$a' } } } }, 9],
  [{ $setWindowFields: { sortBy: { a: 1 }, output: { r: { $rank: {}, $documentNumber: {} } } } }, 9],
  [{ $densify: { field: 'a', range: { step: 1, bounds: 'full' }, nope: 1 } }, 40415],
  [{ $densify: { field: 'a', range: { step: 1, bounds: 'full', nope: 1 } } }, 40415],
  [{ $fill: { output: { b: { value: 1 } }, nope: 1 } }, 40415],
  [{ $fill: { output: { b: { value: 1, nope: 1 } } } }, 40415],
  [{ $merge: { into: 'not made', nope: 1 } }, 40415],
  [{ $out: { db: 'not made', coll: 'not made', nope: 1 } }, 40415],
  [{ $collStats: { nope: 1 } }, 40415],
  [{ $indexStats: { nope: 1 } }, 28803],
  [{ $set: { b: { $switch: { branches: [{ case: true, then: 1 }], nope: 1 } } } }, 40067],
  [{ $set: { b: { $zip: { inputs: [[1]], nope: 1 } } } }, 34464],
  [{ $set: { b: { $convert: { input: 1, to: 'int', nope: 1 } } } }, 9],
  [{ $set: { b: { $let: { vars: {}, in: 1, nope: 1 } } } }, 16875],
  [{ $set: { b: { $sortArray: { input: [1], sortBy: 1, nope: 1 } } } }, 2942500],
  [{ $set: { b: { $getField: { field: 'a', nope: 1 } } } }, 3041701],
  [{ $set: { b: { $filter: { input: [1], cond: true, nope: 1 } } } }, 9],
  [{ $set: { b: { $dateTrunc: { date: new Date(0), unit: 'day', nope: 1 } } } }, 9],
];

/** Commands with a field of the wrong type. */
const WRONG_TYPES: readonly Document[] = [
  find({ limit: 'a' }),
  find({ batchSize: 'a' }),
  find({ sort: [] }),
  find({ projection: [] }),
  find({ singleBatch: 'yes' }),
  find({ maxTimeMS: 'a' }),
  find({ collation: 'en' }),
  { aggregate: 'asked', pipeline: [], cursor: 1 },
  { insert: 'asked', documents: [{ a: 1 }], ordered: 'no' },
  { insert: 'asked', documents: [{ a: 1 }], writeConcern: 1 },
  update({ multi: 'yes' }),
  update({ upsert: 'yes' }),
  update({ arrayFilters: {} }),
  { delete: 'asked', deletes: [{ q: 5, limit: 1 }] },
  { findAndModify: 'asked', query: {}, remove: 'yes' },
  { count: 'asked', query: [] },
  { create: 'not made', validator: 5 },
];

/**
 * The error codes for commands that are wrong or ask for something that must not be ignored; codes from
 * https://github.com/mongodb/mongo/blob/master/src/mongo/base/error_codes.yml and from individual checks.
 */
const COMMANDS: readonly Row[] = [
  [{ nope: 1 }, refused(59)],
  [find({ filter: 5 }), refused(14)],
  [find({ filter: { $nope: 1 } }), refused(2)],
  [find({ sort: { a: 2 } }), refused(2)],
  [find({ sort: { a: 'x' } }), refused(2)],
  [find({ skip: -1 }), refused(51024)],
  [find({ limit: -1 }), refused(51024)],
  [find({ batchSize: -1 }), refused(51024)],
  [find({ maxTimeMS: -1 }), refused(2)],
  [find({ sort: { $natural: 2 } }), refused(2)],
  [find({ sort: { $natural: 1, a: 1 } }), refused(2)],
  [find({ sort: { $natural: 1 }, hint: { _id: 1 } }), refused(2)],
  [find({ sort: { $a: 1 } }), refused(16410)],
  [find({ hint: 'nope' }), refused(2)],
  [find({ tailable: true }), refused(2)],
  [find({ awaitData: true }), refused(9)],
  [find({ readConcern: { level: 'nope' } }), refused(9)],
  [find({ collation: { strength: 2 } }), refused(40414)],
  [find({ collation: { locale: 'en', nope: 1 } }), refused(40415)],
  [find({ collation: { locale: 'en', strength: 9 } }), refused(72)],
  [find({ filter: { a: { $in: 5 } } }), refused(2)],
  [find({ filter: { a: { $regex: '(' } } }), refused(51091)],
  [find({ filter: { $text: { $search: 'x' } } }), refused(27)],
  [find({ filter: { $expr: { $nope: 1 } } }), refused(168)],
  [{ find: '' }, refused(73)],
  [{ find: 5 }, refused(73)],
  [{ getMore: one, collection: 'asked' }, refused(43)],
  [{ count: 'asked', query: { $nope: 1 } }, refused(2)],
  [{ distinct: 'asked', key: 5 }, refused(14)],
  [{ explain: find({}), verbosity: 'nope' }, refused(2)],
  [{ aggregate: 'asked', pipeline: 5, cursor: {} }, refused(14)],
  [{ aggregate: 'asked', pipeline: [] }, refused(9)],
  [aggregate({ $nope: 1 }), refused(40324)],
  [aggregate({ $match: 5 }), refused(15959)],
  [aggregate({ $limit: 0 }), refused(15958)],
  [aggregate({ $sort: {} }), refused(15976)],
  [aggregate({ $sort: { a: 5 } }), refused(15975)],
  [aggregate({ $group: 5 }), refused(15947)],
  [aggregate({ $group: { _id: 1, n: 5 } }), refused(40234)],
  [aggregate({ $unwind: 'a' }), refused(28818)],
  [aggregate({ $project: {} }), refused(51272)],
  [aggregate({ $count: '' }), refused(40156)],
  [aggregate({ $count: 'a.b' }), refused(40160)],
  [aggregate({ $lookup: { from: 'x' } }), refused(9)],
  [aggregate({ $facet: { a: [{ $out: 'x' }] } }), refused(40600)],
  [aggregate({ $out: 'x' }, { $match: {} }), refused(40601)],
  [aggregate({ $match: { $where: 'true' } }), refused(115)],
  [aggregate({ $bucket: { groupBy: '$a', boundaries: [1] } }), refused(40192)],
  [aggregate({ $bucket: { groupBy: '$a', boundaries: [2, 1] } }), refused(40194)],
  [aggregate({ $sample: { size: -1 } }), refused(28747)],
  [aggregate({ $replaceRoot: { newRoot: '$a' } }), refused(40228)],
  [aggregate({ $set: { a: { $divide: [1, 0] } } }), refused(2)],
  [aggregate({ $set: { a: { $add: [1], $subtract: [1] } } }), refused(15983)],
  [aggregate({ $set: { a: '$$nope' } }), refused(17276)],
  [{ insert: 'asked', documents: [] }, refused(16)],
  [{ insert: 'asked', documents: 5 }, refused(14)],
  [{ insert: 'as$ked', documents: [{}] }, refused(73)],
  [{ ...update({}), updates: [] }, refused(16)],
  [{ ...update({}), updates: [5] }, refused(14)],
  [{ ...update({}), writeConcern: { w: 51 } }, refused(9)],
  [{ delete: 'asked', deletes: [] }, refused(16)],
  [{ delete: 'asked', deletes: [{ q: {} }] }, refused(40414)],
  [{ delete: 'asked', deletes: [{ limit: 0 }] }, refused(40414)],
  [{ delete: 'asked', deletes: [{ q: {}, limit: 2 }] }, refused(9)],
  [{ update: 'asked', updates: [{ q: {} }] }, refused(40414)],
  [{ findAndModify: 'asked', query: {} }, refused(9)],
  [{ findAndModify: 'asked', query: 5, update: { $set: { a: 1 } } }, refused(14)],
  [{ findAndModify: 'asked', remove: true, new: true }, refused(9)],
  [{ findAndModify: 'asked', remove: true, update: { a: 1 } }, refused(9)],
  [{ createIndexes: 'asked', indexes: [{ key: {}, name: 'x' }] }, refused(67)],
  [{ createIndexes: 'asked', indexes: [{ key: { a: 1 } }] }, refused(9)],
  [{ createIndexes: 'asked', indexes: [{ key: { a: 0 }, name: 'x' }] }, refused(67)],
  [{ createIndexes: 'asked', indexes: [{ key: { a: 1 }, name: 'x', nope: 1 }] }, refused(197)],
  [
    { createIndexes: 'asked', indexes: [{ key: { a: 1, b: 1 }, name: 'x', expireAfterSeconds: 1 }] },
    refused(67),
  ],
  [
    {
      createIndexes: 'asked',
      indexes: [{ key: { a: 1 }, name: 'x', sparse: true, partialFilterExpression: { a: 1 } }],
    },
    refused(67),
  ],
  [{ dropIndexes: 'asked', index: 'nope' }, refused(27)],
  [{ dropIndexes: 'asked', index: '_id_' }, refused(72)],
  [{ dropIndexes: 'nowhere', index: 'x' }, refused(26)],
  [{ listIndexes: 'nowhere' }, refused(26)],
  [{ collMod: 'nowhere' }, refused(26)],
  [{ validate: 'nowhere' }, refused(26)],
  [{ create: 'asked', validator: { a: 1 } }, refused(48)],
  [{ create: 'a view', viewOn: 5 }, refused(2)],
  [{ bulkWrite: 1, ops: [], nsInfo: [] }, refused(13)],
  [{ getParameter: 1, nope: 1 }, refused(72)],
  [{ commitTransaction: 1 }, refused(251)],
  [find({ readConcern: { nope: 1 } }), refused(40415)],
  [{ insert: 'asked', documents: [{ a: 1 }], writeConcern: { nope: 1 } }, refused(40415)],
  ...UNKNOWN_FIELDS.map((command): Row => [{ ...command, nope: 1 }, refused(40415)]),
  [update({ nope: 1 }), refused(40415)],
  ...UNKNOWN_ARGUMENTS.map(([stage, code]): Row => [aggregate(stage), refused(code)]),
  ...WRONG_TYPES.map((command): Row => [command, refused(14)]),
  [{ explain: find({ nope: 1 }) }, refused(40415)],
  [{ aggregate: 'asked', pipeline: [], cursor: { nope: 1 } }, refused(40415)],
  [{ collMod: 'asked', nope: 1 }, refused(40415)],
  [{ collMod: 'asked', index: { name: '_id_', nope: 1 } }, refused(40415)],
  [{ create: 'not made', changeStreamPreAndPostImages: { enabled: true, nope: 1 } }, refused(40415)],
  [{ create: 'not made', expireAfterSeconds: 5 }, refused(72)],
  [{ create: 'not made', validationLevel: 'nope' }, refused(2)],
  [find({ sort: { a: { $meta: 'textScore' } } }), refused(40218)],
  [find({ filter: { a: { $regex: 'a', $options: 'q' } } }), refused(51108)],
  [find({ filter: { a: { $options: 'i' } } }), refused(2)],
  [{ delete: 'asked', deletes: [{ q: {}, limit: 1, nope: 1 }] }, refused(40415)],
  [
    {
      createIndexes: 'asked',
      indexes: [{ key: { a: 1 }, name: 'x', partialFilterExpression: { a: { $ne: 1 } } }],
    },
    refused(67),
  ],
  [
    {
      createIndexes: 'asked',
      indexes: [{ key: { a: 1 }, name: 'x', partialFilterExpression: { a: { $exists: false } } }],
    },
    refused(67),
  ],
];

/**
 * Supported by an ordinary server; this store may reject it, for example with 115 or 67, but must not ignore
 * it.
 */
const MAY_BE_REFUSED: readonly Document[] = [
  { create: 'capped_one', capped: true, size: 4_096 },
  { create: 'timed_one', timeseries: { timeField: 't' } },
  { create: 'collated_one', collation: { locale: 'en', strength: 2 } },
  { createIndexes: 'asked', indexes: [{ key: { t: 'text' }, name: 't' }] },
  { createIndexes: 'asked', indexes: [{ key: { '$**': 1 }, name: 'w' }] },
  find({ filter: { $expr: { $eq: ['$a', 1] } }, collation: { locale: 'en', strength: 2 } }),
  find({ collation: { locale: 'en', strength: 1, caseLevel: true } }),
  find({ collation: { locale: 'en', alternate: 'shifted' } }),
  aggregate({ $changeStream: { showExpandedEvents: true } }),
];

/** Valid commands that are answered, though rarely needed. */
const ANSWERED: readonly (readonly [command: Document, reply: Document])[] = [
  [{ ping: 1 }, { ok: 1 }],
  [
    { hello: 1 },
    { isWritablePrimary: true, maxBsonObjectSize: 16_777_216, logicalSessionTimeoutMinutes: 30 },
  ],
  [{ buildInfo: 1 }, { ok: 1 }],
  [{ count: 'asked' }, { n: 3 }],
  [{ count: 'nowhere' }, { n: 0 }],
  [{ distinct: 'nowhere', key: 'a' }, { values: [] }],
  [{ dropIndexes: 'asked', index: '*' }, { ok: 1 }],
  [{ drop: 'nowhere' }, { ok: 1 }],
  [{ killCursors: 'asked', cursors: [one] }, { ok: 1 }],
  [{ killAllSessions: [] }, { ok: 1 }],
  [{ refreshSessions: [] }, { ok: 1 }],
  [{ validate: 'asked' }, { valid: true, nrecords: 3 }],
  [{ collStats: 'asked' }, { count: 3, nindexes: 1 }],
  [{ dbStats: 1 }, { ok: 1 }],
  [{ serverStatus: 1 }, { ok: 1 }],
  [{ connectionStatus: 1 }, { ok: 1 }],
  [{ listDatabases: 1, nameOnly: true }, { ok: 1 }],
];

export function refuses(server: Server): void {
  describe('commands', () => {
    beforeAll(async () => {
      await server()
        .db.collection('asked')
        .insertMany([{ a: 1 }, { a: 2 }, { a: 3 }]);
    });

    const nameOf = (command: Document): string => JSON.stringify(command);

    it(`that are wrong are refused with MongoDB’s codes in all ${COMMANDS.length} cases`, async () => {
      const { db } = server();
      await checkRows(
        COMMANDS,
        ([command]) => db.command(command),
        ([, expected]) => expected,
        ([command]) => nameOf(command),
      );
    });

    it(`with partly supported options are answered or refused, in none of ${MAY_BE_REFUSED.length} cases ignored`, async () => {
      const { db } = server();
      const refusals = new Set([2, 27, 67, 115, 31082, 40324, 291]);
      for (const command of MAY_BE_REFUSED) {
        const { ok, code } = await db.command(command).catch((error: unknown) => error as Document);
        expect([nameOf(command), ok === 1 || refusals.has(Number(code))]).toEqual([nameOf(command), true]);
      }
    });

    it(`that are right are answered in all ${ANSWERED.length} cases`, async () => {
      const { db, client } = server();
      for (const [command, reply] of ANSWERED) {
        const database = 'listDatabases' in command || 'killAllSessions' in command ? client.db('admin') : db;
        expect(await database.command(command)).toMatchObject(reply);
      }
    });
  });
}
