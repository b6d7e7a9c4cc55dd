import mongoose from 'mongoose';
import { StoreError } from '../contracts/stores.js';

const DUPLICATE_KEY = 11_000;
const OUT_OF_DISK_SPACE = 14_031;

/**
 * Server error codes for temporary failures: stepping down, shutting down, interrupted, timed out, not
 * acknowledged.
 */
const UNAVAILABLE_CODES: ReadonlySet<number> = new Set([
  6, 7, 50, 64, 89, 91, 112, 189, 262, 9001, 10_058, 10_107, 11_600, 11_602, 13_435, 13_436,
]);

const UNAVAILABLE_NAMES: ReadonlySet<string> = new Set([
  'MongoNetworkError',
  'MongoNetworkTimeoutError',
  'MongoServerSelectionError',
  'MongooseServerSelectionError',
  'MongoNotConnectedError',
  'MongoTopologyClosedError',
  'MongoClientClosedError',
  'MongoWaitQueueTimeoutError',
  'MongoPoolClosedError',
  'MongoPoolClearedError',
  'PoolClearedOnNetworkError',
  'MongoExpiredSessionError',
  'MongoOperationTimeoutError',
  'DisconnectedError',
]);

/**
 * The operating system's codes for broken connections. The driver passes them on unchanged, from the system
 * or from Node's socket, if the server closes the connection exactly during a write.
 */
const BROKEN_CONNECTION: ReadonlySet<unknown> = new Set([
  'EPIPE',
  'ECONNRESET',
  'ECONNREFUSED',
  'ECONNABORTED',
]);

const FULL_MESSAGE = /ENOSPC|no space left|disk full|out of disk space|MDB_MAP_FULL|space quota/i;

/** Whether the server rejected a write because a unique value already exists. */
export function isDuplicateKey(error: unknown): boolean {
  return codeOf(error) === DUPLICATE_KEY;
}

/** Maps the driver's errors to `StoreError`; other errors are returned unchanged. */
export function storeErrorOf(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof StoreError) return error;
  const code = codeOf(error);
  const options = { cause: error };
  if (code === OUT_OF_DISK_SPACE || (isFromDatabase(error) && FULL_MESSAGE.test(error.message))) {
    return new StoreError('full', 'the database has no space left', options);
  }
  if (code === DUPLICATE_KEY) {
    return new StoreError('conflict', 'another record has the same unique value', options);
  }
  if (
    UNAVAILABLE_NAMES.has(error.name) ||
    (code !== undefined && UNAVAILABLE_CODES.has(code)) ||
    isBrokenConnection(error)
  ) {
    return new StoreError('unavailable', `the database does not answer (${error.name})`, options);
  }
  return error;
}

/**
 * Wraps an object so that errors from its methods are mapped by `storeErrorOf`, whether the methods return a
 * promise or an async iterable.
 */
export function guarded<Store extends object>(store: Store): Store {
  return new Proxy(store, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== 'function') return member;
      return (...args: unknown[]) => guardResult(() => Reflect.apply(member, target, args));
    },
  });
}

function guardResult(call: () => unknown): unknown {
  const result = call();
  if (result instanceof Promise) return result.catch(rethrow);
  return isAsyncIterable(result) ? guardIterable(result) : result;
}

async function* guardIterable(items: AsyncIterable<unknown>): AsyncGenerator {
  try {
    for await (const item of items) yield item;
  } catch (error) {
    rethrow(error);
  }
}

function rethrow(error: unknown): never {
  throw storeErrorOf(error);
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}

const isBrokenConnection = (error: Error): boolean => 'code' in error && BROKEN_CONNECTION.has(error.code);

function isFromDatabase(error: Error): boolean {
  return error instanceof mongoose.mongo.MongoError || error instanceof mongoose.Error;
}

function codeOf(error: unknown): number | undefined {
  if (!(error instanceof mongoose.mongo.MongoError)) return undefined;
  return typeof error.code === 'number' ? error.code : undefined;
}
