import { isDuplicateKey } from './guard.js';

/** Two upserts that both found nothing: the second one, tried again, finds the row of the first. */
export async function retryOnDuplicate<Result>(upsert: () => Promise<Result>): Promise<Result> {
  try {
    return await upsert();
  } catch (error) {
    if (isDuplicateKey(error)) return upsert();
    throw error;
  }
}
