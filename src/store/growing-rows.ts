import type { mongo } from 'mongoose';

/** Calls that may put in a row. */
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
 * A collection that comes into being with its first row: a business that does not use what a room offers
 * has no collection of it. `prepare` makes the indexes, once, before that row, since without them unique
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
