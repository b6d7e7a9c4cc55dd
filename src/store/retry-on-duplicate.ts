import { isDuplicateKey } from './guard.js';

/** If two concurrent upserts both find nothing, the second is retried and finds the row of the first. */
export async function retryOnDuplicate<Result>(upsert: () => Promise<Result>): Promise<Result> {
  try {
    return await upsert();
  } catch (error) {
    if (isDuplicateKey(error)) return upsert();
    throw error;
  }
}
