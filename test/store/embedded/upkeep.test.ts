import { readdirSync, statSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  openEmbeddedStore,
  restoreStore,
  withStoreAlone,
  type EmbeddedStore,
} from '../../../src/store/embedded/index.js';
import { silentLogger } from '../../fakes/silent-logger.js';
import { waitUntil } from '../../support/wait.js';

const MEGABYTE = 1024 * 1024;

describe('store maintenance', () => {
  let folder: string;
  let store: EmbeddedStore;
  let client: MongoClient;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sapa-upkeep-'));
    await open();
  });

  afterEach(async () => {
    await client.close();
    await store.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function open(): Promise<void> {
    store = await openEmbeddedStore({ dataDir: folder, logger: silentLogger, backupsKept: 2 });
    client = new MongoClient(store.uri);
  }

  const rows = () => client.db('shop').collection<{ _id: number; text: string }>('rows');
  const size = (): number => statSync(join(folder, 'store', 'data.mdb')).size;
  const fill = (from: number): Promise<unknown> =>
    rows().insertMany(Array.from({ length: 100 }, (_, n) => ({ _id: from + n, text: 'x'.repeat(50_000) })));

  it('frees disk space on request while others read and write', async () => {
    await fill(0);
    await fill(1_000);
    await client.db('other').collection('kept').insertOne({ n: 1 });
    await client.db('shop').dropDatabase();
    const before = size();
    expect(before).toBeGreaterThan(9 * MEGABYTE);
    let isOver = false;
    const others = (async () => {
      for (let n = 2; !isOver; n += 1) {
        await client.db('other').collection('kept').insertOne({ n });
        expect(await client.db('other').collection('kept').countDocuments()).toBe(n);
      }
    })();
    const result = await client.db('admin').command({ compact: 'rows' });
    isOver = true;
    await others;
    expect(result.bytesFreed).toBeGreaterThan(8 * MEGABYTE);
    expect(size()).toBeLessThan(before / 4);
    const count = await client.db('other').collection('kept').countDocuments();
    await client.close();
    await store.close();
    await open();
    expect(await client.db('other').collection('kept').countDocuments()).toBe(count);
  });

  it('makes a usable daily copy of the store, and keeps the configured number', async () => {
    const backups = join(folder, 'backups');
    await fill(0);
    await waitUntil(
      () => readdirSync(folder).includes('backups') && readdirSync(backups).some((n) => n.endsWith('.mdb')),
    );
    for (const day of ['01', '02', '03']) await writeFile(join(backups, `store-2001-01-${day}.mdb`), '');
    const [copy = ''] = readdirSync(backups).filter((name) => !name.includes('2001'));
    expect(copy).toMatch(/^store-\d{4}-\d{2}-\d{2}\.mdb$/);
    expect(statSync(join(backups, copy)).mode & 0o777).toBe(0o600);
    const limit = await rows().countDocuments();
    await rows().deleteMany({});
    await expect(withStoreAlone(folder, () => undefined)).rejects.toThrow('in use');
    await client.close();
    await store.close();
    await withStoreAlone(folder, (path) => restoreStore(path, join(backups, copy), new Date()));
    await rm(join(backups, copy));
    await open();
    expect(await rows().countDocuments()).toBeLessThanOrEqual(limit);
    await waitUntil(() => readdirSync(backups).sort().join() === `store-2001-01-03.mdb,${copy}`);
  });
});
