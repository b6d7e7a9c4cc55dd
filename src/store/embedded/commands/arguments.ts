import { Long } from 'bson';
import { MongoCommandError } from '../errors.js';
import { isDoc, plain, toNumber, type Doc } from '../bson/values.js';
import type { Request } from '../server/wire.js';

/** The collection a command names in its first field. Throws `MongoCommandError` 73 if it is not a text. */
export function collectionName({ body, name }: Request): string {
  const value = body[name];
  if (typeof value === 'string' && value !== '') return value;
  throw new MongoCommandError(73, `collection name has invalid type or is empty in '${name}'`);
}

/** A text from a command; the default for any other value. */
export const textOr = (value: unknown, fallback: string): string =>
  typeof value === 'string' ? value : fallback;

export function docs(value: unknown, name: string): Doc[] {
  if (!Array.isArray(value)) throw new MongoCommandError(14, `'${name}' must be an array of documents`);
  if (!value.every(isDoc)) throw new MongoCommandError(14, `'${name}' must hold documents only`);
  return value;
}

/** A filter as given in the command. Throws `MongoCommandError` 14 for anything but a document. */
export function filterOf(value: unknown, name: string): Doc {
  if (value === undefined || value === null) return {};
  if (isDoc(value)) return value;
  throw new MongoCommandError(14, `BSON field '${name}' is the wrong type, expected type 'object'`);
}

/** A document from a command, e.g. a filter, with JavaScript numbers. */
export function plainDoc(value: unknown): Doc {
  if (value === undefined || value === null) return {};
  const converted = plain(value);
  if (isDoc(converted)) return converted;
  throw new MongoCommandError(14, 'Expected a document');
}

/** Throws `MongoCommandError` 51024 for a negative number. */
export function wholeNumber(value: unknown, name: string): number | undefined {
  const number = toNumber(value);
  if (number === undefined) return undefined;
  if (number < 0) {
    throw new MongoCommandError(51024, `BSON field '${name}' value must be >= 0, actual value '${number}'`);
  }
  return Math.floor(number);
}

/** MongoDB's limit for writes in one command. */
export const MAX_WRITES = 100_000;

/** Throws `MongoCommandError` 16 for no writes or too many. */
export function checkBatchSize(count: number): void {
  if (count > 0 && count <= MAX_WRITES) return;
  throw new MongoCommandError(
    16,
    `Write batch sizes must be between 1 and ${MAX_WRITES}. Got ${count} operations.`,
  );
}

export function cursorId(value: unknown): bigint {
  if (value instanceof Long) return value.toBigInt();
  return BigInt(Math.trunc(toNumber(value) ?? 0));
}
