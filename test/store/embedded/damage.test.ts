import { existsSync, readdirSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  DamagedStoreError,
  examineStore,
  openEmbeddedStore,
  repairStore,
  restoreStore,
  withStoreAlone,
} from '../../../src/store/embedded/index.js';
import { silentLogger } from '../../fakes/silent-logger.js';

const PAGE = 4096;
const DOCUMENTS = 600;

type Change = (file: Buffer) => Buffer;

/** Bytes that are no page, no text and no plausible length. */
const garbage = (bytes: number): Buffer =>
  Buffer.from(Array.from({ length: bytes }, (_, i) => (i * 167 + 13) % 256));

const over =
  (page: number, bytes: Buffer): Change =>
  (file) => {
    bytes.copy(file, page * PAGE);
    return file;
  };

/** The page number of the n-th leaf that holds documents; a flag marks leaves. */
function leafOf(file: Buffer, n: number): number {
  const leaves: number[] = [];
  for (let page = 2; page * PAGE < file.length; page += 1) {
    const isOwn = Number(file.readBigUInt64LE(page * PAGE)) === page;
    if (
      isOwn &&
      file.readUInt16LE(page * PAGE + 18) === 2 &&
      file.subarray(page * PAGE, (page + 1) * PAGE).includes('word')
    ) {
      leaves.push(page);
    }
  }
  return leaves[n] ?? 0;
}

const rootOf = (file: Buffer): number => {
  const newest = file.readBigUInt64LE(152) > file.readBigUInt64LE(PAGE + 152) ? 0 : PAGE;
  return Number(file.readBigUInt64LE(newest + 136));
};

interface Row {
  readonly what: string;
  readonly change: Change;
  /** The message shown to the owner. */
  readonly sentence: RegExp;
  /** Minimum number of documents that can be read without a repair; `undefined`: the store does not open. */
  readonly read: number | undefined;
  /** Minimum number of documents after the repair; `undefined`: nothing can be saved. */
  readonly saved: number | undefined;
}

const whole = DOCUMENTS - 1;
const TABLE: readonly Row[] = [
  {
    what: 'cut by a page',
    change: (file) => file.subarray(0, file.length - PAGE),
    sentence: /cut: 4096 of \d+ bytes are missing/,
    read: DOCUMENTS - 100,
    saved: DOCUMENTS - 100,
  },
  {
    what: 'cut by 2,000 bytes',
    change: (file) => file.subarray(0, file.length - 2_000),
    sentence: /cut: 2000 of \d+ bytes/,
    read: DOCUMENTS - 100,
    saved: DOCUMENTS - 100,
  },
  {
    what: 'cut by half',
    change: (file) => file.subarray(0, file.length / 2),
    sentence: /cut: \d+ of \d+ bytes/,
    read: 10,
    saved: 10,
  },
  {
    what: 'empty',
    change: () => Buffer.alloc(0),
    sentence: /is empty, where a store was/,
    read: undefined,
    saved: undefined,
  },
  {
    what: 'all zeros',
    change: (file) => Buffer.alloc(file.length),
    sentence: /no whole header/,
    read: undefined,
    saved: undefined,
  },
  {
    what: 'all garbage',
    change: (file) => garbage(file.length),
    sentence: /no whole header/,
    read: undefined,
    saved: undefined,
  },
  {
    what: 'the first header zeroed',
    change: over(0, Buffer.alloc(PAGE)),
    sentence: /first header page is damaged/,
    read: whole,
    saved: whole,
  },
  {
    what: 'the second header garbage',
    change: over(1, garbage(PAGE)),
    sentence: /second header page is damaged/,
    read: whole,
    saved: whole,
  },
  {
    what: 'both headers zeroed',
    change: over(0, Buffer.alloc(2 * PAGE)),
    sentence: /no whole header.*sapa store repair/,
    read: undefined,
    saved: whole,
  },
  {
    what: 'both headers garbage',
    change: over(0, garbage(2 * PAGE)),
    sentence: /no whole header.*sapa store repair/,
    read: undefined,
    saved: whole,
  },
  {
    what: 'bytes flipped all over',
    change: (file) => {
      for (let page = 2; page < file.length / PAGE; page += 5)
        file.writeUInt8(file.readUInt8(page * PAGE + 2_000) ^ 0x55, page * PAGE + 2_000);
      return file;
    },
    sentence: /damaged|holds something else|reached/,
    read: 10,
    saved: 10,
  },
  {
    what: 'the root of the tree garbage',
    change: (file) => over(rootOf(file), garbage(PAGE))(file),
    sentence: /page \d+ holds something else/,
    read: whole,
    saved: whole,
  },
  {
    what: 'a page inside garbage',
    change: (file) => over(leafOf(file, 3), garbage(PAGE))(file),
    sentence: /page \d+ holds something else/,
    read: DOCUMENTS - 100,
    saved: DOCUMENTS - 100,
  },
  {
    what: 'a page inside zeroed',
    change: (file) => over(leafOf(file, 5), Buffer.alloc(PAGE))(file),
    sentence: /records cannot be reached/,
    read: DOCUMENTS - 100,
    saved: DOCUMENTS - 100,
  },
  {
    what: 'zeros in the middle',
    change: (file) => over(leafOf(file, 2), Buffer.alloc(3 * PAGE))(file),
    sentence: /records cannot be reached/,
    read: DOCUMENTS - 200,
    saved: DOCUMENTS - 200,
  },
  {
    what: 'one byte of a document flipped',
    change: (file) => {
      const at = file.indexOf('word 300 ', leafOf(file, 0) * PAGE);
      for (let hit = at; hit >= 0; hit = file.indexOf('word 300 ', hit + 1)) file.writeUInt8(0x58, hit + 1);
      return file;
    },
    sentence: /Document \d+ of the collection shop\.words is damaged: its checksum does not match/,
    read: whole,
    saved: whole,
  },
];

describe('a store whose file is damaged', () => {
  let origin: string;
  let folder: string;

  beforeAll(async () => {
    origin = await mkdtemp(join(tmpdir(), 'sapa-whole-'));
    const store = await openEmbeddedStore({ dataDir: origin, logger: silentLogger });
    const client = new MongoClient(store.uri);
    const words = client.db('shop').collection<{ _id: number; text: string }>('words');
    await words.createIndex({ text: 1 }, { unique: true });
    const text = (n: number): string => `word ${n} ${'of many '.repeat(n % 40)}`;
    await words.insertMany(Array.from({ length: DOCUMENTS }, (_, n) => ({ _id: n, text: text(n) })));
    await client.close();
    await store.close();
  });

  afterAll(async () => {
    await rm(origin, { recursive: true, force: true });
  });

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sapa-damage-'));
    await mkdir(join(folder, 'store'));
    for (const name of ['data.mdb', 'store.json'])
      await copyFile(join(origin, 'store', name), join(folder, 'store', name));
  });

  afterEach(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  /** Opens the store and reads as much as possible; also returns what was logged meanwhile. */
  async function readAll(): Promise<{ count: number; log: string; write: unknown }> {
    const lines: string[] = [];
    const note = (_facts: unknown, line?: string): number => lines.push(line ?? '');
    const store = await openEmbeddedStore({ dataDir: folder, logger: { ...silentLogger, error: note } });
    const client = new MongoClient(store.uri, { retryReads: false, retryWrites: false });
    try {
      const words = client.db('shop').collection<{ _id: number; text: string }>('words');
      const count = (await words.find().toArray()).length;
      const write: unknown = await words
        .insertOne({ _id: Date.now(), text: String(performance.now()) })
        .catch((error: unknown) => error);
      return { count, log: lines.join('\n'), write };
    } finally {
      await client.close();
      await store.close();
    }
  }

  const file = (): string => join(folder, 'store', 'data.mdb');

  it.each(TABLE)(
    'is reported, read as far as possible and saved: $what',
    async ({ change, sentence, read, saved }) => {
      await writeFile(file(), change(await readFile(file())));
      const before = await readFile(file());
      const problems = await examineStore(folder).then(
        (examination) => examination?.damage.join('\n') ?? '',
        (error: unknown) => {
          expect(error).toBeInstanceOf(DamagedStoreError);
          return error instanceof Error ? error.message : '';
        },
      );
      expect(problems).toMatch(sentence);
      if (read === undefined) await expect(readAll()).rejects.toThrow(sentence);
      else {
        const opened = await readAll();
        expect(opened.count).toBeGreaterThanOrEqual(read);
        expect(opened.count).toBeLessThanOrEqual(DOCUMENTS);
        // At first a damaged document is named by the number of its collection; `doctor` gives the name.
        expect(opened.log).toMatch(/damaged|missing|reached/);
        if (before.length === (await readFile(file())).length && !/checksum/.test(problems)) {
          expect(opened.write).toMatchObject({ code: 96 });
        }
      }
      const repair = withStoreAlone(folder, (path) => repairStore(path, new Date()));
      if (saved === undefined) {
        await expect(
          repair.then(async () => {
            if ((await readAll()).count === 0) throw new Error('nothing to save');
          }),
        ).rejects.toThrow(/nothing to save/i);
        return;
      }
      const report = await repair;
      expect(report?.lost.join('\n')).toMatch(/damaged|cut|lost/);
      expect(existsSync(report?.backup ?? '')).toBe(true);
      const after = await readAll();
      expect(after.count).toBeGreaterThanOrEqual(saved);
      expect(after).toMatchObject({ log: '', write: { acknowledged: true } });
      expect((await examineStore(folder))?.damage).toEqual([]);
    },
  );

  it('does not start as a new store if the file is gone', async () => {
    await rm(file());
    await expect(readAll()).rejects.toThrow(/is missing, where a store was/);
    expect(readdirSync(join(folder, 'store'))).not.toContain('data.mdb');
  });

  it('is the repaired one if the repair was interrupted while replacing the old one', async () => {
    await rename(join(folder, 'store'), join(folder, 'store-repaired'));
    expect(await readAll()).toMatchObject({ count: DOCUMENTS, log: '' });
  });

  it('is complete again after a restore from a copy, and the damaged one is kept', async () => {
    const copy = join(folder, 'copy.mdb');
    await copyFile(file(), copy);
    await truncate(file(), 5_000);
    const backup = await withStoreAlone(folder, (path) => restoreStore(path, copy, new Date()));
    expect(existsSync(join(backup ?? '', 'data.mdb'))).toBe(true);
    expect(await readAll()).toMatchObject({ count: DOCUMENTS, log: '' });
    await truncate(copy, 9_000);
    await expect(withStoreAlone(folder, (path) => restoreStore(path, copy, new Date()))).rejects.toThrow(
      /copy.*is damaged/,
    );
  });
});
