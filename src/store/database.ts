import { createHash } from 'node:crypto';
import mongoose, { type Connection, type Model, type mongo, type Schema } from 'mongoose';
import { growingRows } from './growing-rows.js';
import { StoreError, type RoomTable, type TableIndex } from '../contracts/stores.js';

export { QUICK } from '../lib/work/quick-write.js';

export interface RowWithId {
  readonly _id: string;
}

/** The driver's collection for a table. */
export type Rows<Row extends RowWithId> = mongo.Collection<Row>;

/** A collection as seen by index management. */
export interface IndexedCollection {
  readonly name: string;
  readonly indexes: readonly TableIndex[];
}

/** One collection: its name, shape and indexes. */
export interface Table<Row extends RowWithId> extends IndexedCollection {
  readonly schema: Schema<Row>;
  /** Exists from the beginning; other collections are created with their first row. */
  readonly isBasic: boolean;
}

/** Identifies a set of index definitions: 16 hexadecimal digits. */
export function versionOf(collections: readonly IndexedCollection[]): string {
  const defined = collections.map(({ name, indexes }) => ({ name, indexes }));
  return createHash('sha256').update(JSON.stringify(defined)).digest('hex').slice(0, 16);
}

/** A field that holds a whole object, stored as it is. */
export const Mixed = mongoose.Schema.Types.Mixed;

/** Every field is declared explicitly; mongoose adds, empties or casts nothing silently. */
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

/**
 * Whether a business has this collection from the beginning; collections of rooms are created on first use.
 */
export const isBasic = (table: IndexedCollection): boolean => 'isBasic' in table && table.isBasic === true;

/** `removeDb` is missing in mongoose's types. */
type ForgetfulConnection = Connection & { removeDb(name: string): void };

/**
 * One database of the pool. `model` is mongoose with sanitised filters, for everything that is not
 * time-critical; `rows` is the driver's collection, for the few calls made for every message, and must only
 * be given checked values.
 */
export class Database {
  readonly #collections = new Map<string, unknown>();
  #closed: string | undefined;

  constructor(
    private readonly pool: Connection,
    readonly name: string,
  ) {}

  /** Requested from mongoose each time, since its handle for this database may have been released. */
  model<Row extends RowWithId>(table: Table<Row>): Model<Row> {
    this.assertOpen();
    const handle = this.pool.useDb(this.name, { useCache: true });
    if (handle.db === undefined) {
      // Mongoose created the handle while the database was unreachable and would not complete it later.
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

  /** From now on every use fails: the data is gone, and a late write would recreate the database. */
  close(reason: string): void {
    this.#closed = reason;
  }

  /**
   * Releases what mongoose keeps for this database; otherwise it would keep the handle and models of every
   * tenant it has ever seen. The next use creates them again.
   */
  letGo(): void {
    try {
      (this.pool as ForgetfulConnection).removeDb(this.name);
    } catch (error) {
      // There was no handle, because no model was used.
      if (!(error instanceof mongoose.Error)) throw error;
    }
  }

  async collectionNames(): Promise<ReadonlySet<string>> {
    const collections = await this.native.listCollections({}, { nameOnly: true }).toArray();
    return new Set(collections.map(({ name }) => name));
  }

  /** Creates missing indexes of these collections. */
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
