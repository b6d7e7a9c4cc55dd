import { encodeKey, keyTag } from '../bson/key-string.js';
import type { Catalog } from '../storage/catalog.js';
import type { Collection } from '../storage/collection.js';
import { ridOf, type SecondaryIndex } from '../storage/secondary-index.js';

/** One round deletes at most this many, so that other commands get their turn. */
const MAX_PER_ROUND = 1_000;

/** Deletes the documents whose date in a TTL index is old enough. */
export function expireDocuments(catalog: Catalog, now: Date): void {
  for (const database of catalog.databases()) {
    for (const { name, record } of catalog.collections(database)) {
      if (!record.indexes.some((spec) => spec.expireAfterSeconds !== undefined)) continue;
      const collection = catalog.find(database, name);
      for (const index of collection?.indexes ?? []) if (collection) expire(collection, index, now);
    }
  }
}

function expire(collection: Collection, index: SecondaryIndex, now: Date): void {
  const seconds = index.expireAfterSeconds;
  if (seconds === undefined) return;
  const limit = encodeKey(new Date(now.getTime() - seconds * 1_000));
  const isAscending = index.fields[0]?.direction === 1;
  const entries = isAscending ? index.entries.range(keyTag(limit), limit) : index.entries.range('', '\xff');
  const rids = new Set<number>();
  for (const entry of entries) {
    if (isAscending || isExpired(collection, index, ridOf(entry), limit)) rids.add(ridOf(entry));
    if (rids.size >= MAX_PER_ROUND) break;
  }
  for (const rid of rids) {
    const document = collection.get(rid);
    if (document) collection.remove(document);
  }
}

/** For a descending index, whose keys are inverted: the document's own date decides. */
function isExpired(collection: Collection, index: SecondaryIndex, rid: number, limit: string): boolean {
  const value = collection.get(rid)?.view[index.fields[0]?.path ?? ''];
  return value instanceof Date && encodeKey(value) < limit;
}
