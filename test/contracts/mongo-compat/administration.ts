import { describe, expect, it } from 'vitest';
import { refusal, type Server } from './server.js';

export function administers(server: Server): void {
  describe('administration', () => {
    it('answers the commands that tools send first', async () => {
      const { db } = server();
      expect(await db.command({ ping: 1 })).toMatchObject({ ok: 1 });
      expect(await db.admin().command({ hello: 1 })).toMatchObject({ isWritablePrimary: true });
      expect(await db.admin().buildInfo()).toHaveProperty('version');
      expect(await db.admin().serverStatus()).toHaveProperty('uptime');
    });

    it('lists databases, collections and indexes', async () => {
      const { db, items } = server();
      await items.createIndex({ g: 1 });
      const { databases } = await db.admin().listDatabases();
      expect(databases.map((database) => database.name)).toContain(db.databaseName);
      expect((await db.listCollections().toArray()).map((row) => row.name)).toContain('items');
      expect((await items.indexes()).map((index) => index.name)).toEqual(['_id_', 'g_1']);
      await items.dropIndex('g_1');
      expect(await items.indexes()).toHaveLength(1);
    });

    it('renames and drops collections', async () => {
      const { db } = server();
      await db.collection('old').insertOne({ v: 1 });
      await db.collection('old').rename('new');
      expect(await db.collection('new').countDocuments()).toBe(1);
      expect(await db.collection('old').countDocuments()).toBe(0);
      await db.collection('new').drop();
      expect(await db.collection('new').countDocuments()).toBe(0);
    });

    it('refuses to create a collection again with other options', async () => {
      const { db } = server();
      await db.createCollection('twice');
      expect((await refusal(db.command({ create: 'twice', validator: { a: 1 } }))).code).toBe(48);
    });

    it('refuses unknown commands, stages and operators with MongoDB’s error codes', async () => {
      const { db, items } = server();
      expect((await refusal(db.command({ nonsense: 1 }))).code).toBe(59);
      expect((await refusal(items.aggregate([{ $nonsense: {} }]).toArray())).code).toBe(40324);
      expect((await refusal(items.find({ a: { $nonsense: 1 } }).toArray())).code).toBe(2);
      expect((await refusal(items.updateOne({}, { $nonsense: { a: 1 } }))).code).toBe(9);
    });

    it('explains which index it uses', async () => {
      const { items } = server();
      await items.createIndex({ a: 1 });
      expect(JSON.stringify(await items.find({ a: 1 }).explain())).toContain('a_1');
    });

    it('looks up a long list of values one by one, and counts from index keys alone', async () => {
      const { items } = server();
      await items.createIndex({ pieces: 1 });
      await items.insertMany(
        Array.from({ length: 1_000 }, (_, n) => ({
          _id: `i${n}`,
          a: n % 2,
          pieces: [`p${n}`, `q${n % 10}`],
        })),
      );
      const many = { pieces: { $in: Array.from({ length: 600 }, (_, n) => `p${n * 2}`) } };
      expect(JSON.stringify(await items.find(many).explain())).toContain('pieces_1');
      expect(await items.countDocuments(many)).toBe(500);
      expect(await items.countDocuments({ pieces: 'q3' })).toBe(100);
      expect(await items.countDocuments({ pieces: 'q3' }, { limit: 30 })).toBe(30);
      expect(await items.countDocuments({ pieces: 'q3' }, { skip: 90 })).toBe(10);
      expect(await items.countDocuments({ pieces: 'q3', a: 0 })).toBe(0);
      await items.deleteOne({ _id: 'i3' });
      expect(await items.countDocuments({ pieces: 'q3' })).toBe(99);
    });

    it('uses a partial index for a filter that implies its condition', async () => {
      const { items } = server();
      const partialFilterExpression = { lockedAt: null, 'data.key': { $exists: true } };
      await items.createIndex({ 'data.key': 1 }, { name: 'waiting', unique: true, partialFilterExpression });
      await items.insertMany([
        { _id: 'waits', lockedAt: null, data: { key: 'k' } },
        { _id: 'runs', lockedAt: new Date(), data: { key: 'k' } },
      ]);
      const filter = { 'data.key': 'k', lockedAt: null };
      expect(JSON.stringify(await items.find(filter).explain())).toContain('waiting');
      expect(await items.find(filter).toArray()).toMatchObject([{ _id: 'waits' }]);
      expect(await items.find({ 'data.key': 'k' }).toArray()).toHaveLength(2);
    });
  });
}
