import { Binary, DBRef, MongoClientBulkWriteError, ObjectId, UUID, type Document } from 'mongodb';
import { beforeEach, describe, expect, it } from 'vitest';
import { refusal, type Server } from './server.js';

interface Row extends Document {
  // `unknown`, because the tests also use `_id`s that an application should avoid.
  _id: unknown;
}

interface Namespaces {
  [namespace: string]: { _id: number } & Document;
}

/**
 * Writes to several collections in one command, and field values other than plain ones. Pages of the manual:
 * reference/command/bulkWrite, query-bitwise, reference/collation, reference/database-references.
 */
export function clientWrites(server: Server): void {
  describe('client-level bulk writes', () => {
    beforeEach(async () => {
      for (const name of ['left', 'right']) await server().db.collection(name).deleteMany({});
    });

    it('write to several collections in one command, and report each result', async () => {
      const { client, db } = server();
      const [left, right] = [`${db.databaseName}.left`, `${db.databaseName}.right`];
      const result = await client.bulkWrite<Namespaces>(
        [
          { namespace: left, name: 'insertOne', document: { _id: 1, n: 1 } },
          { namespace: right, name: 'insertOne', document: { _id: 2, n: 2 } },
          { namespace: left, name: 'updateOne', filter: { _id: 1 }, update: { $inc: { n: 5 } } },
          {
            namespace: right,
            name: 'updateOne',
            filter: { _id: 9 },
            update: { $set: { n: 9 } },
            upsert: true,
          },
          { namespace: right, name: 'replaceOne', filter: { _id: 2 }, replacement: { m: 1 } },
          { namespace: left, name: 'updateMany', filter: {}, update: [{ $set: { m: '$n' } }] },
          { namespace: right, name: 'deleteOne', filter: { _id: 9 } },
        ],
        { verboseResults: true },
      );
      expect(result).toMatchObject({
        insertedCount: 2,
        matchedCount: 3,
        modifiedCount: 3,
        upsertedCount: 1,
        deletedCount: 1,
      });
      expect(result.updateResults?.get(3)).toMatchObject({ upsertedId: 9 });
      expect(await db.collection('left').find().toArray()).toEqual([{ _id: 1, n: 6, m: 6 }]);
      expect(await db.collection('right').find().toArray()).toEqual([{ _id: 2, m: 1 }]);
    });

    it('stop at the first failure if ordered, and continue if not', async () => {
      const { client, db } = server();
      const namespace = `${db.databaseName}.left`;
      const same = { namespace, name: 'insertOne', document: { _id: 1 } } as const;
      const other = { namespace, name: 'insertOne', document: { _id: 2 } } as const;
      for (const [ordered, inserted] of [
        [true, 1],
        [false, 2],
      ] as const) {
        await db.collection('left').deleteMany({});
        const failure: unknown = await client
          .bulkWrite<Namespaces>([same, same, other], { ordered })
          .catch((error: unknown) => error);
        expect(failure).toBeInstanceOf(MongoClientBulkWriteError);
        const { writeErrors, partialResult } = failure as MongoClientBulkWriteError;
        expect([...writeErrors.keys()]).toEqual([1]);
        expect(writeErrors.get(1)).toMatchObject({ code: 11_000 });
        expect(partialResult?.insertedCount).toBe(inserted);
      }
    });

    it('are accepted only on the admin database and with valid operations and namespaces', async () => {
      const { client, db } = server();
      const ops = [{ insert: 0, document: {} }];
      const nsInfo = [{ ns: `${db.databaseName}.left` }];
      expect((await refusal(db.command({ bulkWrite: 1, ops, nsInfo }))).code).toBe(13);
      const admin = client.db('admin');
      expect((await refusal(admin.command({ bulkWrite: 1, ops: [], nsInfo }))).code).toBe(16);
      const wrong: [operation: Record<string, unknown>, code: number][] = [
        [{ insert: 0, document: {}, nope: 1 }, 40_415],
        [{ insert: 0 }, 40_414],
        [{ insert: 0, document: 5 }, 14],
        [{ update: 0, filter: {}, updateMods: { $set: { a: 1 } }, nope: 1 }, 40_415],
        [{ update: 0, filter: {} }, 40_414],
        [{ delete: 0 }, 40_414],
        [{ delete: 0, filter: {}, multi: 'yes' }, 14],
      ];
      for (const [operation, code] of wrong) {
        const command = { bulkWrite: 1, ops: [operation], nsInfo };
        expect((await refusal(admin.command(command))).code, JSON.stringify(operation)).toBe(code);
      }
    });

    it('take part in a transaction', async () => {
      const { client, db } = server();
      const namespace = `${db.databaseName}.left`;
      await db.collection('left').insertOne({ _id: 0 as never });
      await client.withSession(async (session) => {
        session.startTransaction();
        await client.bulkWrite<Namespaces>([{ namespace, name: 'insertOne', document: { _id: 1 } }], {
          session,
        });
        await session.abortTransaction();
      });
      expect(await db.collection('left').countDocuments()).toBe(1);
    });
  });

  describe('fields', () => {
    it('may hold binary data that is queried by its bits', async () => {
      const rows = server().db.collection<Row>('left');
      await rows.deleteMany({});
      await rows.insertMany([
        { _id: 1, bits: new Binary(Uint8Array.of(0b0000_0101, 0b1000_0000)) },
        { _id: 2, bits: new UUID('00000000-0000-4000-8000-000000000001') },
        { _id: 3, bits: 5 },
      ]);
      const ids = async (bits: Document): Promise<unknown[]> =>
        (await rows.find({ bits }).toArray()).map(({ _id: id }) => id);
      expect(await ids({ $bitsAllSet: [0, 2] })).toEqual([1, 3]);
      expect(await ids({ $bitsAllSet: [15] })).toEqual([1]);
      expect(await ids({ $bitsAnySet: new Binary(Uint8Array.of(4)) })).toEqual([1, 3]);
      expect(await ids({ $bitsAllClear: [0, 1, 2] })).toEqual([2]);
    });

    it('may have names that JavaScript objects also have', async () => {
      const rows = server().db.collection<Document>('left');
      await rows.deleteMany({});
      await rows.insertOne({ a: 'x' });
      await rows.updateOne({}, { $rename: { a: 'constructor.name' } });
      await rows.updateOne({}, { $set: { 'toString.deep': 1 } });
      const [document] = await rows.find({ 'constructor.name': 'x', 'toString.deep': 1 }).toArray();
      expect(Object.keys(document ?? {})).toEqual(['_id', 'constructor', 'toString']);
    });

    it('may refer to documents, and are found by the parts of the reference', async () => {
      const rows = server().db.collection<Row>('left');
      await rows.deleteMany({});
      const id = new ObjectId();
      await rows.insertOne({ _id: 1, members: [new DBRef('people', id)] });
      expect(await rows.countDocuments({ members: { $elemMatch: { $id: id } } })).toBe(1);
      expect(await rows.countDocuments({ 'members.$id': id })).toBe(1);
      expect(await rows.countDocuments({ members: { $elemMatch: { $id: new ObjectId() } } })).toBe(0);
    });

    it('refuse an _id with operators in it', async () => {
      const rows = server().db.collection<Row>('left');
      expect((await refusal(rows.insertOne({ _id: { $a: 1 } }))).code).toBe(52);
    });

    it('may have a null _id, even from an upsert', async () => {
      const rows = server().db.collection<Row>('left');
      await rows.deleteMany({});
      await rows.replaceOne({}, { _id: null }, { upsert: true });
      expect(await rows.countDocuments({ _id: { $type: 'null' } })).toBe(1);
    });
  });

  describe('collations', () => {
    const WORDS = ['b', 'B', 'a', 'Á', 'á', 'A', '_z', 'zz', '10', '9', ' a', 'éclair', 'eclair', 'Eclair'];

    it.each([
      [1, ' a|_z|10|9|A|a|Á|á|B|b|Eclair|eclair|éclair|zz'],
      [2, ' a|_z|10|9|A|a|Á|á|B|b|Eclair|eclair|éclair|zz'],
      [3, ' a|_z|10|9|a|A|á|Á|b|B|eclair|Eclair|éclair|zz'],
    ] as const)('of strength %i sort words', async (strength, sorted) => {
      const rows = server().db.collection<Row>('left');
      await rows.deleteMany({});
      // Words that the collation considers equal are sorted by `_id`.
      await rows.insertMany([...WORDS].sort().map((word, _id) => ({ _id, word })));
      const documents = await rows
        .find({})
        .collation({ locale: 'en_US', strength })
        .sort({ word: 1, _id: 1 })
        .toArray();
      expect(documents.map(({ word }) => word as string).join('|')).toBe(sorted);
    });

    it.each([
      ['upper', 'A|a|Á|AB|Ab|aB|ab|B|b'],
      ['lower', 'a|A|Á|ab|aB|Ab|AB|b|B'],
      ['off', 'a|A|Á|ab|aB|Ab|AB|b|B'],
    ] as const)('sort the named case first: %s', async (caseFirst, sorted) => {
      const rows = server().db.collection<Row>('left');
      await rows.deleteMany({});
      const words = ['b', 'AB', 'a', 'B', 'Á', 'aB', 'A', 'Ab', 'ab'];
      await rows.insertMany(words.map((word, _id) => ({ _id, word })));
      const collation = { locale: 'en', caseFirst };
      const sort = { word: 1 } as const;
      const wordsOf = async (): Promise<string> =>
        (await rows.find({}, { collation, sort }).toArray()).map(({ word }) => word as string).join('|');
      expect(await wordsOf()).toBe(sorted);
      await rows.createIndex(sort, { collation });
      expect(await wordsOf()).toBe(sorted);
      expect(await rows.find({ word: 'Ab' }, { collation }).toArray()).toEqual([{ _id: 7, word: 'Ab' }]);
      await rows.dropIndexes();
    });

    it('compare digits as numbers on request', async () => {
      const rows = server().db.collection<Row>('left');
      await rows.deleteMany({});
      await rows.insertMany(['a10', 'a9', 'a010', 'a1'].map((word, _id) => ({ _id, word })));
      const documents = await rows
        .find({})
        .collation({ locale: 'en', numericOrdering: true })
        .sort({ word: 1, _id: 1 })
        .toArray();
      expect(documents.map(({ word }) => word as string)).toEqual(['a1', 'a9', 'a10', 'a010']);
    });

    it('apply when documents are counted', async () => {
      const rows = server().db.collection<Row>('left');
      await rows.deleteMany({});
      await rows.insertMany(['PING', 'ping', 'pong'].map((word, _id) => ({ _id, word })));
      const collation = { locale: 'en_US', strength: 2 };
      expect(await rows.countDocuments({ word: 'ping' }, { collation })).toBe(2);
    });

    it('require an existing locale', async () => {
      const rows = server().db.collection<Row>('left');
      const wrong = rows.find({}, { collation: { locale: 'no such locale' } }).toArray();
      expect((await refusal(wrong)).code).toBe(2);
    });
  });
}
