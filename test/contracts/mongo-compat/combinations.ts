import type { Document } from 'bson';
import { GridFSBucket, type Collection } from 'mongodb';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CHANGES } from './combined-changes.js';
import { JOINS, NESTED, SORTS, WINDOWS, ZONES } from './combined-rows.js';
import { refusal, type Server } from './server.js';
import { checkRows } from './tables.js';

interface Row extends Document {
  _id?: number;
}

/** Features in combination, each as their pages describe it. */
export function combines(server: Server): void {
  describe('features in combination', () => {
    let rows: Collection<Row>;

    beforeEach(async () => {
      rows = server().db.collection<Row>('combined');
      await rows.drop();
    });

    afterEach(() => rows.drop());

    const refill = async (documents: readonly Document[]): Promise<void> => {
      await rows.deleteMany({});
      await rows.insertMany(documents.map((row, _id) => ({ _id, ...row })));
    };

    it.each([
      ['nested arrays and missing values', NESTED],
      ['windows', WINDOWS],
      ['dates over time zones', ZONES],
      ['joins', JOINS],
    ])('%s give what MongoDB gives', async (_name, table) => {
      await checkRows(
        table,
        async ([documents, pipeline]) => {
          await refill(documents);
          return rows.aggregate([...pipeline]).toArray();
        },
        ([, , expected]) => expected,
        ([, pipeline]) => JSON.stringify(pipeline),
      );
    });

    it('documents come in the order of a sort, with an index and without', async () => {
      for (const hasIndex of [false, true]) {
        await checkRows(
          SORTS,
          async ([documents, sort, expected]) => {
            await rows.drop();
            await refill(documents);
            const isIndexed = hasIndex && 'value' in expected;
            if (isIndexed) await rows.createIndex(sort);
            const cursor = rows.find().sort(sort);
            if (isIndexed) cursor.hint(sort);
            return (await cursor.toArray()).map(({ _id }) => _id as unknown);
          },
          ([, , expected]) => expected,
          ([, sort]) => `${JSON.stringify(sort)} ${hasIndex ? 'with' : 'without'} an index`,
        );
      }
    });

    it(`all ${CHANGES.length} updates and upserts leave what MongoDB leaves`, async () => {
      await checkRows(
        CHANGES,
        async ([before, filter, update, , options]) => {
          await rows.deleteMany({});
          if (before) await rows.insertOne({ _id: 1, ...before });
          await rows.updateOne(filter, update, options);
          return rows.findOne({}, { projection: { _id: 0 } });
        },
        ([, , , expected]) => expected,
        ([before, filter, update]) => JSON.stringify({ before, filter, update }),
      );
    });

    it('a unique index with a collation compares as its collation does', async () => {
      await rows.createIndex({ a: 1 }, { unique: true, collation: { locale: 'en', strength: 2 } });
      await rows.insertMany([{ a: 'resume' }, { a: 'résumé' }]);
      expect(await refusal(rows.insertOne({ a: 'RESUME' }))).toMatchObject({ code: 11_000 });
      expect(await rows.countDocuments({ a: 'RESUME' })).toBe(0);
      expect(await rows.countDocuments({ a: 'RESUME' }, { collation: { locale: 'en', strength: 2 } })).toBe(
        1,
      );
    });

    // https://www.mongodb.com/docs/manual/reference/limits/
    it('a collection has 64 indexes at most', async () => {
      const keys = Array.from({ length: 64 }, (_, n) => ({ key: { [`f${n}`]: 1 as const } }));
      expect(await refusal(rows.createIndexes(keys))).toMatchObject({ code: 67 });
      expect(await rows.indexes().catch(() => [])).not.toHaveLength(64);
    });

    // https://www.mongodb.com/docs/manual/core/transactions-operations/
    it('a transaction writes to no other collection through a pipeline', async () => {
      const { client, db } = server();
      await rows.insertOne({ a: 1 });
      for (const stage of [{ $out: 'written' }, { $merge: 'written' }]) {
        const session = client.startSession();
        session.startTransaction();
        const writing = rows.aggregate([stage], { session }).toArray();
        expect(await refusal(writing)).toMatchObject({ code: 263 });
        await session.abortTransaction();
        await session.endSession();
      }
      expect(await db.collection('written').countDocuments()).toBe(0);
    });

    it('a cursor ends with 175 when its collection is dropped, and with 43 when it is killed', async () => {
      const { db } = server();
      const open = async (): Promise<unknown> => {
        await refill(Array.from({ length: 5 }, () => ({})));
        const { cursor } = await db.command({ find: 'combined', batchSize: 2 });
        return (cursor as Document)['id'];
      };
      const killed = await open();
      await db.command({ killCursors: 'combined', cursors: [killed] });
      const next = (getMore: unknown): Promise<unknown> => db.command({ getMore, collection: 'combined' });
      expect(await refusal(next(killed))).toMatchObject({ code: 43 });
      const orphaned = await open();
      await rows.drop();
      expect(await refusal(next(orphaned))).toMatchObject({ code: 175 });
    });

    it('a change stream refuses what is no token', async () => {
      for (const [resumeAfter, code] of [
        [{ _data: 'zz' }, 9],
        [{ data: '00' }, 40_647],
      ] as const) {
        const stream = rows.watch([], { resumeAfter });
        expect(await refusal(stream.next())).toMatchObject({ code });
        await stream.close();
      }
    });

    // https://www.mongodb.com/docs/manual/reference/change-events/insert/
    it('a change stream tells the events of one transaction from others', async () => {
      const { client } = server();
      await rows.insertOne({ _id: 0 });
      const stream = rows.watch();
      await stream.tryNext();
      const session = client.startSession();
      const own = session.id?.id?.toString('hex');
      await session.withTransaction(() => rows.insertMany([{ _id: 1 }, { _id: 2 }], { session }));
      await session.endSession();
      await rows.insertOne({ _id: 3 });
      const events = [await stream.next(), await stream.next(), await stream.next()];
      await stream.close();
      expect(events.map(({ lsid }) => lsid?.id.toString('hex'))).toEqual([own, own, undefined]);
      expect(events[0]?.txnNumber).toEqual(events[1]?.txnNumber);
      expect(events[2]?.txnNumber).toBeUndefined();
    });

    it('GridFS reads a part of a file in chunks of an odd size', async () => {
      const { db } = server();
      const bucket = new GridFSBucket(db, { bucketName: 'odd', chunkSizeBytes: 7 });
      const bytes = Buffer.from(Array.from({ length: 50 }, (_, n) => n));
      const upload = bucket.openUploadStream('file');
      await new Promise<void>((resolve, reject) => {
        upload.once('finish', resolve);
        upload.once('error', reject);
        upload.end(bytes);
      });
      const parts: Buffer[] = [];
      for await (const part of bucket.openDownloadStream(upload.id, { start: 10, end: 33 }))
        parts.push(part as Buffer);
      expect(Buffer.concat(parts)).toEqual(bytes.subarray(10, 33));
      expect(await db.collection('odd.chunks').countDocuments()).toBe(8);
    });
  });
}
