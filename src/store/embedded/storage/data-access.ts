import type { Doc } from '../bson/values.js';
import type { Work } from '../work.js';
import type { Collection } from './collection.js';
import type { CollectionAccess } from './collection-access.js';

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
