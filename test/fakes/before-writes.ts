import mongoose from 'mongoose';

const WRITES = [
  'insertOne',
  'insertMany',
  'updateOne',
  'updateMany',
  'deleteOne',
  'deleteMany',
  'replaceOne',
  'findOneAndUpdate',
  'bulkWrite',
] as const;

type Write = (...args: unknown[]) => Promise<unknown>;

/** Makes every write to a database wait for `before`. Call the returned function to restore normal writes. */
export function beforeWrites(before: () => Promise<void>): () => void {
  const driver = mongoose.mongo.Collection.prototype as unknown as Record<string, Write>;
  const real = Object.fromEntries(WRITES.map((name) => [name, driver[name]]));
  for (const name of WRITES) {
    driver[name] = async function (this: unknown, ...args) {
      await before();
      return real[name]?.apply(this, args);
    };
  }
  return () => void Object.assign(driver, real);
}
