import mongoose from 'mongoose';
import { describe, afterAll, beforeAll, expect, it } from 'vitest';
import type { Server } from './server.js';

export function servesMongoose(server: Server): void {
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
      const { uri, db } = server();
      connection = await mongoose.createConnection(uri, { dbName: `${db.databaseName}_m` }).asPromise();
    });

    afterAll(async () => {
      await connection.dropDatabase();
      await connection.close();
    });

    it('creates, saves, populates and counts', async () => {
      const M = connection.model('M', schema);
      await M.init();
      const document = await M.create({ name: 'a', n: 1, sub: [{ x: 1 }] });
      document.sub.push({ x: 2 });
      document.n = 5;
      await document.save();
      expect(await M.findById(document._id).lean()).toMatchObject({
        n: 5,
        __v: 1,
        sub: [{ x: 1 }, { x: 2 }],
      });
      await M.create({ name: 'b', ref: document._id });
      const populated = await M.findOne({ name: 'b' }).populate<{ ref: { name: string } }>('ref');
      expect(populated?.ref.name).toBe('a');
      await expect(M.create({ name: 'a' })).rejects.toMatchObject({ code: 11000 });
      await M.syncIndexes();
      expect(await M.countDocuments({})).toBe(2);
    });
  });
}
