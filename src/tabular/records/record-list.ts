import {
  StoreError,
  type Page,
  type PageRequest,
  type RoomData,
  type RoomTable,
} from '../../contracts/stores.js';
import type { Row } from '../../contracts/stores/room-store.js';

/** One kind of record, newest first. */
export interface Records<R extends Row> {
  insert(row: R): Promise<void>;
  /** Inserts it, or replaces the record with its id. */
  put(row: R): Promise<void>;
  get(id: string): Promise<R | undefined>;
  list(page: PageRequest): Promise<Page<R>>;
  update(id: string, change: Partial<R>, when?: Partial<R>): Promise<R | undefined>;
  remove(id: string): Promise<boolean>;
}

type Dated = Row & { readonly createdAt: Date };

export function recordsOf<R extends Dated>({ rows }: RoomData, table: RoomTable<R>): Records<R> {
  // The driver cannot type filters of a generic row; only checked strings go into them.
  const collection = () => rows(table as unknown as RoomTable<Dated>);
  return {
    async insert(row) {
      await collection().insertOne(row);
    },
    async put(row) {
      await collection().replaceOne({ _id: text(row._id) }, row, { upsert: true });
    },
    async get(id) {
      return ((await collection().findOne({ _id: text(id) })) as R | null) ?? undefined;
    },
    async list({ limit, cursor }) {
      const after = cursor === undefined ? undefined : positionOf(cursor);
      const filter =
        after === undefined
          ? {}
          : { $or: [{ createdAt: { $lt: after.at } }, { createdAt: after.at, _id: { $lt: after.id } }] };
      const documents = await collection()
        .find(filter, { sort: { createdAt: -1, _id: -1 }, limit: limit + 1 })
        .toArray();
      const items = documents.slice(0, limit) as unknown as R[];
      const last = items.at(-1);
      return documents.length > limit && last !== undefined
        ? { items, nextCursor: cursorOf(last) }
        : { items };
    },
    async update(id, change, when = {}) {
      const filter = { ...when, _id: text(id) } as { _id: string };
      const row = await collection().findOneAndUpdate(
        filter,
        { $set: change as Partial<Dated> },
        { returnDocument: 'after' },
      );
      return (row as R | null) ?? undefined;
    },
    async remove(id) {
      return (await collection().deleteOne({ _id: text(id) })).deletedCount > 0;
    },
  };
}

/** Returns the value if it is a string; an object in a filter would be read as a query operator. */
export function text(value: string): string {
  if (typeof value !== 'string') throw new TypeError('a string is expected here');
  return value;
}

function cursorOf({ createdAt, _id }: Dated): string {
  return Buffer.from(JSON.stringify([createdAt.getTime(), _id])).toString('base64url');
}

function positionOf(cursor: string): { readonly at: Date; readonly id: string } {
  try {
    const [time, id] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as readonly unknown[];
    if (typeof time === 'number' && typeof id === 'string') return { at: new Date(time), id };
  } catch {
    // Not one of our cursors either.
  }
  throw new StoreError('invalid-cursor', 'the cursor is not one of these records');
}
