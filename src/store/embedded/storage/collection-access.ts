import type { Doc } from '../bson/values.js';
import type { StoredDocument } from './document-cache.js';
import type { SecondaryIndex } from './secondary-index.js';

/** How a document is replaced. */
export interface Replacement {
  readonly type: 'update' | 'replace';
  /** The paths an update's operators changed; `undefined` after a pipeline or a replacement. */
  readonly paths?: readonly string[] | undefined;
}

/** A collection as queries and writes see it: in its current state, or as a transaction sees it. */
export interface CollectionAccess {
  readonly database: string;
  readonly name: string;
  readonly namespace: string;
  readonly size: number;
  readonly options: Doc;
  readonly indexes: readonly SecondaryIndex[];
  get(rid: number): StoredDocument | undefined;
  has(rid: number): boolean;
  bytes(rid: number): Uint8Array | undefined;
  rids(): number[];
  /** Whether an active transaction has written to the document. */
  isLocked(rid: number): boolean;
  insert(bytes: Uint8Array, view?: Doc, isTrusted?: boolean): StoredDocument;
  replace(
    before: StoredDocument,
    bytes: Uint8Array,
    change: Replacement,
    isTrusted?: boolean,
  ): StoredDocument;
  remove(document: StoredDocument): void;
}
