import { encodeKey, keyTag } from '../bson/key-string.js';
import type { Collection } from './collection.js';
import { ridOf } from './index-entry.js';
import type { SecondaryIndex } from './secondary-index.js';

/** How soon to check again if the index cannot tell which document expires first, in ms. */
const LOOK_AGAIN_MS = 60_000;
const DATE_TAG = keyTag(encodeKey(new Date(0)));

/** Deletes at most `maximum` documents per TTL index that have expired. */
export function expireDocuments(collection: Collection, now: Date, maximum: number): void {
  for (const index of collection.indexes) if (index.isReady) expire(collection, index, now, maximum);
}

function expire(collection: Collection, index: SecondaryIndex, now: Date, maximum: number): void {
  const seconds = index.expireAfterSeconds;
  if (seconds === undefined) return;
  const limit = encodeKey(new Date(now.getTime() - seconds * 1_000));
  const entries = isAscending(index) ? index.entries.range(DATE_TAG, limit) : index.entries.range('', '\xff');
  const rids = new Set<number>();
  for (const entry of entries) {
    if (isAscending(index) || isExpired(collection, index, ridOf(entry), limit)) rids.add(ridOf(entry));
    if (rids.size >= maximum) break;
  }
  for (const rid of rids) {
    const document = collection.isLocked(rid) ? undefined : collection.get(rid);
    if (document) collection.remove(document);
  }
}

/** When the first document of a collection expires, in ms; `Infinity` if none does. */
export function nextExpiry(collection: Collection, now: Date): number {
  let first = Infinity;
  for (const index of collection.indexes) first = Math.min(first, nextIn(collection, index, now));
  return first;
}

function nextIn(collection: Collection, index: SecondaryIndex, now: Date): number {
  const seconds = index.expireAfterSeconds;
  if (seconds === undefined || index.entries.size === 0) return Infinity;
  if (!isAscending(index) || index.isMultikey) return now.getTime() + LOOK_AGAIN_MS;
  for (const entry of index.entries.range(DATE_TAG, `${DATE_TAG}\xff`)) {
    const date = dateOf(collection, index, ridOf(entry));
    return date ? date.getTime() + seconds * 1_000 : now.getTime() + LOOK_AGAIN_MS;
  }
  return Infinity;
}

const isAscending = ({ fields }: SecondaryIndex): boolean => fields[0]?.direction === 1;

/** For a descending index, whose keys are inverted: compares the document's own date. */
function isExpired(collection: Collection, index: SecondaryIndex, rid: number, limit: string): boolean {
  const date = dateOf(collection, index, rid);
  return date !== undefined && encodeKey(date) < limit;
}

function dateOf(collection: Collection, index: SecondaryIndex, rid: number): Date | undefined {
  const value = collection.get(rid)?.view[index.fields[0]?.path ?? ''];
  return value instanceof Date ? value : undefined;
}
