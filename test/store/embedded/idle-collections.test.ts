import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { encode } from '../../../src/store/embedded/bson/values.js';
import { buildIndex } from '../../../src/store/embedded/storage/build-index.js';
import { Catalog } from '../../../src/store/embedded/storage/catalog.js';
import { DocumentCache } from '../../../src/store/embedded/storage/document-cache.js';
import { expireDocuments } from '../../../src/store/embedded/storage/expiry.js';
import { finish } from '../../../src/store/embedded/work.js';
import { StoredKeys } from '../../../src/store/embedded/storage/stored-keys.js';
import { RecordStore } from '../../../src/store/embedded/storage/record-store.js';

const MEGABYTE = 1024 * 1024;
const MANY = 1_000;

describe('an idle collection', () => {
  let folder: string;
  let records: RecordStore;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sapa-idle-'));
    records = await RecordStore.open(folder);
  });

  afterEach(async () => {
    await records.close();
    await rm(folder, { recursive: true, force: true });
  });

  const openCatalog = (): Catalog =>
    new Catalog({
      records,
      cache: new DocumentCache(MEGABYTE),
      keys: new StoredKeys(records),
      onChange: () => undefined,
    });

  function pastIdle(catalog: Catalog, now: Date): void {
    for (let round = 0; round < 3; round += 1) catalog.closeIdle(1, now);
  }

  /** Returns how many collections were examined. */
  function expire(catalog: Catalog, now: Date): number {
    let count = 0;
    const look = catalog.expiring(now, MANY, (collection) => {
      expireDocuments(collection, now, MANY);
      count += 1;
    });
    finish(look);
    return count;
  }

  const idsOf = (catalog: Catalog): unknown[] => {
    const collection = finish(catalog.find('shop', 'codes'));
    return (collection?.rids() ?? []).map((rid) => collection?.get(rid)?.view['_id']);
  };

  it('is unloaded and comes back unchanged, including what is not on disk yet', async () => {
    const catalog = openCatalog();
    const before = catalog.create('shop', 'codes', {});
    finish(buildIndex(before, { v: 2, key: { word: 1 }, name: 'word_1', unique: true }));
    catalog.save(before);
    for (const _id of [1, 2, 3]) before.insert(encode({ _id, word: `w${_id}` }));
    await records.commit();
    const second = before.get(2);
    if (second) before.remove(second);
    before.insert(encode({ _id: 4, word: 'w4' }));
    const writing = records.commit();
    before.insert(encode({ _id: 5, word: 'w5' }));
    pastIdle(catalog, new Date());
    const after = finish(catalog.find('shop', 'codes'));
    expect(after).not.toBe(before);
    expect(idsOf(catalog)).toEqual([1, 3, 4, 5]);
    expect(() => after?.insert(encode({ _id: 6, word: 'w5' }))).toThrow(
      expect.objectContaining({ code: 11_000 }),
    );
    await writing;
    await records.commit();
    expect(idsOf(openCatalog())).toEqual([1, 3, 4, 5]);
  });

  it('stays loaded as long as it is used', () => {
    const catalog = openCatalog();
    const collection = catalog.create('shop', 'codes', {});
    for (let round = 0; round < 5; round += 1) {
      catalog.closeIdle(1, new Date());
      expect(finish(catalog.find('shop', 'codes'))).toBe(collection);
    }
  });

  it('still loses its expired documents, and is read only if one may have expired', async () => {
    const start = Date.now();
    const catalog = openCatalog();
    const collection = catalog.create('shop', 'codes', {});
    finish(buildIndex(collection, { v: 2, key: { at: 1 }, name: 'at_1', expireAfterSeconds: 60 }));
    catalog.save(collection);
    collection.insert(encode({ _id: 'soon', at: new Date(start) }));
    collection.insert(encode({ _id: 'later', at: new Date(start + 600_000) }));
    collection.insert(encode({ _id: 'never' }));
    await records.commit();
    pastIdle(catalog, new Date(start));
    const lookAt = (now: Date): number => expire(catalog, now);
    expect(lookAt(new Date(start + 59_000))).toBe(0);
    expect(lookAt(new Date(start + 61_000))).toBe(1);
    expect(idsOf(catalog)).toEqual(['later', 'never']);
    pastIdle(catalog, new Date(start + 61_000));
    expect(lookAt(new Date(start + 62_000))).toBe(0);
  });

  it('is read once after a start, because it is unknown what has expired in it', async () => {
    const catalog = openCatalog();
    const collection = catalog.create('shop', 'codes', {});
    finish(buildIndex(collection, { v: 2, key: { at: 1 }, name: 'at_1', expireAfterSeconds: 0 }));
    catalog.save(collection);
    collection.insert(encode({ _id: 'old', at: new Date(0) }));
    await records.commit();
    const now = new Date();
    const again = openCatalog();
    expire(again, now);
    expect(idsOf(again)).toEqual([]);
    pastIdle(again, now);
    expect(expire(again, now)).toBe(0);
  });
});
