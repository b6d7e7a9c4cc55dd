import { defineRoomTable } from '../contracts/stores.js';
import type { Row } from '../contracts/stores/room-store.js';

/**
 * What this room keeps besides follow-ups and hooks: few small records of several kinds, all found by
 * their key. One collection, because a cluster counts those of all its tenants. The store of sequences
 * lists it.
 */
export const smallRecords = defineRoomTable<Row>('automation');

/** `kind/part/part`; parts are escaped, so that no two records have one key. */
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
