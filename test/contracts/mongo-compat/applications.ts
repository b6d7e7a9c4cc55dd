import { GridFSBucket, Long, MongoClient, type Document } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { waitUntil } from '../../support/wait.js';
import { refusal, type Server } from './server.js';

export function carriesApplications(server: Server): void {
  describe('features that applications rely on', () => {
    it('stores and reads GridFS files', async () => {
      const { db } = server();
      const bucket = new GridFSBucket(db);
      const upload = bucket.openUploadStream('f.bin');
      upload.end(Buffer.alloc(600_000, 7));
      await new Promise((resolve, reject) => upload.on('finish', resolve).on('error', reject));
      let size = 0;
      for await (const chunk of bucket.openDownloadStreamByName('f.bin')) size += (chunk as Buffer).length;
      expect(size).toBe(600_000);
    });

    it('leaves nothing of an aborted transaction', async () => {
      const { client, items } = server();
      await client
        .withSession((session) =>
          session.withTransaction(async () => {
            await items.insertOne({ _id: 'tx' }, { session });
            throw new Error('abort');
          }),
        )
        .catch(() => undefined);
      expect(await items.findOne({ _id: 'tx' })).toBeNull();
    });

    it('performs a retried write once and answers it twice', async () => {
      const { uri, db, items } = server();
      const own = new MongoClient(uri);
      const session = own.startSession();
      const command = {
        update: 'items',
        updates: [{ q: { _id: 1 }, u: { $inc: { a: 1 } } }],
        txnNumber: Long.fromNumber(1_000),
      };
      const answers = [];
      for (let i = 0; i < 2; i += 1)
        answers.push(await own.db(db.databaseName).command({ ...command }, { session }));
      expect(answers).toMatchObject([{ nModified: 1 }, { nModified: 1 }]);
      expect((await items.findOne({ _id: 1 }))?.a).toBe(2);
      await session.endSession();
      await own.close();
    });

    it('reports changes to change streams', async () => {
      const { db } = server();
      const watched = db.collection<Document & { _id: number }>('watched');
      await watched.insertOne({ _id: 0 });
      const stream = watched.watch([{ $match: { operationType: { $ne: 'delete' } } }], {
        fullDocument: 'updateLookup',
      });
      const events: Document[] = [];
      stream.on('change', (event) => events.push(event));
      await new Promise((resolve) => setTimeout(resolve, 300));
      await watched.insertOne({ _id: 1 });
      await watched.updateOne({ _id: 1 }, { $set: { q: 2 } });
      await watched.deleteOne({ _id: 0 });
      await waitUntil(() => events.length >= 2);
      await stream.close();
      expect(events.map((event) => [event.operationType, event.fullDocument] as unknown)).toEqual([
        ['insert', { _id: 1 }],
        ['update', { _id: 1, q: 2 }],
      ]);
      expect(events[1]?.updateDescription).toMatchObject({ updatedFields: { q: 2 } });
    });

    it('checks documents against a validator', async () => {
      const { db } = server();
      await db.createCollection('valid', { validator: { $jsonSchema: { required: ['a'] } } });
      expect((await refusal(db.collection('valid').insertOne({}))).code).toBe(121);
      await db.collection('valid').insertOne({ a: 1 });
    });
  });
}
