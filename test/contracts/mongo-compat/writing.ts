import { Binary, Decimal128, Double, Int32, Long, MongoBulkWriteError, UUID } from 'mongodb';
import { describe, expect, it } from 'vitest';
import { refusal, type Server } from './server.js';

export function writes(server: Server): void {
  describe('writing', () => {
    it('keeps _id unique', async () => {
      const { items } = server();
      const error = await refusal(items.insertOne({ _id: 1 }));
      expect([error.code, error.keyPattern, error.keyValue]).toEqual([11000, { _id: 1 }, { _id: 1 }]);
    });

    it('updates fields, counters and arrays together', async () => {
      const { items } = server();
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

    it('updates the matched element or the filtered elements of an array', async () => {
      const { items } = server();
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
      const { items } = server();
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

    it('updates with a pipeline', async () => {
      const { items } = server();
      await items.updateOne({ _id: 2 }, [{ $set: { sum: { $add: ['$a', 5] } } }]);
      expect((await items.findOne({ _id: 2 }))?.sum).toBe(7);
    });

    it('refuses updates that contradict themselves or change _id', async () => {
      const { items } = server();
      expect((await refusal(items.updateOne({ _id: 1 }, { $set: { a: 1 }, $inc: { a: 1 } }))).code).toBe(40);
      expect((await refusal(items.updateOne({ _id: 1 }, { $set: { _id: 9 } }))).code).toBe(66);
      expect((await refusal(items.updateOne({ _id: 1 }, { $inc: { s: 1 } }))).code).toBe(14);
    });

    it('inserts if an upsert matches nothing', async () => {
      const { items } = server();
      const change = { $set: { v: 1 }, $setOnInsert: { w: 2 } };
      const result = await items.updateOne({ k: 'u', 'deep.er': 1 }, change, { upsert: true });
      expect(await items.findOne({ _id: result.upsertedId ?? 0 })).toMatchObject({
        k: 'u',
        deep: { er: 1 },
        v: 1,
        w: 2,
      });
    });

    it('finds and changes one document in the requested order', async () => {
      const { items } = server();
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
      const { items } = server();
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
      const { items } = server();
      const rows = [{ _id: 20 }, { _id: 20 }, { _id: 21 }];
      const unordered = await refusal(items.insertMany(rows, { ordered: false }));
      expect(unordered).toBeInstanceOf(MongoBulkWriteError);
      expect(await items.countDocuments({ _id: { $gte: 20 } })).toBe(2);
      await items.deleteMany({ _id: { $gte: 20 } });
      await refusal(items.insertMany(rows));
      expect(await items.countDocuments({ _id: { $gte: 20 } })).toBe(1);
    });

    it('returns every BSON type as it was sent', async () => {
      const { items } = server();
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
      const { items } = server();
      await items.insertOne({ _id: 'n', i: new Int32(2_147_483_647), d: new Double(1) });
      await items.updateOne({ _id: 'n' }, { $inc: { i: 1, d: 1 } });
      const back = await items.findOne({ _id: 'n' }, { promoteValues: false });
      expect(back?.i).toEqual(Long.fromNumber(2_147_483_648));
      expect(back?.d).toEqual(new Double(2));
    });
  });
}
