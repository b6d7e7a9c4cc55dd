import type { Collection, CreateIndexesOptions } from 'mongodb';
import type { Clock, MakeId } from '../runtime.js';

/** A row as MongoDB keeps it. */
export interface Row {
  readonly _id: string;
}

/** One collection of each tenant. Its name and indexes are part of the stored data: change them with care. */
export interface RoomTable<R extends Row> {
  readonly name: string;
  readonly indexes: readonly TableIndex[];
  /** Only for the compiler. */
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

/** One tenant's data, as a store is opened on it. */
export interface RoomData {
  readonly tenantId: string;
  readonly clock: Clock;
  readonly makeId: MakeId;
  /**
   * The driver's collection. Only checked values go into its filters: an object from outside would
   * be read as a query.
   */
  rows<R extends Row>(table: RoomTable<R>): Collection<R>;
  /**
   * What configures the tenant was changed here: its scope is made anew, in this process at once and
   * within a second in others, and with it what was kept for as long as the scope lives.
   */
  reconfigured(): Promise<void>;
}

/** Somebody whom a business is to know nothing of. */
export interface ErasedPerson {
  /** All ids they were known by. */
  readonly contactIds: readonly string[];
  /** Where they wrote alone. */
  readonly conversationIds: readonly string[];
  /** What was answered to them. */
  readonly turnIds: readonly string[];
}

/**
 * Records that a room keeps for each tenant. The room exports the definition, compose lists it, and
 * whoever has a scope opens it with `scope.store(definition)`.
 */
export interface RoomStore<Store extends object> {
  readonly tables: readonly RoomTable<never>[];
  /** Failures of the driver come out as `StoreError`. */
  open(data: RoomData): Store;
  /** Removes what it holds of a person. Repeating it changes nothing. */
  erase?(data: RoomData, person: ErasedPerson): Promise<void>;
}

export function defineRoomStore<Store extends object>(definition: RoomStore<Store>): RoomStore<Store> {
  return definition;
}
