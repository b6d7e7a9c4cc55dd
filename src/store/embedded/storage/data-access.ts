import type { Doc } from '../bson/values.js';
import type { Work } from '../work.js';
import type { Collection } from './collection.js';
import type { CollectionAccess } from './collection-access.js';

/** Collections as a command sees them: in their current state, or as its transaction sees them. */
export interface DataAccess {
  find(database: string, name: string): Work<CollectionAccess | undefined>;
  findOrCreate(database: string, name: string): Work<CollectionAccess>;
  create(database: string, name: string, options: Doc): void;
  indexing(database: string, name: string): Work<Indexing>;
}

/** A collection to which indexes are being added. */
export interface Indexing {
  readonly collection: Collection;
  /**
   * Throws `MongoCommandError` 11000 for duplicates in a unique index, 263 if a transaction is not allowed to
   * add it.
   */
  add(spec: Doc): Work<void>;
  /** Called after all of them were added. */
  save(): void;
}
