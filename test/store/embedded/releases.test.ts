import { mkdirSync } from 'node:fs';
import { copyFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { open } from 'lmdb';
import { MongoClient } from 'mongodb';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  examineStore,
  openEmbeddedStore,
  repairStore,
  restoreStore,
  withStoreAlone,
} from '../../../src/store/embedded/index.js';
import { decodePlain, encode } from '../../../src/store/embedded/bson/values.js';
import { FORMAT_KEY, STORE_FORMAT } from '../../../src/store/embedded/file/format.js';
import { unseal } from '../../../src/store/embedded/file/seal.js';
import { silentLogger } from '../../fakes/silent-logger.js';

const MANY = 300;

describe('a store written by another release', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sapa-releases-'));
  });

  afterEach(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  const file = (): string => join(folder, 'store', 'data.mdb');

  async function withWords<Result>(
    work: (words: ReturnType<ReturnType<MongoClient['db']>['collection']>) => Promise<Result>,
  ): Promise<Result> {
    const store = await openEmbeddedStore({ dataDir: folder, logger: silentLogger });
    const client = new MongoClient(store.uri);
    try {
      return await work(client.db('shop').collection('words'));
    } finally {
      await client.close();
      await store.close();
    }
  }

  /** Reads and changes the records directly. */
  async function withRecords(
    work: (records: {
      get(key: Buffer): Uint8Array | undefined;
      put(key: Buffer, value: Buffer): void;
      remove(key: Buffer): void;
      keys(): Buffer[];
    }) => void,
  ): Promise<void> {
    mkdirSync(join(folder, 'store'), { recursive: true });
    const lmdb = open<Buffer, Buffer>({
      path: join(folder, 'store'),
      encoding: 'binary',
      keyEncoding: 'binary',
      maxDbs: 1,
    });
    work({
      get: (key) => lmdb.getBinary(key),
      put: (key, value) => {
        lmdb.putSync(key, value);
      },
      remove: (key) => {
        lmdb.removeSync(key);
      },
      keys: () => [...lmdb.getKeys()],
    });
    await lmdb.close();
  }

  const fill = (): Promise<unknown> =>
    withWords(async (words) => {
      await words.createIndex({ text: 1 }, { unique: true });
      return words.insertMany(
        Array.from({ length: MANY }, (_, n) => ({ _id: n as never, text: `word ${n}` })),
      );
    });

  it('is not opened, repaired, restored or changed if that release is newer', async () => {
    await fill();
    await withRecords(({ put }) => {
      put(FORMAT_KEY, encode({ format: STORE_FORMAT + 1 }));
    });
    const before = await readFile(file());
    const refusal = new RegExp(`newer release.*format is ${STORE_FORMAT + 1}.*knows ${STORE_FORMAT}`);
    await expect(withWords((words) => words.findOne())).rejects.toThrow(refusal);
    await expect(examineStore(folder)).rejects.toThrow(refusal);
    await expect(withStoreAlone(folder, (path) => repairStore(path, new Date()))).rejects.toThrow(refusal);
    const copy = join(folder, 'copy.mdb');
    await copyFile(file(), copy);
    await expect(withStoreAlone(folder, (path) => restoreStore(path, copy, new Date()))).rejects.toThrow(
      refusal,
    );
    expect((await readFile(file())).equals(before)).toBe(true);
  });

  it('without checksums is read if that release is older, and records its format at the first write', async () => {
    await fill();
    await withRecords(({ keys, get, put, remove }) => {
      for (const key of keys()) {
        const bytes = unseal(key, get(key) ?? new Uint8Array());
        if (key.equals(FORMAT_KEY) || !bytes) remove(key);
        else put(key, Buffer.from(bytes));
      }
    });
    await withWords(async (words) => {
      expect(await words.countDocuments({ text: /^word/ })).toBe(MANY);
      expect(await words.findOne({ text: 'word 7' })).toEqual({ _id: 7, text: 'word 7' });
      const taken = words.insertOne({ _id: -1 as never, text: 'word 8' });
      await expect(taken).rejects.toMatchObject({ code: 11_000 });
    });
    await withWords((words) => words.insertOne({ _id: -1 as never, text: 'another' }));
    await withRecords(({ get }) => {
      const told = unseal(FORMAT_KEY, get(FORMAT_KEY) ?? Buffer.of());
      expect(told && decodePlain(told)).toEqual({ format: STORE_FORMAT });
    });
    expect((await examineStore(folder))?.damage).toEqual([]);
  });
});
