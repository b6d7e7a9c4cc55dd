import { QueueError } from '../../contracts/queue.js';
import { invalidRequest } from './problem.js';

/** Runs work on a cron expression from the caller; an invalid expression becomes a problem of its field. */
export async function scheduling<Result>(field: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof QueueError) || error.kind !== 'invalid-schedule') throw error;
    throw invalidRequest('The cron line cannot be read.', [
      { path: field, code: 'invalid', message: 'is not a cron line of five fields' },
    ]);
  }
}
