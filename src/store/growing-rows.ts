import type { mongo } from 'mongoose';

/** Methods that may insert a row. */
const WRITES: ReadonlySet<string | symbol> = new Set([
  'insertOne',
  'insertMany',
  'updateOne',
  'updateMany',
  'replaceOne',
  'findOneAndUpdate',
  'findOneAndReplace',
  'bulkWrite',
]);

type Call = (...args: unknown[]) => unknown;

/**
 * A collection that is created with its first row, so that a business that does not use a room's feature has
 * no collection for it. `prepare` creates the indexes once before that row, because without them unique
 * values would not be unique.
 */
export function growingRows<Row extends mongo.Document>(
  rows: mongo.Collection<Row>,
  prepare: () => Promise<void>,
): mongo.Collection<Row> {
  let prepared: Promise<void> | undefined;
  const once = (): Promise<void> =>
    (prepared ??= prepare().catch((error: unknown) => {
      prepared = undefined;
      throw error;
    }));
  return new Proxy(rows, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      const call = value.bind(target) as Call;
      if (!WRITES.has(name)) return call;
      return async (...args: unknown[]) => {
        await once();
        return call(...args);
      };
    },
  });
}
