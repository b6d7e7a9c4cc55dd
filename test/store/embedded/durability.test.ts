import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { mendWaitsOnClosedConnections } from '../../../src/store/closed-connections.js';
import { openEmbeddedStore } from '../../../src/store/embedded/index.js';
import { startStoreProcess } from './child.js';
import { silentLogger } from '../../fakes/silent-logger.js';

const KILLS = 12;

interface Row {
  _id: number;
  v: number;
  half: number;
  text: string;
}

// Without this, closing a client whose server was just killed sometimes never ends.
mendWaitsOnClosedConnections();

/** Records the newest document again and again: what anyone has seen must not be lost. */
async function readUntilGone(uri: string, ids: Set<number>): Promise<void> {
  const client = new MongoClient(uri, { retryReads: false, serverSelectionTimeoutMS: 500 });
  const rows = client.db('kills').collection<Row>('d');
  try {
    for (;;) {
      const newest = await rows.findOne({}, { sort: { _id: -1 } });
      if (newest !== null) ids.add(newest._id);
    }
  } catch {
    // The store was killed.
  }
  await client.close();
}

describe('a store whose process is killed under load', () => {
  let dataDir: string;

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'sapa-kills-'));
  });

  afterEach(async () => {
    await rm(dataDir, { recursive: true, force: true });
  });

  it('keeps every acknowledged write complete and its indexes correct', { timeout: 240_000 }, async () => {
    const inserted = new Set<number>();
    const updated = new Set<number>();
    const ids = new Set<number>();
    for (let kill = 0; kill < KILLS; kill += 1) {
      const writer = startStoreProcess(dataDir, 'write', String(kill * 1_000_000));
      const { uri } = await writer.opened;
      const reading = readUntilGone(uri, ids);
      while (writer.inserted.size < 5) await new Promise((resolve) => setTimeout(resolve, 5));
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 200));
      await writer.end('SIGKILL');
      await reading;
      for (const n of writer.inserted) inserted.add(n);
      for (const n of writer.updated) updated.add(n);
    }
    const store = await openEmbeddedStore({ dataDir, logger: silentLogger });
    const client = new MongoClient(store.uri);
    const rows = client.db('kills').collection<Row>('d');
    const stored = new Map((await rows.find().toArray()).map((row) => [row._id, row]));
    expect([...inserted].filter((n) => !stored.has(n))).toEqual([]);
    expect(ids.size).toBeGreaterThan(0);
    expect([...ids].filter((n) => !stored.has(n))).toEqual([]);
    expect([...updated].filter((n) => stored.get(n)?.text !== `changed ${n}`)).toEqual([]);
    // Documents that were never acknowledged may exist, but only in full.
    const whole = (row: Row): boolean =>
      row.v === row._id && [`changed ${row._id}`, `${row._id} `.repeat(50)].includes(row.text);
    expect([...stored.values()].filter((row) => !whole(row))).toEqual([]);
    expect((await rows.indexes()).map(({ name }) => name)).toEqual(['_id_', 'v_1', 'half_1']);
    for (const n of [...inserted].slice(0, 200)) {
      expect((await rows.find({ half: Math.floor(n / 2) }).toArray()).map(({ _id }) => _id)).toContain(n);
    }
    const [duplicate = 0] = inserted;
    await expect(rows.insertOne({ _id: -1, v: duplicate, half: 0, text: '' })).rejects.toMatchObject({
      code: 11000,
    });
    await client.close();
    await store.close();
  });
});
