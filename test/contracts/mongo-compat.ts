import { Agenda } from 'agenda';
import { MongoBackend } from '@agendajs/mongo-backend';
import {
  Binary,
  Decimal128,
  Double,
  GridFSBucket,
  Int32,
  Long,
  MongoBulkWriteError,
  MongoClient,
  MongoServerError,
  ObjectId,
  UUID,
  type Collection,
  type Db,
  type Document,
} from 'mongodb';
import mongoose from 'mongoose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

interface Item extends Document {
  _id: number | string | ObjectId;
}
type Items = Collection<Item>;

const WAIT_MS = 8_000;

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const limit = Date.now() + WAIT_MS;
  while (!(await condition())) {
    if (Date.now() > limit) throw new Error('waited too long');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** The server's answer to something that has to fail. */
async function refusal(work: Promise<unknown>): Promise<MongoServerError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof MongoServerError) return error;
  throw new Error(`expected the server to refuse, got ${String(error)}`);
}

/**
 * What every server behind Sapa has to do, seen through the real drivers. The official server passes
 * the same suite; `uri` gives the address when the tests start.
 */
export function mongoCompatSuite(name: string, uri: () => string): void {
  describe(name, () => {
    let client: MongoClient;
    let db: Db;
    let items: Items;

    beforeAll(async () => {
      client = new MongoClient(uri(), { serverSelectionTimeoutMS: 10_000 });
      await client.connect();
      db = client.db(`compat_${new ObjectId().toHexString()}`);
      items = db.collection('items');
    });

    afterAll(async () => {
      await db.dropDatabase();
      await client.close();
    });

    beforeEach(async () => {
      await items.deleteMany({});
      await items.insertMany([
        { _id: 1, a: 1, g: 'x', tags: ['p', 'q'], s: 'Hello' },
        { _id: 2, a: 2, g: 'x', tags: ['q'], s: 'world' },
        { _id: 3, a: 3, g: 'y', tags: [], n: { m: 5 } },
      ]);
    });

    describe('administration', () => {
      it('answers the commands tools ask first', async () => {
        expect(await db.command({ ping: 1 })).toMatchObject({ ok: 1 });
        expect(await db.admin().command({ hello: 1 })).toMatchObject({ isWritablePrimary: true });
        expect(await db.admin().buildInfo()).toHaveProperty('version');
        expect(await db.admin().serverStatus()).toHaveProperty('uptime');
      });

      it('lists databases, collections and indexes', async () => {
        await items.createIndex({ g: 1 });
        const { databases } = await db.admin().listDatabases();
        expect(databases.map((database) => database.name)).toContain(db.databaseName);
        expect((await db.listCollections().toArray()).map((row) => row.name)).toContain('items');
        expect((await items.indexes()).map((index) => index.name)).toEqual(['_id_', 'g_1']);
        await items.dropIndex('g_1');
        expect(await items.indexes()).toHaveLength(1);
      });

      it('renames and drops collections', async () => {
        await db.collection('old').insertOne({ v: 1 });
        await db.collection('old').rename('new');
        expect(await db.collection('new').countDocuments()).toBe(1);
        expect(await db.collection('old').countDocuments()).toBe(0);
        await db.collection('new').drop();
        expect(await db.collection('new').countDocuments()).toBe(0);
      });

      it('refuses to create a collection twice', async () => {
        await db.createCollection('twice');
        expect((await refusal(db.command({ create: 'twice', validator: { a: 1 } }))).code).toBe(48);
      });

      it('refuses unknown commands, stages and operators with the codes of MongoDB', async () => {
        expect((await refusal(db.command({ nonsense: 1 }))).code).toBe(59);
        expect((await refusal(items.aggregate([{ $nonsense: {} }]).toArray())).code).toBe(40324);
        expect((await refusal(items.find({ a: { $nonsense: 1 } }).toArray())).code).toBe(2);
        expect((await refusal(items.updateOne({}, { $nonsense: { a: 1 } }))).code).toBe(9);
      });

      it('explains which index answers', async () => {
        await items.createIndex({ a: 1 });
        expect(JSON.stringify(await items.find({ a: 1 }).explain())).toContain('a_1');
      });
    });

    describe('reading', () => {
      it('filters, sorts, skips, limits and projects', async () => {
        const found = await items
          .find({ a: { $gte: 1 } })
          .sort({ a: -1 })
          .skip(1)
          .limit(1)
          .project({ a: 1 })
          .toArray();
        expect(found).toEqual([{ _id: 2, a: 2 }]);
      });

      it('combines operators', async () => {
        const filter = {
          $or: [{ tags: { $elemMatch: { $eq: 'p' } } }, { s: { $regex: '^WOR', $options: 'i' } }],
          g: { $in: ['x'] },
          zz: { $exists: false },
        };
        expect(await items.countDocuments(filter)).toBe(2);
        expect(await items.countDocuments({ $expr: { $gt: ['$a', 2] } })).toBe(1);
        expect(await items.countDocuments({ tags: { $all: ['p', 'q'] } })).toBe(1);
        expect(await items.countDocuments({ tags: { $size: 0 } })).toBe(1);
        expect(await items.countDocuments({ a: { $not: { $gt: 1 } } })).toBe(1);
        expect(await items.countDocuments({ a: { $mod: [2, 1] } })).toBe(2);
        expect(await items.countDocuments({ s: { $type: 'string' } })).toBe(2);
      });

      it('lets null match missing fields', async () => {
        expect(await items.countDocuments({ 'n.m': null })).toBe(2);
      });

      it('compares only values of one class', async () => {
        await items.insertMany([{ _id: 4, a: 'text' }, { _id: 5, a: null }, { _id: 6 }]);
        expect(await items.countDocuments({ a: { $gt: 0 } })).toBe(3);
        await items.createIndex({ a: 1 });
        expect(await items.countDocuments({ a: { $gt: 0 } })).toBe(3);
        expect(await items.countDocuments({ a: null })).toBe(2);
        const sorted = await items.find().sort({ a: 1, _id: 1 }).toArray();
        expect(sorted.map((row) => row._id)).toEqual([5, 6, 1, 2, 3, 4]);
        await items.dropIndex('a_1');
      });

      it('counts and lists distinct values', async () => {
        expect(await items.estimatedDocumentCount()).toBe(await items.countDocuments());
        expect(await items.distinct('tags')).toEqual(['p', 'q']);
      });

      it('reads a large result in batches', async () => {
        const big = db.collection('big');
        await big.insertMany(Array.from({ length: 2_500 }, (_, i) => ({ i })));
        let read = 0;
        for await (const row of big.find({}, { batchSize: 100 })) read += row.i >= 0 ? 1 : 0;
        expect(read).toBe(2_500);
      });
    });

    describe('writing', () => {
      it('keeps _id unique', async () => {
        const error = await refusal(items.insertOne({ _id: 1 }));
        expect([error.code, error.keyPattern, error.keyValue]).toEqual([11000, { _id: 1 }, { _id: 1 }]);
      });

      it('updates fields, counters and arrays together', async () => {
        await items.updateOne(
          { _id: 1 },
          {
            $set: { 'n.z': 1 },
            $inc: { a: 10 },
            $push: { tags: { $each: ['r', 's'], $slice: -2 } } as never,
            $unset: { s: 1 },
            $currentDate: { ts: true },
          },
        );
        expect(await items.findOne({ _id: 1 })).toEqual({
          _id: 1,
          a: 11,
          g: 'x',
          tags: ['r', 's'],
          n: { z: 1 },
          ts: expect.any(Date) as unknown,
        });
      });

      it('updates the matched element and the filtered elements of an array', async () => {
        await items.insertOne({
          _id: 4,
          items: [
            { id: 1, v: 1 },
            { id: 2, v: 2 },
          ],
        });
        await items.updateOne({ _id: 4, 'items.id': 2 }, { $set: { 'items.$.v': 9 } });
        await items.updateOne({ _id: 4 }, { $set: { 'items.$[e].v': 7 } }, { arrayFilters: [{ 'e.id': 1 }] });
        await items.updateOne({ _id: 4 }, { $inc: { 'items.$[].v': 1 } });
        expect((await items.findOne({ _id: 4 }))?.items).toEqual([
          { id: 1, v: 8 },
          { id: 2, v: 10 },
        ]);
      });

      it('adds to sets, takes minima, multiplies, renames and pulls', async () => {
        await items.updateOne(
          { _id: 2 },
          { $addToSet: { tags: 'z' }, $min: { a: 1 }, $mul: { q: 2 }, $rename: { s: 's2' } },
        );
        await items.updateOne({ _id: 2 }, { $pull: { tags: 'q' } as never });
        expect(await items.findOne({ _id: 2 })).toEqual({
          _id: 2,
          a: 1,
          g: 'x',
          tags: ['z'],
          q: 0,
          s2: 'world',
        });
      });

      it('updates by a pipeline', async () => {
        await items.updateOne({ _id: 2 }, [{ $set: { sum: { $add: ['$a', 5] } } }]);
        expect((await items.findOne({ _id: 2 }))?.sum).toBe(7);
      });

      it('refuses updates that contradict themselves or change _id', async () => {
        expect((await refusal(items.updateOne({ _id: 1 }, { $set: { a: 1 }, $inc: { a: 1 } }))).code).toBe(
          40,
        );
        expect((await refusal(items.updateOne({ _id: 1 }, { $set: { _id: 9 } }))).code).toBe(66);
        expect((await refusal(items.updateOne({ _id: 1 }, { $inc: { s: 1 } }))).code).toBe(14);
      });

      it('inserts what an upsert does not find', async () => {
        const change = { $set: { v: 1 }, $setOnInsert: { w: 2 } };
        const result = await items.updateOne({ k: 'u', 'deep.er': 1 }, change, { upsert: true });
        expect(await items.findOne({ _id: result.upsertedId ?? 0 })).toMatchObject({
          k: 'u',
          deep: { er: 1 },
          v: 1,
          w: 2,
        });
      });

      it('finds and changes one document in the order asked for', async () => {
        const sorted = { sort: { a: -1 }, returnDocument: 'after' } as const;
        expect(await items.findOneAndUpdate({ g: 'x' }, { $set: { lock: 1 } }, sorted)).toMatchObject({
          _id: 2,
        });
        expect(await items.findOneAndUpdate({ nope: 1 }, { $set: { x: 1 } })).toBeNull();
        const upserted = await items.findOneAndUpdate(
          { k: 'fu' },
          { $inc: { n: 1 }, $setOnInsert: { first: true } },
          { upsert: true, returnDocument: 'after', projection: { _id: 0 } },
        );
        expect(upserted).toEqual({ k: 'fu', n: 1, first: true });
        expect(await items.findOneAndDelete({ k: 'fu' })).toMatchObject({ n: 1 });
        expect(await items.countDocuments({ k: 'fu' })).toBe(0);
      });

      it('replaces documents and runs bulk writes', async () => {
        expect((await items.replaceOne({ _id: 3 }, { a: 33 })).modifiedCount).toBe(1);
        expect(await items.findOne({ _id: 3 })).toEqual({ _id: 3, a: 33 });
        const result = await items.bulkWrite([
          { insertOne: { document: { _id: 10 } } },
          { updateOne: { filter: { _id: 10 }, update: { $set: { b: 1 } } } },
          { deleteOne: { filter: { _id: 10 } } },
        ]);
        expect([result.insertedCount, result.modifiedCount, result.deletedCount]).toEqual([1, 1, 1]);
      });

      it('stops an ordered batch at its first error and finishes an unordered one', async () => {
        const rows = [{ _id: 20 }, { _id: 20 }, { _id: 21 }];
        const unordered = await refusal(items.insertMany(rows, { ordered: false }));
        expect(unordered).toBeInstanceOf(MongoBulkWriteError);
        expect(await items.countDocuments({ _id: { $gte: 20 } })).toBe(2);
        await items.deleteMany({ _id: { $gte: 20 } });
        await refusal(items.insertMany(rows));
        expect(await items.countDocuments({ _id: { $gte: 20 } })).toBe(1);
      });

      it('brings every BSON type back as it was sent', async () => {
        const document = {
          _id: 'types',
          long: Long.fromString('9007199254740993'),
          small: Long.fromNumber(5),
          int: new Int32(5),
          double: new Double(5),
          decimal: Decimal128.fromString('1.10'),
          binary: new Binary(Buffer.from('x'), 128),
          uuid: new UUID(),
          date: new Date(5),
          pattern: /x/i,
          nothing: null,
          nested: [{ deep: new Double(1) }],
        };
        await items.insertOne(document);
        await items.updateOne({ _id: 'types' }, { $set: { more: new Double(2) } });
        const back = await items.findOne({ _id: 'types' }, { promoteValues: false });
        expect(back).toMatchObject({
          long: document.long,
          small: document.small,
          int: document.int,
          double: document.double,
          decimal: document.decimal,
          binary: document.binary,
          date: document.date,
          nested: document.nested,
          more: new Double(2),
        });
        expect(String(back?.uuid)).toBe(String(document.uuid));
      });

      it('keeps the number type of a counter and widens it when it overflows', async () => {
        await items.insertOne({ _id: 'n', i: new Int32(2_147_483_647), d: new Double(1) });
        await items.updateOne({ _id: 'n' }, { $inc: { i: 1, d: 1 } });
        const back = await items.findOne({ _id: 'n' }, { promoteValues: false });
        expect(back?.i).toEqual(Long.fromNumber(2_147_483_648));
        expect(back?.d).toEqual(new Double(2));
      });
    });

    describe('indexes', () => {
      it('keeps unique values unique, on insert and on update', async () => {
        const users = db.collection('users');
        await users.createIndex({ e: 1 }, { unique: true });
        await users.insertMany([{ e: 'a' }, { e: 'b' }]);
        const error = await refusal(users.insertOne({ e: 'a' }));
        expect([error.code, error.keyPattern, error.keyValue]).toEqual([11000, { e: 1 }, { e: 'a' }]);
        expect((await refusal(users.updateOne({ e: 'b' }, { $set: { e: 'a' } }))).code).toBe(11000);
        expect((await users.findOne({ e: 'b' }))?.e).toBe('b');
      });

      it('lets two documents share no element of a unique array', async () => {
        const people = db.collection('people');
        await people.createIndex({ 'names.id': 1 }, { unique: true });
        await people.insertOne({ names: [{ id: 'a' }, { id: 'b' }, { id: 'b' }] });
        const error = await refusal(people.insertOne({ names: [{ id: 'c' }, { id: 'b' }] }));
        expect([error.code, error.keyValue]).toEqual([11000, { 'names.id': 'b' }]);
        await people.insertOne({ names: [{ id: 'c' }, { id: 'd' }] });
        expect((await people.find({ 'names.id': 'd' }).toArray())[0]?.names).toHaveLength(2);
      });

      it('applies partial and sparse indexes only to their documents', async () => {
        const partial = db.collection('partial');
        await partial.createIndex(
          { p: 1 },
          { unique: true, partialFilterExpression: { p: { $type: 'string' } } },
        );
        await partial.insertMany([{ p: null }, { p: null }, { p: 's' }]);
        expect((await refusal(partial.insertOne({ p: 's' }))).code).toBe(11000);
        expect(await partial.countDocuments({ p: null })).toBe(2);
        const sparse = db.collection('sparse');
        await sparse.createIndex({ x: 1, y: 1 }, { unique: true, sparse: true });
        await sparse.insertMany([{ a: 1 }, { a: 2 }, { x: 1, y: 1 }]);
        expect((await refusal(sparse.insertOne({ x: 1, y: 1 }))).code).toBe(11000);
        expect(await sparse.countDocuments({ x: null })).toBe(2);
      });

      it('refuses a unique index over values that are not', async () => {
        expect((await refusal(items.createIndex({ g: 1 }, { unique: true }))).code).toBe(11000);
        expect(await items.indexes()).toHaveLength(1);
      });

      it('refuses an index whose name or key is taken by another one', async () => {
        await items.createIndex({ a: 1 });
        expect(await items.createIndex({ a: 1 })).toBe('a_1');
        expect((await refusal(items.createIndex({ g: 1 }, { name: 'a_1' }))).code).toBe(86);
        expect((await refusal(items.createIndex({ a: 1 }, { unique: true, name: 'a_1' }))).code).toBe(86);
        await items.dropIndex('a_1');
      });

      it('answers every filter and order the same with and without an index', async () => {
        const rows = db.collection<Document>('planned');
        const values = [null, 1, 2, 2.5, 'a', 'b', [1, 'b'], [], true, new Date(3), { z: 1 }];
        await rows.insertMany(
          values.flatMap((a, i) => [
            { i, a, b: i % 3 },
            { i, b: -i, a },
          ]),
        );
        const filters: Document[] = [
          { a: 1 },
          { a: null },
          { a: { $in: [2, 'b'] } },
          { a: { $gt: 1, $lt: 3 } },
          { a: { $gte: 'a' }, b: { $lt: 1 } },
          { a: 2, b: { $gte: -5 } },
          { a: { $ne: 1 } },
          { a: [] },
        ];
        const read = async (filter: Document): Promise<unknown> =>
          (await rows.find(filter).sort({ b: -1, i: 1, _id: 1 }).toArray()).map((row) => row._id as unknown);
        const before = await Promise.all(filters.map(read));
        for (const index of [{ a: 1 }, { a: -1, b: 1 }, { b: -1, i: 1, _id: 1 }] as const) {
          await rows.createIndex(index);
          expect(await Promise.all(filters.map(read))).toEqual(before);
        }
      });
    });

    describe('aggregation', () => {
      it('groups, joins and unions', async () => {
        const groups = await items
          .aggregate([{ $group: { _id: '$g', n: { $sum: 1 }, m: { $max: '$a' } } }, { $sort: { n: -1 } }])
          .toArray();
        expect(groups).toEqual([
          { _id: 'x', n: 2, m: 2 },
          { _id: 'y', n: 1, m: 3 },
        ]);
        await db.collection('orders').insertMany([
          { ref: 1, z: 1 },
          { ref: 1, z: 2 },
        ]);
        const lookup = { from: 'orders', localField: '_id', foreignField: 'ref', as: 'os' };
        const joined = await items
          .aggregate([{ $match: { _id: 1 } }, { $lookup: lookup }, { $unwind: '$os' }])
          .toArray();
        expect(joined.map((row) => (row.os as Document).z as unknown)).toEqual([1, 2]);
        const pipeline = [{ $match: { $expr: { $eq: ['$ref', '$$i'] } } }];
        const correlated = { from: 'orders', let: { i: '$_id' }, pipeline, as: 'os' };
        const [first] = await items.aggregate([{ $match: { _id: 1 } }, { $lookup: correlated }]).toArray();
        expect(first?.os).toHaveLength(2);
        expect(await items.aggregate([{ $unionWith: 'orders' }, { $count: 'n' }]).toArray()).toEqual([
          { n: 5 },
        ]);
      });

      it('computes facets, windows and dates', async () => {
        const facets = { a: [{ $count: 'n' }], b: [{ $sortByCount: '$g' }] };
        expect(await items.aggregate([{ $facet: facets }]).toArray()).toMatchObject([{ a: [{ n: 3 }] }]);
        const windows = { sortBy: { a: 1 }, output: { rank: { $rank: {} } } };
        const ranked = await items.aggregate([{ $setWindowFields: windows }, { $sort: { a: 1 } }]).toArray();
        expect(ranked.map((row) => row.rank as unknown)).toEqual([1, 2, 3]);
        const date = new Date('2024-01-02T03:04:05Z');
        const day = { $dateToString: { date, format: '%Y-%m-%d %H:%M' } };
        expect(await items.aggregate([{ $match: { _id: 1 } }, { $project: { day } }]).toArray()).toEqual([
          { _id: 1, day: '2024-01-02 03:04' },
        ]);
      });

      it('writes results with $out and $merge', async () => {
        await items.aggregate([{ $match: { _id: 1 } }, { $out: 'written' }]).toArray();
        await items.aggregate([{ $match: { _id: { $lte: 2 } } }, { $merge: { into: 'written' } }]).toArray();
        expect(await db.collection('written').countDocuments()).toBe(2);
      });
    });

    describe('what applications are built with', () => {
      it('stores and reads files of GridFS', async () => {
        const bucket = new GridFSBucket(db);
        const upload = bucket.openUploadStream('f.bin');
        upload.end(Buffer.alloc(600_000, 7));
        await new Promise((resolve, reject) => upload.on('finish', resolve).on('error', reject));
        let size = 0;
        for await (const chunk of bucket.openDownloadStreamByName('f.bin')) size += (chunk as Buffer).length;
        expect(size).toBe(600_000);
      });

      it('leaves nothing of an aborted transaction', async () => {
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

      it('does a repeated write once and answers it twice', async () => {
        const own = new MongoClient(uri());
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

      it('reports changes to those who watch', async () => {
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
        await until(() => events.length >= 2);
        await stream.close();
        expect(events.map((event) => [event.operationType, event.fullDocument] as unknown)).toEqual([
          ['insert', { _id: 1 }],
          ['update', { _id: 1, q: 2 }],
        ]);
        expect(events[1]?.updateDescription).toMatchObject({ updatedFields: { q: 2 } });
      });

      it('checks documents against a validator', async () => {
        await db.createCollection('valid', { validator: { $jsonSchema: { required: ['a'] } } });
        expect((await refusal(db.collection('valid').insertOne({}))).code).toBe(121);
        await db.collection('valid').insertOne({ a: 1 });
      });
    });

    describe('mongoose', () => {
      const schema = new mongoose.Schema(
        {
          name: { type: String, unique: true },
          n: Number,
          sub: [{ x: Number }],
          ref: { type: mongoose.Schema.Types.ObjectId, ref: 'M' },
        },
        { timestamps: true },
      );
      let connection: mongoose.Connection;

      beforeAll(async () => {
        connection = await mongoose.createConnection(uri(), { dbName: `${db.databaseName}_m` }).asPromise();
      });

      afterAll(async () => {
        await connection.dropDatabase();
        await connection.close();
      });

      it('makes, saves, populates and counts', async () => {
        const M = connection.model('M', schema);
        await M.init();
        const made = await M.create({ name: 'a', n: 1, sub: [{ x: 1 }] });
        made.sub.push({ x: 2 });
        made.n = 5;
        await made.save();
        expect(await M.findById(made._id).lean()).toMatchObject({ n: 5, __v: 1, sub: [{ x: 1 }, { x: 2 }] });
        await M.create({ name: 'b', ref: made._id });
        const populated = await M.findOne({ name: 'b' }).populate<{ ref: { name: string } }>('ref');
        expect(populated?.ref.name).toBe('a');
        await expect(M.create({ name: 'a' })).rejects.toMatchObject({ code: 11000 });
        await M.syncIndexes();
        expect(await M.countDocuments({})).toBe(2);
      });
    });

    describe('Agenda', () => {
      it('runs each job once, with two workers', async () => {
        const runs: number[] = [];
        const make = (): Agenda => {
          const backend = new MongoBackend({
            mongo: client.db(db.databaseName),
            collection: 'jobs',
          });
          const agenda = new Agenda({ backend, processEvery: 100 });
          agenda.define<{ i: number }>('k', (job) => {
            runs.push(job.attrs.data.i);
            return Promise.resolve();
          });
          return agenda;
        };
        const workers = [make(), make()];
        const [first] = workers;
        await Promise.all(workers.map(async (worker) => worker.start()));
        await Promise.all(Array.from({ length: 20 }, async (_, i) => first?.now('k', { i })));
        await until(() => runs.length >= 20);
        await new Promise((resolve) => setTimeout(resolve, 300));
        await Promise.all(workers.map((worker) => worker.stop()));
        expect(runs.sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => i));
      });
    });
  });
}
