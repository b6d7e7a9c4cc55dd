import type { Collection, CreateIndexesOptions } from 'mongodb';
import type { Clock, MakeId } from '../runtime.js';

/** A row as stored in MongoDB. */
export interface Row {
  readonly _id: string;
}

/**
 * A collection that exists once per tenant. Its name and indexes are part of the stored data: change them
 * with care.
 */
export interface RoomTable<R extends Row> {
  readonly name: string;
  readonly indexes: readonly TableIndex[];
  /** Compile-time only. */
  readonly holds?: (row: R) => void;
}

export interface TableIndex {
  readonly keys: Readonly<Record<string, 1 | -1>>;
  readonly options?: CreateIndexesOptions;
}

export function defineRoomTable<R extends Row>(
  name: string,
  indexes: readonly TableIndex[] = [],
): RoomTable<R> {
  return { name, indexes };
}

/** One tenant's data, passed to a store when it opens. */
export interface RoomData {
  readonly tenantId: string;
  readonly clock: Clock;
  readonly makeId: MakeId;
  /**
   * The driver's collection. Only validated values may go into its filters: an object from outside would be
   * interpreted as a query.
   */
  rows<R extends Row>(table: RoomTable<R>): Collection<R>;
  /**
   * Reports that the tenant's configuration changed: its scope, and anything cached in it, is rebuilt at once
   * in this process and within a second in others.
   */
  reconfigured(): Promise<void>;
}

/** A person whose data a business must forget. */
export interface ErasedPerson {
  /** All ids the person was known by. */
  readonly contactIds: readonly string[];
  /** Conversations they had alone with the business. */
  readonly conversationIds: readonly string[];
  /** Turns that answered them. */
  readonly turnIds: readonly string[];
}

/**
 * Records a room keeps per tenant. The room exports the definition, compose lists it, and whoever has a scope
 * opens it with `scope.store(definition)`.
 */
export interface RoomStore<Store extends object> {
  readonly tables: readonly RoomTable<never>[];
  /** Driver failures surface as `StoreError`. */
  open(data: RoomData): Store;
  /** Removes what the store holds about a person. Idempotent. */
  erase?(data: RoomData, person: ErasedPerson): Promise<void>;
}

export function defineRoomStore<Store extends object>(definition: RoomStore<Store>): RoomStore<Store> {
  return definition;
}
