import mongoose, { type Connection, type Model, type mongo, type Schema } from 'mongoose';
import { StoreError } from '../contracts/stores.js';

export interface RowWithId {
  readonly _id: string;
}

/** The driver's collection of a table. */
export type Rows<Row extends RowWithId> = mongo.Collection<Row>;

/** One collection: its name, shape and indexes. */
export interface Table<Row extends RowWithId> {
  readonly name: string;
  readonly schema: Schema<Row>;
}

/** A field that holds a whole object of ours, stored as it is. */
export const Mixed = mongoose.Schema.Types.Mixed;

/** Every field is spelled out, nothing is added, emptied or cast away behind our back. */
export function defineTable<Row extends RowWithId>(
  name: string,
  fields: Record<keyof Row & string, unknown>,
  indexes: readonly {
    readonly keys: Record<string, 1 | -1>;
    readonly options?: mongo.CreateIndexesOptions;
  }[],
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
  for (const { keys, options } of indexes) schema.index(keys, options ?? {});
  return { name, schema };
}

/**
 * One database of the pool. `model` is mongoose with sanitised filters, for everything that is
 * not hurried; `rows` is the driver's collection, for the few calls of each message, which must
 * only be given checked values.
 */
export class Database {
  readonly #models = new Map<string, unknown>();
  readonly #collections = new Map<string, unknown>();

  constructor(readonly connection: Connection) {}

  model<Row extends RowWithId>(table: Table<Row>): Model<Row> {
    const known = this.#models.get(table.name);
    if (known !== undefined) return known as Model<Row>;
    const model = this.connection.model<Row>(table.name, table.schema, table.name);
    this.#models.set(table.name, model);
    return model;
  }

  rows<Row extends RowWithId>(table: Table<Row>): Rows<Row> {
    const known = this.#collections.get(table.name);
    if (known !== undefined) return known as Rows<Row>;
    const collection = this.native.collection<Row>(table.name);
    this.#collections.set(table.name, collection);
    return collection;
  }

  get native(): NonNullable<Connection['db']> {
    if (this.connection.db === undefined)
      throw new StoreError('unavailable', 'the database is not connected');
    return this.connection.db;
  }

  /** Makes the indexes of these collections where they are missing. */
  async createIndexes(tables: readonly Pick<Table<RowWithId>, 'name' | 'schema'>[]): Promise<void> {
    for (const { name, schema } of tables) {
      const indexes = schema.indexes().map(([key, { background: _, ...options }]) => ({
        ...(options as mongo.CreateIndexesOptions),
        key: key as Record<string, 1 | -1>,
      }));
      if (indexes.length > 0) await this.native.collection(name).createIndexes(indexes);
    }
  }
}
