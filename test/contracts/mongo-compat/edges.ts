import { Long, type Document } from 'bson';
import { MongoBulkWriteError } from 'mongodb';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BY_ID, TABLES, withIds, type Row, type Rows } from './edge-rows.js';
import { refusal, type Server } from './server.js';
import { checkRows } from './tables.js';

const numbered = (count: number): Document[] => Array.from({ length: count }, (_, n) => ({ n }));

/** https://www.mongodb.com/docs/manual/reference/command/find/#command-fields */
const command = (rows: Rows, more: Document, server: Server): Promise<Document> =>
  server().db.command({ find: rows.collectionName, sort: { _id: 1 }, projection: { n: 1, _id: 0 }, ...more });

/** Edges of commands that applications meet sooner or later. */
export function handlesEdges(server: Server): void {
  describe('at the edges', () => {
    let rows: Rows;

    beforeEach(() => {
      rows = server().db.collection<Row>('edges');
    });

    afterEach(async () => {
      await rows.drop();
    });

    it.each(TABLES)('%s yield what MongoDB yields', async (_name, cases) => {
      await checkRows(
        cases,
        async ([documents, operation]) => {
          await rows.drop();
          if (documents.length > 0) await rows.insertMany(withIds(documents));
          return operation(rows);
        },
        ([, , expected]) => expected,
        ([documents, operation]) => `${JSON.stringify(documents)} ${String(operation)}`,
      );
    });

    // https://www.mongodb.com/docs/manual/core/index-sparse/ and /core/index-partial/
    it('unique indexes treat null and missing as one value unless they are sparse or partial', async () => {
      const [plain, sparse, partial] = ['u', 's', 'p'].map((name) => server().db.collection(`edges_${name}`));
      await plain?.createIndex({ k: 1 }, { unique: true });
      await sparse?.createIndex({ k: 1 }, { unique: true, sparse: true });
      await partial?.createIndex(
        { k: 1 },
        { unique: true, partialFilterExpression: { k: { $exists: true } } },
      );
      await plain?.insertOne({});
      await sparse?.insertMany([{}, {}, { k: null }]);
      await partial?.insertMany([{}, {}, { k: null }]);
      for (const one of [plain, sparse, partial])
        expect((await refusal(one?.insertOne({ k: null }) ?? Promise.resolve())).code).toBe(11_000);
      expect(await sparse?.countDocuments({ k: null })).toBe(3);
      expect(await sparse?.find({ k: { $exists: false } }).toArray()).toHaveLength(2);
      expect(await sparse?.find({}, { sort: { k: 1 } }).toArray()).toHaveLength(3);
      for (const one of [plain, sparse, partial]) await one?.drop();
    });

    // https://www.mongodb.com/docs/manual/reference/method/Bulk/#error-handling
    it('bulk writes report what they did until an error, or everywhere but there', async () => {
      const writes = [
        { insertOne: { document: { _id: 1 } } },
        { insertOne: { document: { _id: 1 } } },
        { updateOne: { filter: { _id: 1 }, update: { $set: { a: 1 } } } },
        { updateOne: { filter: { _id: 7 }, update: { $set: { a: 1 } }, upsert: true } },
        { insertOne: { document: { _id: 7 } } },
        { deleteOne: { filter: { _id: 1 } } },
      ];
      const outcome = async (ordered: boolean): Promise<unknown> => {
        await rows.deleteMany({});
        const error: unknown = await rows.bulkWrite(writes, { ordered }).catch((reason: unknown) => reason);
        if (!(error instanceof MongoBulkWriteError)) return error;
        const { insertedCount, modifiedCount, upsertedIds, deletedCount } = error.result;
        const errors = [error.writeErrors].flat().map(({ index, code }) => ({ index, code }));
        return { insertedCount, modifiedCount, upsertedIds, deletedCount, errors };
      };
      const duplicate = { index: 1, code: 11_000 };
      expect(await outcome(true)).toEqual({
        insertedCount: 1,
        modifiedCount: 0,
        upsertedIds: {},
        deletedCount: 0,
        errors: [duplicate],
      });
      // The driver sends all inserts first, then the updates, then the deletions.
      expect(await outcome(false)).toEqual({
        insertedCount: 2,
        modifiedCount: 2,
        upsertedIds: {},
        deletedCount: 1,
        errors: [duplicate],
      });
    });

    it('an error of a write names the key and the value that is already there', async () => {
      await rows.createIndex({ 'a.b': 1, c: -1 }, { unique: true });
      await rows.insertOne({ _id: 1, a: { b: 'x' }, c: 2 });
      const error = await refusal(rows.insertOne({ _id: 2, a: [{ b: 'x' }, { b: 'y' }], c: 2 }));
      expect(error).toMatchObject({
        code: 11_000,
        keyPattern: { 'a.b': 1, c: -1 },
        keyValue: { 'a.b': 'x', c: 2 },
      });
      expect(error.message).toContain(`index: a.b_1_c_-1 dup key: { a.b: "x", c: 2 }`);
    });

    // https://www.mongodb.com/docs/manual/reference/command/find/ and /reference/method/cursor.limit/
    it('batches of no documents, single batches and negative limits', async () => {
      await rows.insertMany(withIds(numbered(5)));
      const { cursor: empty } = await command(rows, { batchSize: 0 }, server);
      expect(empty).toMatchObject({ firstBatch: [] });
      expect((empty as Document)['id']).not.toEqual(Long.ZERO);
      const { cursor: single } = await command(rows, { batchSize: 2, singleBatch: true }, server);
      expect(single).toMatchObject({ firstBatch: [{ n: 0 }, { n: 1 }], id: 0 });
      expect((await refusal(command(rows, { limit: -2 }, server))).code).toBe(51_024);
      expect((await refusal(command(rows, { batchSize: -2 }, server))).code).toBe(51_024);
      expect((await refusal(command(rows, { skip: -1 }, server))).code).toBe(51_024);
      expect(await rows.find({}, { limit: -2 }).toArray()).toHaveLength(2);
      const { n } = await server().db.command({ count: rows.collectionName, query: {}, limit: -3 });
      expect(n).toBe(3);
    });

    // https://www.mongodb.com/docs/manual/reference/operator/query/expr/#behavior
    it('$expr compares without looking into arrays, and uses an index', async () => {
      await rows.insertMany(withIds([{ a: 5 }, { a: [5, 6] }, { a: null }, {}, { a: '5' }]));
      await rows.createIndex({ a: 1 });
      const ids = async (filter: Document): Promise<unknown> =>
        (await rows.find(filter, BY_ID).toArray()).map(({ _id }) => _id);
      expect(await ids({ $expr: { $eq: ['$a', 5] } })).toEqual([1]);
      expect(await ids({ a: 5, $expr: { $gt: ['$a', 4] } })).toEqual([1, 2]);
      expect(await ids({ $expr: { $lt: ['$a', 5] } })).toEqual([3, 4]);
      expect(await ids({ $expr: { $gte: ['$a', '5'] } })).toEqual([2, 5]);
    });

    // https://www.mongodb.com/docs/manual/core/index-ttl/#expiration-of-data
    it('documents expire by the earliest date of an array, and not at all without one', async () => {
      await rows.createIndex({ at: 1 }, { expireAfterSeconds: 60 });
      const [past, future] = [new Date(Date.now() - 3_600_000), new Date(Date.now() + 3_600_000)];
      await rows.insertMany(
        withIds([
          { at: [future, past] },
          { at: [future] },
          { at: 'yesterday' },
          { at: [] },
          {},
          { at: past },
        ]),
      );
      const left = async (): Promise<unknown> => (await rows.find({}, BY_ID).toArray()).map(({ _id }) => _id);
      await expect.poll(left, { timeout: 100_000, interval: 500 }).toEqual([2, 3, 4, 5]);
    });

    // https://www.mongodb.com/docs/manual/reference/collation/
    it('a collation decides in arrays, $in, distinct and indexes', async () => {
      await rows.insertMany(withIds([{ a: 'Ana' }, { a: ['ANA', 'Bo'] }, { a: 'bo' }]));
      const collation = { locale: 'en', strength: 2 };
      const ids = async (filter: Document): Promise<unknown> =>
        (await rows.find(filter, { ...BY_ID, collation }).toArray()).map(({ _id }) => _id);
      const check = async (): Promise<void> => {
        expect(await ids({ a: 'ana' })).toEqual([1, 2]);
        expect(await ids({ a: { $in: ['BO'] } })).toEqual([2, 3]);
        expect(await ids({ a: { $gte: 'b' } })).toEqual([2, 3]);
        expect(await rows.distinct('a', {}, { collation })).toHaveLength(2);
        expect(await rows.countDocuments({ a: 'ana' })).toBe(0);
      };
      await check();
      await rows.createIndex({ a: 1 }, { collation });
      await check();
    });
  });
}
