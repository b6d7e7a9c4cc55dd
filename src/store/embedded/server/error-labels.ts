import type { Doc } from '../bson/values.js';
import type { Request } from './wire.js';

/**
 * Codes of a server that is stepping down, shutting down or losing its network (the drivers' retryable
 * writes).
 */
export const RETRYABLE = new Set([6, 7, 89, 91, 134, 189, 262, 9001, 10107, 11600, 11602, 13435, 13436]);
/** Codes that are transient even at the end of a transaction. */
const ABORTED = [24, 112, 246, 251, 267];
/** Codes after which the whole transaction can be retried. */
const TRANSIENT = new Set([...ABORTED, ...RETRYABLE]);

export const isEndOfTransaction = (name: string): boolean =>
  name === 'commitTransaction' || name === 'abortTransaction';

/** The labels that tell a driver what it can retry. */
export function labelsOf(code: number, { name, body }: Request): Doc {
  const isEnd = isEndOfTransaction(name);
  const isInTransaction = body.autocommit !== undefined;
  if (isInTransaction && (!isEnd || ABORTED.includes(code)))
    return TRANSIENT.has(code) ? { errorLabels: ['TransientTransactionError'] } : {};
  const isRetryable = body.txnNumber !== undefined && RETRYABLE.has(code);
  return isRetryable ? { errorLabels: ['RetryableWriteError'] } : {};
}
