import type { StoredResponse } from '../../contracts/stores.js';
import { defineTable, Mixed } from '../database.js';

export interface IdempotencyRow {
  readonly _id: string;
  readonly requestHash: string;
  readonly leaseUntil: Date;
  readonly response?: StoredResponse;
  /** Absent: kept permanently. */
  readonly expiresAt?: Date;
}

export const idempotencyTable = defineTable<IdempotencyRow>(
  'idempotency',
  { _id: String, requestHash: String, leaseUntil: Date, response: Mixed, expiresAt: Date },
  [{ keys: { expiresAt: 1 }, options: { expireAfterSeconds: 0 } }],
);

export interface CodeRow {
  /** Keyed hash of the code. */
  readonly _id: string;
  readonly purpose: string;
  readonly expiresAt: Date;
}

export const codeTable = defineTable<CodeRow>('codes', { _id: String, purpose: String, expiresAt: Date }, [
  { keys: { expiresAt: 1 }, options: { expireAfterSeconds: 0 } },
]);

/**
 * Counters, and notes of work that must be finished after a crash: a document being removed, a committed
 * import of questions, the version of the indexes that were created.
 */
export interface MetaRow {
  readonly _id: string;
  readonly kind: 'counter' | 'removal' | 'import' | 'indexes';
  readonly value?: number;
  /** What the note refers to. */
  readonly subject?: string;
}

export const metaTable = defineTable<MetaRow>(
  'meta',
  { _id: String, kind: String, value: Number, subject: String },
  [],
);
