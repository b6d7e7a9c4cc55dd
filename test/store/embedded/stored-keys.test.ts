import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { encode } from '../../../src/store/embedded/bson/values.js';
import { compileFilter } from '../../../src/store/embedded/query/filter.js';
import { query, runQuery } from '../../../src/store/embedded/query/plan.js';
import { buildIndex } from '../../../src/store/embedded/storage/build-index.js';
import { Catalog } from '../../../src/store/embedded/storage/catalog.js';
import type { Collection } from '../../../src/store/embedded/storage/collection.js';
import { DocumentCache } from '../../../src/store/embedded/storage/document-cache.js';
import { StoredKeys } from '../../../src/store/embedded/storage/stored-keys.js';
import { placeOf } from '../../../src/store/embedded/storage/record-keys.js';
import { RecordStore } from '../../../src/store/embedded/storage/record-store.js';
import { finish } from '../../../src/store/embedded/work.js';

const MANY = 2_000;
const WORTH_KEEPING = 1_000;

interface Opened {
  readonly records: RecordStore;
  readonly catalog: Catalog;
  readonly keys: StoredKeys;
}

/** The store's parts, opened on files as a killed process left them. */
async function open(folder: string): Promise<Opened> {
  const records = await RecordStore.open(folder);
  const keys = new StoredKeys(records, WORTH_KEEPING);
  const cache = new DocumentCache(1024 * 1024);
  return { records, keys, catalog: new Catalog({ records, cache, keys, onChange: () => undefined }) };
}

const bytesOf = (n: number, words: string[] = [`w${n % 50}`]): Buffer =>
  encode({ _id: n, key: `key ${n}`, words });

function find(collection: Collection, filter: Record<string, unknown>): unknown[] {
  return finish(runQuery(collection, query(filter))).map(({ view }) => view['_id']);
}

/** Indexes must answer what the documents say, however the keys got into memory. */
function agrees(collection: Collection): void {
  const all = collection.rids().map((rid) => collection.get(rid)?.view ?? {});
  for (const filter of [{ key: 'key 7' }, { key: 'key 8' }, { words: 'w3' }, { words: 'new' }, { _id: 9 }]) {
    const wanted = all.filter(compileFilter(filter)).map(({ _id: id }) => id);
    expect(find(collection, filter).sort(), JSON.stringify(filter)).toEqual(wanted.sort());
  }
  expect(collection.size).toBe(all.length);
  for (const index of collection.indexes) {
    const entries = [...index.entries.range('', '\xff')];
    expect(entries).toEqual([...entries].sort());
    expect(entries.length).toBe(index.entries.size);
  }
}

describe('the index keys of a large collection', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sapa-keys-'));
  });

  afterEach(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  const bigOf = (catalog: Catalog): Collection => {
    const collection = finish(catalog.find('shop', 'big'));
    if (!collection) throw new Error('there is no collection');
    return collection;
  };

  /** Runs the work to its end, committing what it writes. */
  async function keep({ catalog, records }: Opened, between?: (step: number) => void): Promise<void> {
    const work = catalog.keepKeys(() => undefined);
    for (let step = 0; work.next().done !== true; step += 1) {
      between?.(step);
      if (records.pending > 16) await records.commit();
    }
    await records.commit();
  }

  async function filled(): Promise<Opened> {
    const opened = await open(folder);
    const big = opened.catalog.create('shop', 'big', {});
    finish(buildIndex(big, { v: 2, key: { key: 1 }, name: 'key_1', unique: true }));
    finish(buildIndex(big, { v: 2, key: { words: -1 }, name: 'words_-1' }));
    opened.catalog.save(big);
    for (let n = 0; n < MANY; n += 1) big.insert(bytesOf(n));
    await opened.records.commit();
    return opened;
  }

  /** Opens a copy of the files, as if the process had been killed now. */
  async function afterKill(check: (opened: Opened) => void): Promise<void> {
    const copy = `${folder}-killed`;
    await rm(copy, { recursive: true, force: true });
    await cp(folder, copy, { recursive: true });
    const opened = await open(copy);
    try {
      check(opened);
    } finally {
      await opened.records.close();
      await rm(copy, { recursive: true, force: true });
    }
  }

  function change(big: Collection, first: number): void {
    const [one, two] = find(big, { _id: { $in: [first, first + 1] } }).map(
      (id) => finish(runQuery(big, query({ _id: id })))[0],
    );
    if (one) big.replace(one, bytesOf(first, ['new', 'w3']), { type: 'update' });
    if (two) big.remove(two);
    big.insert(encode({ _id: -first, key: `-${first}`, words: ['new'] }));
  }

  it('are restored unchanged, even after changes and kills', { timeout: 60_000 }, async () => {
    const opened = await filled();
    const { catalog, records } = opened;
    await keep(opened);
    expect(opened.keys.isDue(bigOf(catalog))).toBe(false);
    change(bigOf(catalog), 7);
    await records.commit();
    change(bigOf(catalog), 20);
    // What is not on disk yet is known to this process and unknown to the next.
    catalog.reload();
    agrees(bigOf(catalog));
    expect(find(bigOf(catalog), { words: 'new' })).toHaveLength(4);
    await afterKill((next) => {
      const big = bigOf(next.catalog);
      agrees(big);
      expect(find(big, { words: 'new' }).sort()).toEqual([-7, 7]);
      expect(() => big.insert(encode({ _id: -1, key: 'key 9' }))).toThrow(
        expect.objectContaining({ code: 11_000 }),
      );
    });
    await records.close();
  });

  it(
    'are saved again during other writes, and a kill at any moment does no harm',
    { timeout: 60_000 },
    async () => {
      const opened = await filled();
      const { catalog, records } = opened;
      await keep(opened);
      finish(buildIndex(bigOf(catalog), { v: 2, key: { words: 1, key: 1 }, name: 'both' }));
      catalog.save(bigOf(catalog));
      let next = 100;
      const work = catalog.keepKeys(() => undefined);
      for (let step = 0; work.next().done !== true; step += 1) {
        change(bigOf(catalog), (next += 2));
        if (step % 4 !== 0) continue;
        await records.commit();
        await afterKill((after) => {
          agrees(bigOf(after.catalog));
        });
      }
      await records.commit();
      agrees(bigOf(catalog));
      await afterKill((after) => {
        agrees(bigOf(after.catalog));
      });
      await records.close();
    },
  );

  it('are deleted from disk with their collection', { timeout: 60_000 }, async () => {
    const opened = await filled();
    await keep(opened);
    const { catalog, records } = opened;
    expect([...records.under('keys', '')].length).toBeGreaterThan(0);
    catalog.drop(bigOf(catalog));
    while (catalog.removeDiscarded(2_000)) await records.commit();
    await records.commit();
    expect([...records.under('keys', ''), ...records.under('changed', '')]).toEqual([]);
    await records.close();
  });

  /** Whether the keys are read from disk instead of being built from the documents. */
  const areUsed = ({ keys, catalog }: Opened): boolean => {
    const { id, indexes } = bigOf(catalog);
    return finish(keys.load(id, indexes)) !== undefined;
  };

  /** Writes as a release that does not know kept keys: documents, but no notes. */
  async function asOlderRelease(write: (records: RecordStore, collection: number) => void): Promise<void> {
    const { records, catalog } = await open(folder);
    const { id } = bigOf(catalog);
    await records.close();
    const older = await RecordStore.open(folder);
    write(older, id);
    await older.commit();
    await older.close();
  }

  it(
    'are ignored after an older release, which does not maintain them, wrote to the store',
    { timeout: 60_000 },
    async () => {
      const first = await filled();
      await keep(first);
      change(bigOf(first.catalog), 7);
      await first.records.commit();
      await first.records.close();
      await afterKill((opened) => {
        expect(areUsed(opened)).toBe(true);
      });
      await asOlderRelease((records, id) => {
        records.putDocument(placeOf(id, 1), bytesOf(-1, ['new']));
        records.removeDocument(placeOf(id, 10));
      });
      const second = await open(folder);
      expect(areUsed(second)).toBe(false);
      agrees(bigOf(second.catalog));
      expect(find(bigOf(second.catalog), { key: 'key -1' })).toEqual([-1]);
      // A commit of this release does not make the outdated keys valid again.
      change(bigOf(second.catalog), 30);
      await second.records.commit();
      await second.records.close();
      const third = await open(folder);
      expect(areUsed(third)).toBe(false);
      agrees(bigOf(third.catalog));
      await keep(third);
      await third.records.close();
      await afterKill((opened) => {
        expect(areUsed(opened)).toBe(true);
        agrees(bigOf(opened.catalog));
      });
    },
  );

  it('are still used after the store was compacted', { timeout: 60_000 }, async () => {
    const opened = await filled();
    await keep(opened);
    const copy = join(folder, 'copy.mdb');
    await opened.records.copyTo(copy);
    await opened.records.replaceBy(copy);
    await opened.records.commit();
    change(bigOf(opened.catalog), 7);
    await opened.records.commit();
    await opened.records.close();
    await afterKill((after) => {
      expect(areUsed(after)).toBe(true);
      agrees(bigOf(after.catalog));
    });
  });

  it('are not used if one piece of them is damaged', { timeout: 60_000 }, async () => {
    const opened = await filled();
    await keep(opened);
    const [piece] = [...opened.records.under('keys', '')];
    opened.records.removeNamed('keys', piece?.name ?? '');
    await opened.records.commit();
    opened.catalog.reload();
    agrees(bigOf(opened.catalog));
    expect(bigOf(opened.catalog).size).toBe(MANY);
    await opened.records.close();
  });
});
