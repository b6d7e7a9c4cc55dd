import type { Environment } from './environment.js';
import { bestMeta, guessedMeta } from './examine.js';
import { PageFile, type LeafEntry } from './page-file.js';
import { unseal } from './seal.js';
import { orphans, PageSet, walk } from './walk.js';

/** The intact records of a damaged file, by key. */
export interface Salvage {
  readonly file: PageFile;
  readonly places: ReadonlyMap<string, LeafEntry['value']>;
  /** True if both headers are lost; then deleted records may be included. */
  readonly isGuessed: boolean;
}

/** Reads everything reachable, and leaves that a damaged page has cut off. */
export function salvage(path: string): Salvage {
  const file = new PageFile(path);
  const { meta, damage } = bestMeta(file);
  const from = meta ?? guessedMeta(file);
  const places = new Map<string, LeafEntry['value']>();
  const result = walk(file, from, ({ key, value }) => places.set(key.toString('latin1'), value));
  if (result.problems.length > 0 || !meta) {
    const reachableKeys = new Set(places.keys());
    for (const { entries } of orphans(file, from, result.used)) {
      for (const { key, value } of entries) {
        const name = key.toString('latin1');
        if (!reachableKeys.has(name) && isOurs(file, key, value)) places.set(name, value);
      }
    }
  }
  if (meta && damage.length > 0) {
    // The commit after the one this header describes: its pages are in the file, but its header is damaged.
    const all = { ...meta, lastPage: guessedMeta(file, meta.pageBytes).lastPage, transaction: Infinity };
    for (const { transaction, entries } of orphans(file, all, new PageSet(all.lastPage))) {
      if (transaction <= meta.transaction) continue;
      for (const { key, value } of entries) {
        if (isOurs(file, key, value)) places.set(key.toString('latin1'), value);
      }
    }
  }
  return { file, places, isGuessed: !meta };
}

/** lmdb's own free list has leaves, too; none of their entries has our checksum. */
function isOurs(file: PageFile, key: Buffer, value: LeafEntry['value']): boolean {
  try {
    return unseal(key, file.read(value.at, value.length)) !== undefined;
  } catch {
    // The file ends before the value does.
    return false;
  }
}

/** The intact part of a damaged file, read-only. */
export function openSalvaged(path: string, reason: string): Environment {
  const { file, places } = salvage(path);
  const keys = [...places.keys()].sort((a, b) => (a < b ? -1 : 1));
  const read = (key: string): Uint8Array | undefined => {
    const place = places.get(key);
    try {
      return place && file.read(place.at, place.length);
    } catch {
      // The file ends before the value does.
      return undefined;
    }
  };
  return {
    readOnlyReason: reason,
    get: (key) => read(key.toString('latin1')),
    *range(start, end) {
      const [from, to] = [start.toString('latin1'), end.toString('latin1')];
      for (const key of keys) {
        if (key < from) continue;
        if (key >= to) return;
        const value = read(key);
        if (value) yield { key: Buffer.from(key, 'latin1'), value };
      }
    },
    write: () => Promise.reject(new Error(reason)),
    refresh: () => undefined,
    copyTo: () => Promise.reject(new Error(reason)),
    replaceBy: () => Promise.reject(new Error(reason)),
    headers: () => ({ newest: '', before: '' }),
    bytes: () => ({ file: file.bytes, free: 0 }),
    close() {
      file.close();
      return Promise.resolve();
    },
  };
}
