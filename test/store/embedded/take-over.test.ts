import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openEmbeddedStore } from '../../../src/store/embedded/index.js';
import { startStoreProcess } from './child.js';
import { silentLogger } from '../../fakes/silent-logger.js';

describe('several processes on one data folder', () => {
  let dataDir: string;

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'sapa-shared-'));
  });

  afterEach(async () => {
    await rm(dataDir, { recursive: true, force: true });
  });

  it('elect one to serve, and the others join, however they race', { timeout: 120_000 }, async () => {
    for (const signal of ['SIGKILL', 'SIGTERM', 'SIGKILL', 'SIGTERM', 'SIGKILL'] as const) {
      const all = [startStoreProcess(dataDir), startStoreProcess(dataDir), startStoreProcess(dataDir)];
      const opened = await Promise.all(all.map((one) => one.opened));
      expect(opened.map(({ role }) => role).sort()).toEqual(['joined', 'joined', 'serving']);
      expect(new Set(opened.map(({ uri }) => uri)).size).toBe(1);
      // By kill or by termination: the next round must be able to start after either.
      await Promise.all(all.map((one) => one.end(signal)));
    }
  });

  it.each(['SIGKILL', 'SIGTERM'] as const)(
    'recover when the serving one ends by %s: a joined one takes over, and clients continue',
    { timeout: 120_000 },
    async (signal) => {
      const owner = startStoreProcess(dataDir);
      await owner.opened;
      const store = await openEmbeddedStore({ dataDir, logger: silentLogger });
      expect(store.role()).toBe('joined');
      const client = new MongoClient(store.uri);
      const rows = client.db('shared').collection<{ _id: number }>('rows');
      await rows.createIndex({ v: 1 }, { unique: true });
      let stop = false;
      let acknowledged = 0;
      const writer = (async () => {
        while (!stop) {
          await rows.insertOne({ _id: acknowledged, ...{ v: acknowledged } });
          acknowledged += 1;
        }
      })();
      await new Promise((resolve) => setTimeout(resolve, 300));
      await owner.end(signal);
      const before = acknowledged;
      while (acknowledged < before + 20) await new Promise((resolve) => setTimeout(resolve, 20));
      stop = true;
      await writer;
      expect(store.role()).toBe('serving');
      expect(await rows.countDocuments()).toBe(acknowledged);
      expect((await rows.indexes()).map(({ name }) => name)).toEqual(['_id_', 'v_1']);
      await client.close();
      await store.close();
    },
  );

  it('may reopen the store after it was closed', async () => {
    for (let i = 0; i < 3; i += 1) {
      const store = await openEmbeddedStore({ dataDir, logger: silentLogger });
      const client = new MongoClient(store.uri);
      await client.db('again').collection('rows').insertOne({ i });
      expect(await client.db('again').collection('rows').countDocuments()).toBe(i + 1);
      await client.close();
      await store.close();
    }
  });

  it('let only their own user reach the socket', async () => {
    const store = await openEmbeddedStore({ dataDir, logger: silentLogger });
    expect((await stat(dataDir)).mode & 0o777).toBe(0o700);
    expect((await stat(join(dataDir, 'store.sock'))).mode & 0o777).toBe(0o600);
    await store.close();
  });

  it('work in folders too long for a socket path, and on a loopback port on request', async () => {
    const deep = join(dataDir, 'a'.repeat(60), 'b'.repeat(60));
    const store = await openEmbeddedStore({ dataDir: deep, logger: silentLogger, port: 0 });
    const joined = await openEmbeddedStore({ dataDir: deep, logger: silentLogger });
    expect([store.role(), joined.role()]).toEqual(['serving', 'joined']);
    for (const uri of [store.uri, joined.uri]) {
      const client = new MongoClient(uri);
      await client.db('deep').collection('rows').insertOne({});
      await client.close();
    }
    await joined.close();
    await store.close();
  });
});
