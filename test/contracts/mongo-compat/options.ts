import type { Document } from 'bson';
import type { Collection } from 'mongodb';
import { beforeEach, describe, expect, it } from 'vitest';
import { refusal, type Server } from './server.js';

interface Row extends Document {
  readonly _id: number;
}

/** Options that must be honoured or rejected, never ignored. */
export function honours(server: Server): void {
  describe('options', () => {
    let rows: Collection<Row>;

    beforeEach(async () => {
      rows = server().db.collection<Row>('optional');
      await rows.drop();
      await rows.insertMany([3, 1, 2].map((n) => ({ _id: n, n, name: ['c', 'Á', 'b'][n - 1] ?? '' })));
    });

    it('hint refuses a name of no index, and uses others', async () => {
      await rows.createIndex({ n: -1 });
      expect((await rows.find().hint({ n: -1 }).toArray()).map(({ _id }) => _id)).toEqual([3, 2, 1]);
      expect((await rows.find().hint('n_-1').toArray()).map(({ _id }) => _id)).toEqual([3, 2, 1]);
      for (const hint of ['nope', { nope: 1 }]) {
        expect((await refusal(rows.find().hint(hint).toArray())).code).toBe(2);
        expect((await refusal(rows.updateOne({}, { $set: { x: 1 } }, { hint }))).code).toBe(2);
        expect((await refusal(rows.deleteOne({}, { hint }))).code).toBe(2);
      }
    });

    it('min and max bound the given index', async () => {
      await rows.createIndex({ n: 1 });
      await rows.createIndex({ n: -1, name: 1 });
      const ids = async (options: Document): Promise<number[]> =>
        (await rows.find({}, options).toArray()).map(({ _id }) => _id);
      expect(await ids({ min: { n: 2 }, hint: { n: 1 } })).toEqual([2, 3]);
      expect(await ids({ max: { n: 3 }, hint: 'n_1' })).toEqual([1, 2]);
      expect(await ids({ min: { n: 1 }, max: { n: 3 }, hint: 'n_1', sort: { n: -1 } })).toEqual([2, 1]);
      expect(await ids({ min: { n: 2, name: '' }, hint: 'n_-1_name_1' })).toEqual([2, 1]);
      expect((await rows.find({ name: 'c' }, { min: { n: 1 }, hint: 'n_1' }).toArray()).length).toBe(1);
      const refused = async (options: Document): Promise<unknown> =>
        (await refusal(rows.find({}, options).toArray())).code;
      expect(await refused({ min: { n: 2 } })).toBe(51_173);
      expect(await refused({ min: { name: 2 }, hint: 'n_1' })).toBe(51_174);
      expect(await refused({ min: { n: 3 }, max: { n: 1 }, hint: 'n_1' })).toBe(51_175);
    });

    it('returnKey and showRecordId show keys and record numbers', async () => {
      await rows.createIndex({ n: 1 });
      expect(await rows.find({ n: 2 }).returnKey(true).toArray()).toEqual([{ n: 2 }]);
      expect(await rows.find({ name: 'c' }).returnKey(true).toArray()).toEqual([{}]);
      const [row] = await rows.find({ n: 1 }).project({ _id: 0, n: 1 }).showRecordId(true).toArray();
      expect(row).toEqual({ n: 1, $recordId: expect.any(Number) as number });
    });

    it('natural order works in both directions', async () => {
      expect((await rows.find().hint({ $natural: 1 }).toArray()).map(({ _id }) => _id)).toEqual([3, 1, 2]);
      expect((await rows.find().hint({ $natural: -1 }).toArray()).map(({ _id }) => _id)).toEqual([2, 1, 3]);
      expect((await rows.find().sort({ $natural: 1 }).toArray()).map(({ _id }) => _id)).toEqual([3, 1, 2]);
      expect((await rows.find().sort({ $natural: -1 }).toArray()).map(({ _id }) => _id)).toEqual([2, 1, 3]);
      const last = await rows.findOneAndUpdate({}, { $set: { seen: true } }, { sort: { $natural: -1 } });
      expect(last?._id).toBe(2);
      await rows.updateOne({ _id: 2 }, { $unset: { seen: 1 } });
    });

    it('database names are checked and must not differ only in case', async () => {
      const { client, db } = server();
      for (const name of ['a b', 'a/b', 'a$b', 'x'.repeat(64)]) {
        const insert = client.db(name).command({ insert: 'rows', documents: [{ a: 1 }] });
        expect((await refusal(insert)).code, name).toBe(73);
      }
      const other = client.db(db.databaseName.toUpperCase()).collection('rows').insertOne({ a: 1 });
      expect((await refusal(other)).code).toBe(13_297);
    });

    it('a hidden index is not used, still enforces uniqueness, and can be unhidden', async () => {
      const { db } = server();
      await rows.createIndex({ n: 1 }, { unique: true, hidden: true });
      const plan = async (): Promise<string> => JSON.stringify(await rows.find({ n: 1 }).explain());
      expect(await plan()).toContain('COLLSCAN');
      expect((await refusal(rows.insertOne({ _id: 9, n: 1 }))).code).toBe(11_000);
      expect((await refusal(rows.find().hint('n_1').toArray())).code).toBe(2);
      await db.command({ collMod: 'optional', index: { name: 'n_1', hidden: false } });
      expect(await plan()).toContain('IXSCAN');
    });

    it('collMod changes when documents expire', async () => {
      const { db } = server();
      await rows.createIndex({ at: 1 }, { expireAfterSeconds: 100 });
      const result = await db.command({
        collMod: 'optional',
        index: { keyPattern: { at: 1 }, expireAfterSeconds: 50 },
      });
      expect(result).toMatchObject({ expireAfterSeconds_old: 100, expireAfterSeconds_new: 50 });
      expect(await rows.indexes()).toMatchObject([{}, { expireAfterSeconds: 50 }]);
      expect(
        (await refusal(db.command({ collMod: 'optional', index: { name: 'no', expireAfterSeconds: 1 } })))
          .code,
      ).toBe(27);
    });

    it('a validator is bypassed only on request', async () => {
      const { db } = server();
      await db.command({ collMod: 'optional', validator: { n: { $type: 'int' } } });
      expect((await refusal(rows.insertOne({ _id: 7, n: 'x' }))).code).toBe(121);
      await rows.insertOne({ _id: 7, n: 'x' }, { bypassDocumentValidation: true });
      expect((await refusal(rows.updateOne({ _id: 1 }, { $set: { n: 'y' } }))).code).toBe(121);
      await rows.updateOne({ _id: 1 }, { $set: { n: 'y' } }, { bypassDocumentValidation: true });
      expect(await rows.countDocuments({ n: { $type: 'string' } })).toBe(2);
    });

    it('unused array filters are refused', async () => {
      const unused = rows.updateOne({ _id: 1 }, { $set: { x: 1 } }, { arrayFilters: [{ 'e.a': 1 }] });
      expect((await refusal(unused)).code).toBe(9);
    });

    it('an unsatisfiable write concern is reported, but the write is done', async () => {
      const failed = rows.insertOne({ _id: 50 }, { writeConcern: { w: 5 } });
      await expect(failed).rejects.toMatchObject({ code: 100 });
      expect(await rows.countDocuments({ _id: 50 })).toBe(1);
    });

    it('invalid filters are refused even on a missing collection', async () => {
      const missing = server().db.collection('never_made');
      expect((await refusal(missing.find({ a: { $nope: 1 } }).toArray())).code).toBe(2);
      expect((await refusal(missing.deleteMany({ $nope: 1 }))).code).toBe(2);
      expect((await refusal(missing.updateMany({ $nope: 1 }, { $set: { a: 1 } }))).code).toBe(2);
      expect((await refusal(missing.aggregate([{ $nope: 1 }]).toArray())).code).toBe(40_324);
    });

    it('tailable cursors on an ordinary collection are refused', async () => {
      expect((await refusal(rows.find({}, { tailable: true }).toArray())).code).toBe(2);
    });

    it('texts compare without case, and without accents, on request', async () => {
      const names = async (filter: Document, strength: 1 | 2): Promise<unknown> =>
        (await rows.find(filter).collation({ locale: 'en', strength }).sort({ name: 1 }).toArray()).map(
          ({ name }) => name as unknown,
        );
      expect(await names({ name: 'C' }, 2)).toEqual(['c']);
      expect(await names({ name: 'a' }, 2)).toEqual([]);
      expect(await names({ name: 'a' }, 1)).toEqual(['Á']);
      expect(await names({}, 2)).toEqual(['Á', 'b', 'c']);
      await rows.createIndex({ name: 1 }, { unique: true, collation: { locale: 'en', strength: 2 } });
      expect((await refusal(rows.insertOne({ _id: 8, name: 'B' }))).code).toBe(11_000);
      expect(await names({ name: 'B' }, 2)).toEqual(['b']);
      expect(await rows.countDocuments({ name: 'B' })).toBe(0);
      const result = await rows.updateMany(
        { name: 'B' },
        { $set: { hit: 1 } },
        { collation: { locale: 'en', strength: 2 } },
      );
      expect(result.modifiedCount).toBe(1);
    });

    it('variables of a command are available in its filter', async () => {
      const { db } = server();
      const reply = await db.command({
        find: 'optional',
        filter: { $expr: { $gt: ['$n', '$$least'] } },
        let: { least: 2 },
      });
      expect((reply['cursor'] as Document)['firstBatch']).toMatchObject([{ _id: 3 }]);
      await rows.updateMany({ $expr: { $eq: ['$n', '$$which'] } }, [{ $set: { seen: '$$which' } }], {
        let: { which: 1 },
      });
      expect(await rows.findOne({ _id: 1 })).toMatchObject({ seen: 1 });
    });

    it('views show their pipeline and accept no writes', async () => {
      const { db } = server();
      await db.createCollection('over_one', {
        viewOn: 'optional',
        pipeline: [{ $match: { n: { $gte: 2 } } }, { $project: { n: 1 } }],
      });
      const view = db.collection<Row>('over_one');
      expect(await view.find({}, { sort: { _id: -1 }, limit: 1 }).toArray()).toEqual([{ _id: 3, n: 3 }]);
      expect(await view.countDocuments()).toBe(2);
      expect(await view.distinct('n')).toEqual([2, 3]);
      expect(await view.aggregate([{ $group: { _id: null, s: { $sum: '$n' } } }]).toArray()).toEqual([
        { _id: null, s: 5 },
      ]);
      expect((await refusal(view.insertOne({ _id: 1 }))).code).toBe(166);
      expect((await refusal(view.updateOne({}, { $set: { a: 1 } }))).code).toBe(166);
      expect(await db.listCollections({ name: 'over_one' }).toArray()).toMatchObject([
        { type: 'view', options: { viewOn: 'optional' } },
      ]);
      await view.drop();
      expect(await db.listCollections({ name: 'over_one' }).toArray()).toEqual([]);
    });

    it('maxTimeMS ends a long command with code 50', async () => {
      const many = server().db.collection<Row>('many');
      await many.insertMany(Array.from({ length: 20_000 }, (_, n) => ({ _id: n, text: `row ${n} of many` })));
      const slow = many.find({ text: { $regex: '^(.*)*never' } }, { maxTimeMS: 5 }).toArray();
      expect((await refusal(slow)).code).toBe(50);
      expect(await many.countDocuments({}, { maxTimeMS: 10_000 })).toBe(20_000);
      await many.drop();
    });

    it('administrative commands report on the server, its operations and its collections', async () => {
      const { client } = server();
      const admin = client.db('admin');
      expect(await admin.command({ buildInfo: 1 })).toMatchObject({
        version: expect.stringMatching(/^[78]\./) as unknown,
      });
      expect(await admin.command({ getParameter: 1, featureCompatibilityVersion: 1 })).toMatchObject({
        ok: 1,
      });
      expect(await admin.command({ replSetGetStatus: 1 })).toMatchObject({ myState: 1 });
      const asking = { ns: 'admin.$cmd', op: 'command', active: true };
      const { inprog } = await admin.command({ currentOp: 1, 'command.currentOp': 1 });
      expect(inprog).toMatchObject([{ ...asking, command: { currentOp: 1 } }]);
      const stages = [{ $currentOp: { localOps: true } }, { $match: { 'command.aggregate': 1 } }];
      expect(await admin.aggregate(stages).toArray()).toMatchObject([asking]);
      expect(
        (
          await refusal(
            server()
              .db.aggregate([{ $currentOp: {} }])
              .toArray(),
          )
        ).code,
      ).toBe(73);
      expect((await refusal(rows.aggregate([{ $currentOp: {} }]).toArray())).code).toBe(73);
      expect((await refusal(server().db.command({ currentOp: 1 }))).code).toBe(13);
      expect(await admin.command({ killOp: 1, op: 999_999_999 })).toMatchObject({ ok: 1 });
      expect(await server().db.command({ validate: 'optional' })).toMatchObject({ valid: true, nrecords: 3 });
      expect(await rows.aggregate([{ $collStats: { storageStats: {} } }]).toArray()).toMatchObject([
        { storageStats: { count: 3 } },
      ]);
      expect((await refusal(admin.command({ noSuchThing: 1 }))).code).toBe(59);
    });
  });
}
