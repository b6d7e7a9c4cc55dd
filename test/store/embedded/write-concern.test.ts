import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MongoClient, type Collection } from 'mongodb';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { mendWaitsOnClosedConnections } from '../../../src/store/closed-connections.js';
import { openEmbeddedStore } from '../../../src/store/embedded/index.js';
import { startStoreProcess } from './child.js';
import { silentLogger } from '../../fakes/silent-logger.js';

const QUICK = { writeConcern: { w: 1, journal: false } } as const;
const UNANSWERED = { writeConcern: { w: 0 } } as const;

interface Row {
  _id: number;
  n: number;
}

// Without this, closing a client whose server was just killed sometimes never ends.
mendWaitsOnClosedConnections();

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe('writes that need not be on disk before they are acknowledged', () => {
  let dataDir: string;

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'sapa-quick-'));
  });

  afterEach(async () => {
    await rm(dataDir, { recursive: true, force: true });
  });

  /** Writes to a store in another process, kills that process, and returns what its successor finds. */
  async function afterKill(write: (rows: Collection<Row>) => Promise<void>): Promise<Row[]> {
    const owner = startStoreProcess(dataDir);
    const { uri } = await owner.opened;
    // A client that is closed while its server dies waits this long for another server.
    const writer = new MongoClient(uri, { serverSelectionTimeoutMS: 500 });
    await write(writer.db('quick').collection<Row>('rows'));
    await owner.end('SIGKILL');
    await writer.close();
    const store = await openEmbeddedStore({ dataDir, logger: silentLogger });
    const reader = new MongoClient(store.uri);
    const rows = await reader.db('quick').collection<Row>('rows').find().sort({ _id: 1 }).toArray();
    await reader.close();
    await store.close();
    return rows;
  }

  it('are visible at once, and soon on disk without another write', async () => {
    const rows = await afterKill(async (rows) => {
      await rows.insertOne({ _id: 1, n: 0 }, QUICK);
      const after = await rows.findOneAndUpdate(
        { _id: 1 },
        { $inc: { n: 1 } },
        { ...QUICK, returnDocument: 'after' },
      );
      expect(after).toEqual({ _id: 1, n: 1 });
      expect(await rows.findOne({ _id: 1 })).toEqual({ _id: 1, n: 1 });
      await pause(500);
    });
    expect(rows).toEqual([{ _id: 1, n: 1 }]);
  });

  it('survive an immediate rename of their collection', async () => {
    const rows = await afterKill(async (rows) => {
      await rows.insertOne({ _id: 1, n: 1 });
      await rows.insertOne({ _id: 2, n: 2 }, QUICK);
      await rows.deleteOne({ _id: 1 }, QUICK);
      const renamed = await rows.rename('other');
      expect(await renamed.find().toArray()).toEqual([{ _id: 2, n: 2 }]);
      await renamed.updateOne({ n: 2 }, { $set: { n: 3 } }, QUICK);
      await renamed.rename('rows');
    });
    expect(rows).toEqual([{ _id: 2, n: 3 }]);
  });

  it('are on disk once a later ordinary write is acknowledged', async () => {
    const rows = await afterKill(async (rows) => {
      for (let n = 0; n < 20; n += 1) await rows.insertOne({ _id: n, n }, QUICK);
      await rows.insertOne({ _id: 20, n: 20 });
    });
    expect(rows.map(({ _id }) => _id)).toEqual(Array.from({ length: 21 }, (_, n) => n));
  });

  it('never leave a gap: a kill loses only the last ones', async () => {
    let acknowledged = 0;
    const rows = await afterKill(async (rows) => {
      await rows.insertOne({ _id: 0, n: 0 });
      for (acknowledged = 1; acknowledged < 300; acknowledged += 1) {
        await rows.insertOne({ _id: acknowledged, n: acknowledged }, QUICK);
      }
    });
    expect(rows.map(({ _id }) => _id)).toEqual(rows.map((_, n) => n));
    expect(rows.length).toBeLessThanOrEqual(acknowledged);
  });

  it('are performed without any reply if the client wants none', async () => {
    const rows = await afterKill(async (rows) => {
      await rows.insertOne({ _id: 1, n: 1 }, UNANSWERED);
      while ((await rows.countDocuments()) < 1) await pause(5);
      await rows.insertOne({ _id: 2, n: 2 });
    });
    expect(rows.map(({ _id }) => _id)).toEqual([1, 2]);
  });

  it('are refused for a duplicate key like any write', async () => {
    await afterKill(async (rows) => {
      await rows.insertOne({ _id: 1, n: 1 }, QUICK);
      await expect(rows.insertOne({ _id: 1, n: 2 }, QUICK)).rejects.toMatchObject({ code: 11000 });
    });
  });
});
