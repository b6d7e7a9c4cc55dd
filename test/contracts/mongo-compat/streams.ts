import { Int32, type Document } from 'bson';
import type { ChangeStream, ClientSession, Collection, ResumeToken } from 'mongodb';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { refusal, type Server } from './server.js';

interface Row extends Document {
  readonly _id: number;
}

type Changes = readonly [name: string, before: Document, update: Document | Document[], expected: Document];

const fields = (updatedFields: Document, removedFields: string[] = []): Document => ({
  updatedFields,
  removedFields,
  truncatedArrays: [],
});

const LIST = ['first', { b: 'second' }, 3, 4, 5];

/** https://www.mongodb.com/docs/manual/reference/change-events/update/#updatedescription */
const DESCRIPTIONS: readonly Changes[] = [
  ['an element by its position', { a: [1, 2, 3] }, { $set: { 'a.1': 9 } }, fields({ 'a.1': 9 })],
  ['a field of an element', { a: [{ b: 1 }, 2] }, { $inc: { 'a.0.b': 1 } }, fields({ 'a.0.b': 2 })],
  ['an element added at the end', { a: [1, 2] }, { $push: { a: 3 } }, fields({ 'a.2': 3 })],
  [
    'several elements added at the end',
    { a: ['x'] },
    { $push: { a: { $each: ['y', 'z'] } } },
    fields({ 'a.1': 'y', 'a.2': 'z' }),
  ],
  ['the first element of an array', { a: [] }, { $push: { a: 1 } }, fields({ a: [1] })],
  [
    'an element added elsewhere',
    { a: [1, 2] },
    { $push: { a: { $each: [0], $position: 0 } } },
    fields({ a: [0, 1, 2] }),
  ],
  ['an array that is sorted', { a: [1] }, { $push: { a: { $each: [2], $sort: 1 } } }, fields({ a: [1, 2] })],
  ['a new member of a set', { a: [1, 2] }, { $addToSet: { a: { $each: [2, 3] } } }, fields({ 'a.2': 3 })],
  ['removed elements', { a: [1, 2, 3] }, { $pull: { a: 2 } }, fields({ a: [1, 3] })],
  ['an array set to a longer one', { a: ['x'] }, { $set: { a: ['x', 'y'] } }, fields({ a: ['x', 'y'] })],
  ['a whole subdocument', { a: { b: 1 } }, { $set: { a: { b: 1, c: 2 } } }, fields({ a: { b: 1, c: 2 } })],
  ['a field of a new subdocument', { x: 1 }, { $set: { 'a.b.c': 1 } }, fields({ a: { b: { c: 1 } } })],
  ['two fields of a new subdocument', {}, { $set: { 'a.b': 1, 'a.c': 2 } }, fields({ a: { b: 1, c: 2 } })],
  ['a removed nested field', { a: { b: 1, c: 2 } }, { $unset: { 'a.b': '' } }, fields({}, ['a.b'])],
  ['a removed element', { a: [1, 2] }, { $unset: { 'a.0': '' } }, fields({ 'a.0': null })],
  ['a renamed field', { a: 1 }, { $rename: { a: 'b' } }, fields({ b: 1 }, ['a'])],
  ['only what has changed', { a: 1, b: 2 }, { $set: { a: 1, b: 3 } }, fields({ b: 3 })],
  [
    'an array shortened by a pipeline',
    { a: LIST },
    [{ $set: { a: { $slice: ['$a', 2] } } }],
    { updatedFields: {}, removedFields: [], truncatedArrays: [{ field: 'a', newSize: 2 }] },
  ],
  [
    'an array shortened and changed by a pipeline',
    { d: { a: LIST } },
    [{ $set: { 'd.a': ['other', { b: 'second' }] } }],
    {
      updatedFields: { 'd.a.0': 'other' },
      removedFields: [],
      truncatedArrays: [{ field: 'd.a', newSize: 2 }],
    },
  ],
  ['a short array replaced by a pipeline', { a: [1, 2] }, [{ $set: { a: [3] } }], fields({ a: [3] })],
  ['a field changed by a pipeline', { n: 1 }, [{ $set: { n: { $add: ['$n', 1] } } }], fields({ n: 2 })],
  ['a field removed by a pipeline', { n: 1, m: 2 }, [{ $unset: 'n' }], fields({}, ['n'])],
];

/** Change streams and cursors that are read on later. */
export function followsChanges(server: Server): void {
  describe('a change stream', () => {
    let rows: Collection<Row>;
    let stream: ChangeStream<Row, Document> | undefined;

    const watching = async (options: Document = {}): Promise<ChangeStream<Row, Document>> => {
      await stream?.close();
      stream = rows.watch<Row, Document>([], options);
      return stream;
    };

    const opened = async (): Promise<ChangeStream<Row, Document>> => {
      const events = await watching();
      await events.tryNext();
      return events;
    };

    beforeEach(async () => {
      rows = server().db.collection<Row>('followed');
      await rows.deleteMany({});
    });

    afterEach(async () => {
      await stream?.close();
      stream = undefined;
    });

    it('describes an update by the fields and elements that it changed', async () => {
      const events = await opened();
      const wrong: unknown[] = [];
      for (const [index, [name, before, update, expected]] of DESCRIPTIONS.entries()) {
        await rows.insertOne({ _id: index, ...before });
        await rows.updateOne({ _id: index }, update);
        await events.next();
        const { updateDescription } = await events.next();
        try {
          expect(updateDescription).toEqual(expected);
        } catch {
          wrong.push({ name, updateDescription: updateDescription as unknown, expected });
        }
      }
      expect(wrong).toEqual([]);
    });

    // https://www.mongodb.com/docs/manual/changeStreams/#lookup-full-document-for-update-operations
    it('that resumes looks up the document as it is by then, and null once it is deleted', async () => {
      const events = await opened();
      await rows.insertMany([{ _id: 1 }, { _id: 2 }]);
      const resumeAfter = (await events.next())['_id'] as ResumeToken;
      await rows.updateOne({ _id: 1 }, { $set: { v: 1 } });
      await rows.updateOne({ _id: 2 }, { $set: { v: 1 } });
      await rows.updateOne({ _id: 2 }, { $set: { v: 2 } });
      await rows.deleteOne({ _id: 1 });
      const again = await watching({ resumeAfter, fullDocument: 'updateLookup' });
      await again.next();
      expect(await again.next()).toMatchObject({ documentKey: { _id: 1 }, fullDocument: null });
      const looked = [await again.next(), await again.next()];
      expect(looked).toMatchObject([{ fullDocument: { v: 2 } }, { fullDocument: { v: 2 } }]);
    });

    // https://www.mongodb.com/docs/manual/reference/change-events/invalidate/
    it('starts, but does not resume, after the event that ended it', async () => {
      const events = await opened();
      await rows.insertOne({ _id: 1 });
      await rows.drop();
      const types: Document[] = [];
      for (let count = 0; count < 3; count += 1) types.push(await events.next());
      expect(types.map(({ operationType }) => operationType as unknown)).toEqual([
        'insert',
        'drop',
        'invalidate',
      ]);
      const [, dropped, ended] = types.map(({ _id }) => _id as ResumeToken);
      const resumed = await watching({ resumeAfter: ended });
      expect((await refusal(resumed.next())).code).toBe(260);
      const both = await watching({ resumeAfter: ended, startAfter: ended });
      expect((await refusal(both.next())).code).toBe(50_865);
      const ending = await watching({ resumeAfter: dropped });
      expect(await ending.next()).toMatchObject({ operationType: 'invalidate' });
      const later = await watching({ startAfter: ended });
      await rows.insertOne({ _id: 2 });
      expect(await later.next()).toMatchObject({ operationType: 'insert', documentKey: { _id: 2 } });
    });

    // https://www.mongodb.com/docs/manual/changeStreams/#resume-a-change-stream
    it('resumes after a position before which its collection was dropped', async () => {
      await rows.insertOne({ _id: 1 });
      await rows.drop();
      const events = await opened();
      const resumeAfter = events.resumeToken;
      await rows.insertOne({ _id: 2 });
      const again = await watching({ resumeAfter });
      const event = await again.next();
      expect(event).toMatchObject({ operationType: 'insert', documentKey: { _id: 2 } });
      expect(again.resumeToken).toEqual(event['_id']);
    });

    // https://www.mongodb.com/docs/manual/core/transactions-production-consideration/
    it('receives every change of a transaction, in the order in which they were made', async () => {
      const events = await opened();
      const other = server().db.collection<Row>('followed_too');
      await server().client.withSession(async (session) =>
        session.withTransaction(async () => {
          await rows.insertOne({ _id: 1, n: 1 }, { session });
          await other.insertOne({ _id: 1 }, { session });
          await rows.updateOne({ _id: 1 }, { $inc: { n: 1 } }, { session });
          await rows.deleteOne({ _id: 1 }, { session });
        }),
      );
      expect(await events.next()).toMatchObject({ operationType: 'insert', fullDocument: { n: 1 } });
      expect(await events.next()).toMatchObject({
        operationType: 'update',
        updateDescription: { updatedFields: { n: 2 } },
      });
      expect(await events.next()).toMatchObject({
        operationType: 'delete',
        txnNumber: expect.anything() as unknown,
      });
      await other.drop();
    });
  });

  // https://www.mongodb.com/docs/manual/reference/command/getMore/#session-considerations
  describe('a cursor', () => {
    const sessions: ClientSession[] = [];
    const session = (): ClientSession => {
      const started = server().client.startSession();
      sessions.push(started);
      return started;
    };

    afterEach(async () => {
      for (const one of sessions.splice(0)) await one.endSession();
    });

    const first = async (options: { session: ClientSession }): Promise<Document> => {
      const { cursor } = await server().db.command({ find: 'items', batchSize: 1 }, options);
      return { getMore: (cursor as Document).id as unknown, collection: 'items', batchSize: new Int32(1) };
    };

    it('is read on only by the session and the transaction that opened it', async () => {
      const { db } = server();
      const [one, two] = [session(), session()];
      const more = await first({ session: one });
      expect((await refusal(db.command(more, { session: two }))).code).toBe(50_738);
      expect(await db.command(more, { session: one })).toMatchObject({ cursor: { nextBatch: [{ _id: 2 }] } });
      one.startTransaction();
      await first({ session: one });
      expect((await refusal(db.command(more, { session: one }))).code).toBe(50_739);
      await one.abortTransaction();
      one.startTransaction();
      const inside = await first({ session: one });
      expect(await db.command(inside, { session: one })).toMatchObject({ ok: 1 });
      await one.commitTransaction();
      expect((await refusal(db.command(inside, { session: one }))).code).toBe(50_740);
    });

    it('is closed when its session is killed', async () => {
      const { db, client } = server();
      const one = session();
      const more = await first({ session: one });
      await client.db('admin').command({ killSessions: [one.id] });
      expect((await refusal(db.command(more, { session: one }))).code).toBe(43);
    });
  });
}
