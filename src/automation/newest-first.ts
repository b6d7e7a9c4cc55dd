import type { Collection, Filter, WithId } from 'mongodb';
import { StoreError, type Page, type PageRequest } from '../contracts/stores.js';

interface DatedRow {
  readonly _id: string;
  readonly createdAt: Date;
}

/** A page of rows, newest first; the cursor is the id of the last row returned. */
export async function newestFirst<Row extends DatedRow>(
  rows: Collection<Row>,
  filter: Readonly<Record<string, unknown>>,
  { limit, cursor }: PageRequest,
): Promise<Page<WithId<Row>>> {
  const after = cursor === undefined ? undefined : await rows.findOne({ _id: cursor } as Filter<Row>);
  if (after === null) throw new StoreError('invalid-cursor', 'the cursor names nothing of this list');
  const older =
    after === undefined
      ? {}
      : {
          $or: [
            { createdAt: { $lt: after.createdAt } },
            { createdAt: after.createdAt, _id: { $lt: after._id } },
          ],
        };
  const records = await rows
    .find({ ...filter, ...older } as Filter<Row>)
    .sort({ createdAt: -1, _id: -1 })
    .limit(limit + 1)
    .toArray();
  const items = records.slice(0, limit);
  const last = items.at(-1);
  return records.length > limit && last !== undefined ? { items, nextCursor: String(last._id) } : { items };
}
