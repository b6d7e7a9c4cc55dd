import { execFileSync } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openEmbeddedStore } from '../../../src/store/embedded/index.js';
import { encode } from '../../../src/store/embedded/bson/values.js';
import { placeOf } from '../../../src/store/embedded/storage/record-keys.js';
import { RecordStore } from '../../../src/store/embedded/storage/record-store.js';
import { silentLogger } from '../../fakes/silent-logger.js';

const MEGABYTE = 1024 * 1024;

/** Returns true; skips the test if mounting is not permitted. */
function mountSmallDisk(folder: string, size: string, skip: (note: string) => void): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', folder], { stdio: 'pipe' });
  } catch (error) {
    skip(`a small disk cannot be mounted here: ${error instanceof Error ? error.message : String(error)}`);
  }
  return true;
}

function writeFileUntilFull(folder: string): void {
  for (const bytes of [MEGABYTE, 4_096, 1]) {
    try {
      for (;;) appendFileSync(join(folder, 'ballast'), Buffer.alloc(bytes));
    } catch (error) {
      expect(error).toMatchObject({ code: 'ENOSPC' });
    }
  }
}

describe('the store on a full disk', () => {
  let folder: string;
  let isMounted: boolean;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sapa-full-'));
    isMounted = false;
  });

  afterEach(async () => {
    if (isMounted) execFileSync('umount', [folder]);
    await rm(folder, { recursive: true, force: true });
  });

  it('refuses writes before the disk is full, allows deletions, and continues once there is room', async () => {
    let free = 1_000 * MEGABYTE;
    const records = await RecordStore.open(folder, { freeBytes: () => free });
    const put = (rid: number): Promise<void> => {
      records.putDocument(placeOf(1, rid), encode({ text: 'x'.repeat(1_000) }));
      return records.commit();
    };
    await put(1);
    free = 20 * MEGABYTE;
    await expect(put(2)).rejects.toMatchObject({ code: 14031 });
    expect(records.document(placeOf(1, 2))).toBeUndefined();
    records.removeDocument(placeOf(1, 1));
    await records.commit();
    free = 1_000 * MEGABYTE;
    await put(3);
    expect([...records.scan(1)].map(({ rid }) => rid)).toEqual([3]);
    await records.close();
  });

  it('allows deletions together with their bookkeeping', async () => {
    let free = 1_000 * MEGABYTE;
    const records = await RecordStore.open(folder, { freeBytes: () => free });
    for (const rid of [1, 2]) records.putDocument(placeOf(1, rid), encode({ rid }));
    await records.commit();
    free = 20 * MEGABYTE;
    for (const kind of ['changed', 'session', 'dropped'] as const)
      records.putNamed(kind, '1', encode({ n: 1 }));
    records.removeDocument(placeOf(1, 1));
    await records.commit();
    expect([...records.scan(1)].map(({ rid }) => rid)).toEqual([2]);
    records.putNamed('catalog', '1', encode({ n: 1 }));
    await expect(records.commit()).rejects.toMatchObject({ code: 14031 });
    await records.close();
  });

  it('keeps the old data if a commit fails midway, and continues once there is room', async ({ skip }) => {
    isMounted = mountSmallDisk(folder, '1m', skip);
    const records = await RecordStore.open(folder, { freeBytes: () => Infinity });
    const put = (rid: number): Promise<void> => {
      for (const n of [0, 1]) records.putDocument(placeOf(1, rid + n), encode({ text: 'x'.repeat(20_000) }));
      return records.commit();
    };
    const stored: number[] = [];
    let failures = 0;
    for (let rid = 0; failures < 3; rid += 2) {
      try {
        await put(rid);
        stored.push(rid, rid + 1);
      } catch (error) {
        expect(error).toMatchObject({ name: 'MongoCommandError' });
        failures += 1;
      }
      expect([...records.scan(1)].map((record) => record.rid)).toEqual(stored);
    }
    expect(stored.length).toBeGreaterThan(4);
    execFileSync('mount', ['-o', 'remount,size=16m', folder]);
    await put(1_000);
    expect([...records.scan(1)].map(({ rid }) => rid)).toEqual([...stored, 1_000, 1_001]);
    await records.close();
  });

  it(
    'also fails writers that were waiting for a lock when a commit failed',
    { timeout: 60_000 },
    async ({ skip }) => {
      isMounted = mountSmallDisk(folder, '56m', skip);
      const store = await openEmbeddedStore({ dataDir: folder, logger: silentLogger });
      const client = new MongoClient(store.uri);
      try {
        const rows = client.db('full').collection<{ _id: number; n: number }>('rows');
        await rows.insertMany([
          { _id: 1, n: 0 },
          { _id: 2, n: 0 },
        ]);
        const session = client.startSession();
        session.startTransaction();
        await rows.updateOne({ _id: 1 }, { $set: { n: 1 } }, { session });
        const waiting = rows.deleteOne({ _id: 1 }).catch((error: unknown) => error);
        await rows.findOne({ _id: 2 });
        const tooMuch = [1, 2].map((n) => ({ n, text: 'x'.repeat(15_000_000) }));
        const insertion = client.db('full').collection('others').insertMany(tooMuch);
        await expect(insertion).rejects.toMatchObject({ code: 14031 });
        // Its deletion would fit on the disk, but nobody has the collection any more that it had looked at.
        expect(await waiting).toMatchObject({ code: 96 });
        await expect(session.commitTransaction()).rejects.toMatchObject({ code: 251 });
        expect(await rows.find().sort({ _id: 1 }).toArray()).toEqual([
          { _id: 1, n: 0 },
          { _id: 2, n: 0 },
        ]);
        expect(await rows.countDocuments()).toBe(2);
      } finally {
        await client.close();
        await store.close();
      }
    },
  );

  it(
    'keeps what it acknowledged on a real small disk, and closes cleanly',
    { timeout: 120_000 },
    async ({ skip }) => {
      isMounted = mountSmallDisk(folder, '56m', skip);
      let store = await openEmbeddedStore({ dataDir: folder, logger: silentLogger });
      let client = new MongoClient(store.uri);
      const text = 'x'.repeat(100_000);
      let stored = 0;
      const fill = async (): Promise<void> => {
        for (; ; stored += 1) await client.db('full').collection('rows').insertOne({ n: stored, text });
      };
      await expect(fill()).rejects.toMatchObject({ code: 14031 });
      expect(stored).toBeGreaterThan(40);
      await expect(fill()).rejects.toMatchObject({ code: 14031 });
      expect(await client.db('full').collection('rows').countDocuments()).toBe(stored);
      await client.db('full').collection('rows').deleteOne({ n: 0 });
      // Space freed by deletions inside the file is reused, although the disk is as full as before.
      await client
        .db('full')
        .collection('rows')
        .deleteMany({ n: { $lt: 20 } });
      await client
        .db('full')
        .collection('rows')
        .insertMany([
          { n: 0.5, text },
          { n: 0.6, text },
        ]);
      await client
        .db('full')
        .collection('rows')
        .deleteMany({ n: { $in: [0.5, 0.6] } });
      await client.close();
      await store.close();
      store = await openEmbeddedStore({ dataDir: folder, logger: silentLogger });
      client = new MongoClient(store.uri);
      expect(await client.db('full').collection('rows').countDocuments()).toBe(stored - 20);
      await client.close();
      await store.close();
      // Not one byte is free: the store starts and can be read all the same.
      writeFileUntilFull(folder);
      store = await openEmbeddedStore({ dataDir: folder, logger: silentLogger });
      client = new MongoClient(store.uri);
      expect(await client.db('full').collection('rows').countDocuments()).toBe(stored - 20);
      await expect(
        client
          .db('full')
          .collection('rows')
          .insertOne({ big: 'x'.repeat(12_000_000) }),
      ).rejects.toMatchObject({ code: 14031 });
      await client.close();
      await store.close();
    },
  );
});
