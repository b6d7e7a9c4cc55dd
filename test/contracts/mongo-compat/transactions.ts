import { MongoClient, MongoServerError, type ClientSession, type Collection, type Document } from 'mongodb';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Server } from './server.js';

/** https://www.mongodb.com/docs/manual/core/transactions/ */
export function transacts(server: Server): void {
  describe('transactions', () => {
    let accounts: Collection<Document>;
    let session: ClientSession;
    let other: ClientSession;

    beforeEach(async () => {
      const { client, db } = server();
      accounts = db.collection('accounts');
      await accounts.deleteMany({});
      await accounts.insertMany([
        { _id: 'a' as never, n: 10 },
        { _id: 'b' as never, n: 10 },
      ]);
      await accounts.createIndex({ name: 1 }, { unique: true, sparse: true });
      [session, other] = [client.startSession(), client.startSession()];
    });

    afterEach(async () => {
      await session.endSession();
      await other.endSession();
    });

    const byId = (_id: string): Document => ({ _id });
    const failure = (work: Promise<unknown>): Promise<MongoServerError> =>
      work.then(
        () => {
          throw new Error('it did not fail');
        },
        (error: unknown) => {
          if (error instanceof MongoServerError) return error;
          throw error;
        },
      );

    it('are invisible until they are committed, and then visible as a whole', async () => {
      session.startTransaction();
      await accounts.updateOne(byId('a'), { $inc: { n: -5 } }, { session });
      await accounts.updateOne(byId('b'), { $inc: { n: 5 } }, { session });
      await accounts.insertOne({ _id: 'c' as never, n: 0 }, { session });
      expect(await accounts.findOne(byId('a'))).toMatchObject({ n: 10 });
      expect(await accounts.countDocuments()).toBe(2);
      expect(await accounts.findOne(byId('a'), { session })).toMatchObject({ n: 5 });
      expect(await accounts.find({ n: { $lt: 8 } }, { session, sort: { n: 1 } }).toArray()).toMatchObject([
        { n: 0 },
        { n: 5 },
      ]);
      const [sum] = await accounts
        .aggregate([{ $group: { _id: null, n: { $sum: '$n' } } }], { session })
        .toArray();
      expect(sum).toMatchObject({ n: 20 });
      await session.commitTransaction();
      expect(await accounts.find({}, { sort: { _id: 1 } }).toArray()).toEqual([
        { _id: 'a', n: 5 },
        { _id: 'b', n: 15 },
        { _id: 'c', n: 0 },
      ]);
    });

    it('leave nothing when they are aborted', async () => {
      session.startTransaction();
      await accounts.deleteMany({}, { session });
      expect(await accounts.countDocuments({}, { session })).toBe(0);
      await session.abortTransaction();
      expect(await accounts.countDocuments()).toBe(2);
      await accounts.updateOne(byId('a'), { $set: { n: 1 } });
      expect(await accounts.findOne(byId('a'))).toMatchObject({ n: 1 });
    });

    it('see everything as it was when they started', async () => {
      session.startTransaction({ readConcern: { level: 'snapshot' } });
      expect(await accounts.findOne(byId('a'), { session })).toMatchObject({ n: 10 });
      await accounts.updateOne(byId('b'), { $set: { n: 99 } });
      await accounts.insertOne({ _id: 'late' as never, n: 1 });
      await accounts.deleteOne(byId('a'));
      expect(await accounts.find({}, { session, sort: { _id: 1 } }).toArray()).toMatchObject([
        { n: 10 },
        { n: 10 },
      ]);
      expect(
        await accounts.find({ _id: { $in: ['b', 'late'] as never } }, { session }).toArray(),
      ).toMatchObject([{ n: 10 }]);
      await session.commitTransaction();
      expect(await accounts.findOne(byId('b'))).toMatchObject({ n: 99 });
    });

    it('count what they see, whatever others have written since they started', async () => {
      const accountsOf = async (options: { session?: ClientSession }): Promise<unknown> => ({
        counted: await accounts.countDocuments({}, options),
        found: (await accounts.find({}, options).toArray()).length,
      });
      session.startTransaction({ readConcern: { level: 'snapshot' } });
      // The transaction begins elsewhere: its first look at the accounts comes after the others' writes.
      await server().items.findOne({}, { session });
      await accounts.insertOne({ _id: 'early' as never, n: 1 });
      expect(await accountsOf({ session })).toEqual({ counted: 2, found: 2 });
      await accounts.deleteMany({ _id: { $in: ['a', 'early'] as never } });
      await accounts.insertMany([{ n: 2 }, { n: 3 }, { n: 4 }]);
      expect(await accountsOf({ session })).toEqual({ counted: 2, found: 2 });
      await accounts.insertOne({ _id: 'own' as never, n: 5 }, { session });
      await accounts.deleteOne(byId('b'), { session });
      await accounts.deleteOne(byId('own'), { session });
      expect(await accountsOf({ session })).toEqual({ counted: 1, found: 1 });
      await session.commitTransaction();
      expect(await accountsOf({})).toEqual({ counted: 3, found: 3 });
    });

    it('conflict if they write to the same document, and the second gets the label', async () => {
      session.startTransaction();
      other.startTransaction();
      await accounts.updateOne(byId('a'), { $inc: { n: 1 } }, { session });
      const error = await failure(accounts.updateOne(byId('a'), { $inc: { n: 1 } }, { session: other }));
      expect(error.code).toBe(112);
      expect(error.hasErrorLabel('TransientTransactionError')).toBe(true);
      await other.abortTransaction();
      await session.commitTransaction();
      expect(await accounts.findOne(byId('a'))).toMatchObject({ n: 11 });
    });

    it('conflict if they write to what has changed since they started', async () => {
      session.startTransaction();
      await accounts.findOne(byId('a'), { session });
      await accounts.updateOne(byId('a'), { $set: { n: 50 } });
      const error = await failure(accounts.updateOne(byId('a'), { $inc: { n: 1 } }, { session }));
      expect(error).toMatchObject({ code: 112 });
      await session.abortTransaction();
      expect(await accounts.findOne(byId('a'))).toMatchObject({ n: 50 });
    });

    it('make other writers of their documents wait', async () => {
      session.startTransaction();
      await accounts.updateOne(byId('a'), { $set: { n: 1 } }, { session });
      let isDone = false;
      const waiting = accounts.updateOne(byId('a'), { $inc: { n: 100 } }).then(() => (isDone = true));
      await accounts.findOne(byId('b'));
      expect(isDone).toBe(false);
      await session.commitTransaction();
      await waiting;
      expect(await accounts.findOne(byId('a'))).toMatchObject({ n: 101 });
    });

    describe('a write to a document that a transaction changed while it waited', () => {
      const free = { state: 'free' };
      const take = { $set: { state: 'taken' } };

      /** What the write comes to whose first choice, `a`, gets `change` by a transaction in the meantime. */
      async function afterWaiting(change: Document, write: () => Promise<unknown>): Promise<unknown> {
        session.startTransaction();
        await accounts.updateOne(byId('a'), change, { session });
        const waiting = write();
        await accounts.findOne(byId('b'));
        await session.commitTransaction();
        return waiting;
      }

      const isFree = async (...ids: string[]): Promise<void> => {
        await accounts.updateMany({ _id: { $in: ids as never } }, { $set: free });
      };

      it('moves on to the next match', async () => {
        await isFree('a', 'b');
        const claim = (): Promise<unknown> =>
          accounts.findOneAndUpdate(free, take, { sort: { _id: 1 }, returnDocument: 'before' });
        expect(await afterWaiting(take, claim)).toMatchObject({ _id: 'b', state: 'free' });
        expect(await accounts.countDocuments({ state: 'taken' })).toBe(2);
        await isFree('a', 'b');
        const removal = (): Promise<unknown> => accounts.findOneAndDelete(free, { sort: { _id: 1 } });
        expect(await afterWaiting(take, removal)).toMatchObject({ _id: 'b' });
        await isFree('a');
        expect(await afterWaiting(take, () => accounts.deleteOne(free))).toMatchObject({ deletedCount: 0 });
        expect(await accounts.find().toArray()).toMatchObject([{ _id: 'a', state: 'taken' }]);
      });

      it('returns nothing if none is left, and inserts if it may', async () => {
        await isFree('a');
        const claim = (): Promise<unknown> =>
          accounts.findOneAndUpdate(free, take, { returnDocument: 'before' });
        expect(await afterWaiting(take, claim)).toBeNull();
        await isFree('a');
        const upsert = (): Promise<unknown> => accounts.updateOne(free, { $set: { n: 7 } }, { upsert: true });
        expect(await afterWaiting(take, upsert)).toMatchObject({ matchedCount: 0, upsertedCount: 1 });
        expect(await accounts.find({ n: 7 }).toArray()).toMatchObject([{ state: 'free' }]);
      });

      it('returns the document as it was just before', async () => {
        await isFree('a');
        const claim = (): Promise<unknown> =>
          accounts.findOneAndUpdate(free, take, { returnDocument: 'before' });
        expect(await afterWaiting({ $set: { n: 99 } }, claim)).toMatchObject({ n: 99, state: 'free' });
      });
    });

    it('are retried by withTransaction until they succeed', async () => {
      const add = (): Promise<unknown> =>
        server().client.withSession((own) =>
          own.withTransaction(async () => {
            const row = await accounts.findOne(byId('a'), { session: own });
            await accounts.updateOne(byId('a'), { $set: { n: Number(row?.['n']) + 1 } }, { session: own });
          }),
        );
      await Promise.all([add(), add(), add(), add()]);
      expect(await accounts.findOne(byId('a'))).toMatchObject({ n: 14 });
    });

    it('respect unique keys, their own and those of others', async () => {
      session.startTransaction();
      await accounts.insertOne({ _id: 'x' as never, name: 'taken' }, { session });
      const own = await failure(accounts.insertOne({ _id: 'y' as never, name: 'taken' }, { session }));
      expect(own.code).toBe(11_000);
      await session.abortTransaction();
      session.startTransaction();
      await accounts.insertOne({ _id: 'x' as never, name: 'taken' }, { session });
      await session.commitTransaction();
      expect((await failure(accounts.insertOne({ name: 'taken' }))).code).toBe(11_000);
    });

    it('can move a unique key from one document to another', async () => {
      await accounts.updateOne(byId('a'), { $set: { name: 'first' } });
      session.startTransaction();
      await accounts.updateOne(byId('a'), { $unset: { name: 1 } }, { session });
      await accounts.updateOne(byId('b'), { $set: { name: 'first' } }, { session });
      await session.commitTransaction();
      expect(await accounts.find({ name: 'first' }).toArray()).toMatchObject([{ _id: 'b' }]);
    });

    it('end at an error, and later commands report that there is none', async () => {
      session.startTransaction();
      await accounts.updateOne(byId('a'), { $set: { n: 1 } }, { session });
      await failure(accounts.insertOne({ _id: 'b' as never }, { session }));
      const after = await failure(accounts.findOne(byId('a'), { session }));
      expect(after.code).toBe(251);
      expect(after.hasErrorLabel('TransientTransactionError')).toBe(true);
      await session.abortTransaction();
      expect(await accounts.findOne(byId('a'))).toMatchObject({ n: 10 });
    });

    it('may be committed twice, and refuse unsupported commands', async () => {
      const { db } = server();
      session.startTransaction();
      await accounts.updateOne(byId('a'), { $set: { n: 2 } }, { session });
      await session.commitTransaction();
      await session.commitTransaction();
      expect(await accounts.findOne(byId('a'))).toMatchObject({ n: 2 });
      session.startTransaction();
      expect((await failure(db.command({ count: 'accounts' }, { session }))).code).toBe(263);
      await session.abortTransaction();
    });

    it('end when their client disconnects', async () => {
      const client = new MongoClient(server().uri);
      const abandonedSession = client.startSession();
      const rows = client.db(server().db.databaseName).collection('accounts');
      abandonedSession.startTransaction();
      await rows.updateOne(byId('a'), { $set: { n: 77 } }, { session: abandonedSession });
      await client.close();
      await accounts.updateOne(byId('a'), { $inc: { n: 1 } });
      expect(await accounts.findOne(byId('a'))).toMatchObject({ n: 11 });
    });

    it('appear one after the other in change streams', async () => {
      const stream = accounts.watch();
      const next = stream.next();
      session.startTransaction();
      await accounts.updateOne(byId('a'), { $set: { n: 3 } }, { session });
      await accounts.updateOne(byId('b'), { $set: { n: 4 } }, { session });
      await session.commitTransaction();
      expect(await next).toMatchObject({ operationType: 'update', documentKey: { _id: 'a' } });
      expect(await stream.next()).toMatchObject({ operationType: 'update', documentKey: { _id: 'b' } });
      await stream.close();
    });
  });
}
