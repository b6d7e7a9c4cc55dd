import { beforeWrites } from './before-writes.js';

/** Simulates a killed process: after `writes` writes to the database, all further ones fail. */
export async function dyingAfter(writes: number, work: () => Promise<unknown>): Promise<'died' | 'done'> {
  let left = writes;
  const restore = beforeWrites(() => {
    left -= 1;
    return left < 0 ? Promise.reject(new Error('the process is dead')) : Promise.resolve();
  });
  try {
    await work();
    return left < 0 ? 'died' : 'done';
  } catch {
    return 'died';
  } finally {
    restore();
  }
}
