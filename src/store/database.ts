import { createHash } from 'node:crypto';
import mongoose, { type Connection, type Model, type mongo, type Schema } from 'mongoose';
import { growingRows } from './growing-rows.js';
import { StoreError, type RoomTable, type TableIndex } from '../contracts/stores.js';

export interface RowWithId {
  readonly _id: string;
}

/** The driver's collection of a table. */
export type Rows<Row extends RowWithId> = mongo.Collection<Row>;

/** A collection as far as the database's own bookkeeping is concerned. */
export interface IndexedCollection {
  readonly name: string;
  readonly indexes: readonly TableIndex[];
}

/** One collection: its name, shape and indexes. */
export interface Table<Row extends RowWithId> extends IndexedCollection {
  readonly schema: Schema<Row>;
  /** There from the beginning; the others come into being with their first row. */
  readonly isBasic: boolean;
}

/** Tells one definition of indexes from another: 16 hexadecimal digits. */
export function versionOf(collections: readonly IndexedCollection[]): string {
  const defined = collections.map(({ name, indexes }) => ({ name, indexes }));
  return createHash('sha256').update(JSON.stringify(defined)).digest('hex').slice(0, 16);
}

/**
 * For writes that a crash may undo without harm, because what they say is found out again: they
 * need not reach the disk or other members before the answer.
 */
export const QUICK = { writeConcern: { w: 1, journal: false } } as const;

/** A field that holds a whole object of ours, stored as it is. */
export const Mixed = mongoose.Schema.Types.Mixed;

/** Every field is spelled out, nothing is added, emptied or cast away behind our back. */
export function defineTable<Row extends RowWithId>(
  name: string,
  fields: Record<keyof Row & string, unknown>,
  indexes: readonly TableIndex[],
  { isBasic = true }: { readonly isBasic?: boolean } = {},
): Table<Row> {
  const schema = new mongoose.Schema<Row>(fields as mongoose.SchemaDefinition<Row>, {
    collection: name,
    autoIndex: false,
    autoCreate: false,
    bufferCommands: false,
    id: false,
    minimize: false,
    strict: 'throw',
    strictQuery: 'throw',
    versionKey: false,
  });
  return { name, schema, indexes, isBasic };
}

/** Whether a business has this collection from the beginning; what rooms keep comes when it is used. */
export const isBasic = (table: IndexedCollection): boolean => 'isBasic' in table && table.isBasic === true;

/** `removeDb` is missing in mongoose's types. */
type ForgetfulConnection = Connection & { removeDb(name: string): void };

/**
 * One database of the pool. `model` is mongoose with sanitised filters, for everything that is
 * not hurried; `rows` is the driver's collection, for the few calls of each message, which must
 * only be given checked values.
 */
export class Database {
  readonly #collections = new Map<string, unknown>();
  #closed: string | undefined;

  constructor(
    private readonly pool: Connection,
    readonly name: string,
  ) {}

  /** Asked of mongoose each time, since its handle of this database may have been let go. */
  model<Row extends RowWithId>(table: Table<Row>): Model<Row> {
    this.assertOpen();
    const handle = this.pool.useDb(this.name, { useCache: true });
    if (handle.db === undefined) {
      // mongoose made it while the database was away, and would not complete it later.
      this.letGo();
      throw new StoreError('unavailable', 'the database does not answer');
    }
    const existing: Model<Row> | undefined = handle.models[table.name];
    return existing ?? handle.model<Row>(table.name, table.schema, table.name);
  }

  rows<Row extends RowWithId>(table: Table<Row> | RoomTable<Row>): Rows<Row> {
    this.assertOpen();
    const existing = this.#collections.get(table.name);
    if (existing !== undefined) return existing as Rows<Row>;
    const rows = this.native.collection<Row>(table.name);
    const collection = isBasic(table) ? rows : growingRows(rows, () => this.createIndexes([table]));
    this.#collections.set(table.name, collection);
    return collection;
  }

  get native(): mongo.Db {
    this.assertOpen();
    return this.pool.getClient().db(this.name);
  }

  /** From now on every use fails: the data is gone, and a late write would make it anew. */
  close(reason: string): void {
    this.#closed = reason;
  }

  /**
   * Frees what mongoose keeps of this database: it would keep the handle and models of every
   * tenant it ever saw. The next use makes them again.
   */
  letGo(): void {
    try {
      (this.pool as ForgetfulConnection).removeDb(this.name);
    } catch (error) {
      // It never had a handle, because no model was used.
      if (!(error instanceof mongoose.Error)) throw error;
    }
  }

  async collectionNames(): Promise<ReadonlySet<string>> {
    const collections = await this.native.listCollections({}, { nameOnly: true }).toArray();
    return new Set(collections.map(({ name }) => name));
  }

  /** Makes the indexes of these collections where they are missing. */
  async createIndexes(collections: readonly IndexedCollection[]): Promise<void> {
    await Promise.all(
      collections
        .filter(({ indexes }) => indexes.length > 0)
        .map(({ name, indexes }) =>
          this.native
            .collection(name)
            .createIndexes(indexes.map(({ keys, options }) => ({ ...options, key: { ...keys } }))),
        ),
    );
  }

  private assertOpen(): void {
    if (this.#closed !== undefined) throw new StoreError('unavailable', this.#closed);
  }
}
