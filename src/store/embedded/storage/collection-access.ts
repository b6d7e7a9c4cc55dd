import type { Doc } from '../bson/values.js';
import type { Work } from '../work.js';
import type { Collection } from './collection.js';
import type { StoredDocument } from './document-cache.js';
import type { SecondaryIndex } from './secondary-index.js';

/** A collection as queries and writes see it: as it is, or as a transaction sees it. */
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
  /** Whether a transaction that is not over has written to a document. */
  isLocked(rid: number): boolean;
  insert(bytes: Uint8Array, view?: Doc, isTrusted?: boolean): StoredDocument;
  replace(
    before: StoredDocument,
    bytes: Uint8Array,
    type: 'update' | 'replace',
    isTrusted?: boolean,
  ): StoredDocument;
  remove(document: StoredDocument): void;
}

/** Collections as a command sees them: as they are, or as its transaction sees them. */
export interface DataAccess {
  find(database: string, name: string): Work<CollectionAccess | undefined>;
  findOrCreate(database: string, name: string): Work<CollectionAccess>;
  create(database: string, name: string, options: Doc): void;
  indexing(database: string, name: string): Work<Indexing>;
}

/** A collection that is to have more indexes. */
export interface Indexing {
  readonly collection: Collection;
  /** @throws MongoCommandError 11000 for a unique index that can not be, 263 where a transaction may not. */
  add(spec: Doc): Work<void>;
  /** When all of them are there. */
  save(): void;
}
