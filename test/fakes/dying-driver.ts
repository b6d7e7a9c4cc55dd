import mongoose from 'mongoose';
import { vi } from 'vitest';

const WRITES = [
  'insertOne',
  'insertMany',
  'updateOne',
  'updateMany',
  'deleteOne',
  'deleteMany',
  'replaceOne',
  'findOneAndUpdate',
] as const;

/** As if the process were killed: after `writes` writes to the database no other is made. */
export async function dyingAfter(writes: number, work: () => Promise<unknown>): Promise<'died' | 'done'> {
  let left = writes;
  const spies = WRITES.map((name) => {
    const real = mongoose.mongo.Collection.prototype[name] as (...args: unknown[]) => unknown;
    return vi.spyOn(mongoose.mongo.Collection.prototype, name).mockImplementation(function (
      this: unknown,
      ...args: unknown[]
    ) {
      left -= 1;
      if (left < 0) throw new Error('the process is dead');
      return real.apply(this, args) as never;
    });
  });
  try {
    await work();
    return left < 0 ? 'died' : 'done';
  } catch {
    return 'died';
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}
