import { Decimal128, Double, Int32, Long, Timestamp, type Document } from 'bson';
import type { ClientSession, Collection } from 'mongodb';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { refusal, type Server } from './server.js';

interface Row extends Document {
  readonly _id: number;
}

/** Sessions: snapshots of earlier states, and collections created in a transaction. */
export function keepsMoments(server: Server): void {
  describe('sessions', () => {
    let rows: Collection<Row>;
    let sessions: ClientSession[];

    const session = (options = {}): ClientSession => {
      const newSession = server().client.startSession(options);
      sessions.push(newSession);
      return newSession;
    };

    beforeEach(async () => {
      sessions = [];
      rows = server().db.collection<Row>('moments');
      await rows.deleteMany({});
      await rows.insertMany([
        { _id: 1, x: 11 },
        { _id: 2, x: 11 },
      ]);
    });

    afterEach(async () => {
      for (const one of sessions) await one.endSession();
    });

    // https://www.mongodb.com/docs/manual/reference/read-concern-snapshot/
    it('with snapshot reads see the same in find, aggregate and distinct, whatever is written meanwhile', async () => {
      const then = session({ snapshot: true });
      expect(await rows.findOne({ _id: 1 }, { session: then })).toEqual({ _id: 1, x: 11 });
      await rows.updateOne({ _id: 1 }, { $inc: { x: 1 } });
      await rows.insertOne({ _id: 3, x: 99 });
      await rows.deleteOne({ _id: 2 });
      const later = session({ snapshot: true });
      expect(await rows.find({}, { session: later, sort: { _id: 1 } }).toArray()).toEqual([
        { _id: 1, x: 12 },
        { _id: 3, x: 99 },
      ]);
      await rows.deleteMany({});
      expect(await rows.find({}, { session: then, sort: { _id: 1 } }).toArray()).toEqual([
        { _id: 1, x: 11 },
        { _id: 2, x: 11 },
      ]);
      expect(await rows.distinct('x', {}, { session: then })).toEqual([11]);
      expect(await rows.distinct('x', {}, { session: later })).toEqual([12, 99]);
      expect(await rows.countDocuments({}, { session: then })).toBe(2);
    });

    it('with snapshot reads may not write or list, and a time that is no longer kept is refused', async () => {
      const { db } = server();
      const concern = { readConcern: { level: 'snapshot' } };
      const insert = db.command({ insert: 'moments', documents: [{ _id: 9 }], ...concern });
      expect((await refusal(insert)).code).toBe(72);
      expect((await refusal(db.command({ listCollections: 1, ...concern }))).code).toBe(72);
      const atClusterTime = new Timestamp({ t: 1_000, i: 1 });
      const old = db.command({ find: 'moments', readConcern: { level: 'snapshot', atClusterTime } });
      expect((await refusal(old)).code).toBe(239);
    });

    // https://www.mongodb.com/docs/manual/reference/read-concern-linearizable/
    it('allow linearizable reads only in find, count, distinct and aggregate without $out', async () => {
      const { db } = server();
      const readConcern = { level: 'linearizable' };
      expect(await db.command({ count: 'moments', readConcern })).toMatchObject({ n: 2 });
      const pipeline = [{ $out: 'elsewhere' }];
      const out = db.command({ aggregate: 'moments', pipeline, cursor: {}, readConcern });
      expect((await refusal(out)).code).toBe(72);
    });

    // https://www.mongodb.com/docs/manual/reference/operator/aggregation/listLocalSessions/
    it('are listed by $listLocalSessions, but only on a database', async () => {
      const { db } = server();
      const [first] = await db.aggregate([{ $listLocalSessions: {} }, { $limit: 1 }]).toArray();
      expect(first).toMatchObject({ _id: { id: expect.anything() as unknown } });
      expect((await refusal(rows.aggregate([{ $listLocalSessions: {} }]).toArray())).code).toBe(73);
    });

    it('with a cluster time from no server are refused', async () => {
      const one = session();
      // The driver validates cluster times and sends the greater of two, so the invalid one is set directly.
      Object.assign(one, { clusterTime: { clusterTime: { greaterThan: () => true } } });
      expect((await refusal(rows.findOne({}, { session: one }))).code).toBe(14);
    });

    // https://www.mongodb.com/docs/manual/core/transactions-operations/#create-collections-and-indexes-in-a-transaction
    it('that create a collection in a transaction show it after the commit', async () => {
      const { db } = server();
      const names = async (): Promise<string[]> =>
        (await db.listCollections({ name: /^in_txn/ }).toArray()).map(({ name }) => name).sort();
      const one = session();
      one.startTransaction();
      await db.createCollection('in_txn', { session: one });
      await db.collection('in_txn').createIndex({ k: 1 }, { unique: true, session: one });
      await db.collection('in_txn').insertOne({ k: 1 }, { session: one });
      await db.collection('in_txn_too').insertOne({ k: 2 }, { session: one });
      expect(await db.collection('in_txn').countDocuments({}, { session: one })).toBe(1);
      expect(await names()).toEqual([]);
      await one.abortTransaction();
      expect(await names()).toEqual([]);
      one.startTransaction();
      await db.collection('in_txn').createIndex({ k: 1 }, { unique: true, session: one });
      await db.collection('in_txn').insertOne({ k: 1 }, { session: one });
      await one.commitTransaction();
      expect(await names()).toEqual(['in_txn']);
      expect((await refusal(db.collection('in_txn').insertOne({ k: 1 }))).code).toBe(11_000);
      one.startTransaction();
      const late = db.collection('in_txn').createIndex({ other: 1 }, { session: one });
      expect((await refusal(late)).code).toBe(263);
      await one.abortTransaction();
      await db.collection('in_txn').drop();
    });

    // https://www.mongodb.com/docs/manual/reference/change-events/
    it('with change streams receive values of the types they were written with', async () => {
      const stream = rows.watch([{ $match: { operationType: { $in: ['insert', 'update'] } } }], {
        fullDocument: 'updateLookup',
        promoteValues: false,
        promoteLongs: false,
      });
      await stream.tryNext();
      const typed = { i: new Int32(1), d: new Double(1), l: Long.fromString('9007199254740993') };
      await rows.insertOne({ _id: 70, ...typed });
      expect(await stream.next()).toMatchObject({ fullDocument: typed });
      const more = { e: Decimal128.fromString('1.10'), w: new Double(2) };
      await rows.updateOne({ _id: 70 }, { $set: more });
      expect(await stream.next()).toMatchObject({
        updateDescription: { updatedFields: more, removedFields: [] },
        fullDocument: { ...typed, ...more },
      });
      await stream.close();
      const wrong = server().db.command({
        aggregate: 'moments',
        pipeline: [{ $changeStream: { nope: 1 } }],
        cursor: {},
      });
      expect((await refusal(wrong)).code).toBe(40_415);
    });

    it('that insert the same key in two transactions get a conflict for the second at once', async () => {
      const [one, two] = [session(), session()];
      one.startTransaction();
      two.startTransaction();
      await rows.insertOne({ _id: 7 }, { session: one });
      const conflict = await refusal(rows.insertOne({ _id: 7 }, { session: two }));
      expect(conflict.code).toBe(112);
      expect(conflict.hasErrorLabel('TransientTransactionError')).toBe(true);
      await two.abortTransaction();
      await one.commitTransaction();
      expect(await rows.countDocuments({ _id: 7 })).toBe(1);
    });
  });
}
