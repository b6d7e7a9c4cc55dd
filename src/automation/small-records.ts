import { defineRoomTable } from '../contracts/stores.js';
import type { Row } from '../contracts/stores/room-store.js';

/**
 * Records of this folder other than follow-ups and hooks: few, small, of several kinds, all looked up by key.
 * They share one collection, because the collections of all tenants add up in a cluster. The sequence store
 * declares it.
 */
export const smallRecords = defineRoomTable<Row>('automation');

/** `kind/part/part`; parts are escaped, so that no two records share a key. */
export function recordKey(
  kind: 'sequence' | 'enrolment' | 'report' | 'news',
  ...parts: readonly string[]
): string {
  return [kind, ...parts.map((part) => encodeURIComponent(part))].join('/');
}

/** All keys of a kind, for a filter on `_id`. */
export function keysOf(kind: 'sequence'): { readonly $gt: string; readonly $lt: string } {
  // '0' comes after '/'.
  return { $gt: `${kind}/`, $lt: `${kind}0` };
}
