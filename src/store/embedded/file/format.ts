import { decodeTyped, encode, isDoc, toNumber } from '../bson/values.js';
import { FORMAT } from './kinds.js';
import { seal, unseal } from './seal.js';
import { UnreadableStoreError } from './unreadable.js';
import type { Environment, Write } from './environment.js';

/**
 * The store's format, which a release must know to write to it. Raise it when a release unaware of a change
 * would leave something behind that a later one wrongly trusts. 1: the format was not recorded yet.
 */
export const STORE_FORMAT = 2;
const FIRST_FORMAT = 1;

export const FORMAT_KEY = Buffer.from([FORMAT]);

/**
 * A release that does not know the store's format leaves the store alone. The message is a sentence for its
 * owner.
 */
export class NewerStoreError extends UnreadableStoreError {
  constructor(path: string, format: number) {
    super(
      `The store ${path} was written by a newer release of Sapa: its format is ${format}, this release knows ${STORE_FORMAT}. Nothing was changed. Use the newer release, or go back to a backup of this one with \`sapa store restore\`.`,
    );
    this.name = 'NewerStoreError';
  }
}

/** The format stated in a record; the first format if there is none or it is damaged. */
function formatOf(record: Uint8Array | undefined): number {
  const document = record && unseal(FORMAT_KEY, record);
  const decoded = document && decodeTyped(document);
  return (isDoc(decoded) && toNumber(decoded.format)) || FIRST_FORMAT;
}

/** Throws a `NewerStoreError` if a record states a format this release does not know. */
export function refuseNewer(path: string, record: Uint8Array | undefined): void {
  const format = formatOf(record);
  if (format > STORE_FORMAT) throw new NewerStoreError(path, format);
}

/** The write that records the format; `undefined` if the store already states it. */
export function formatWrite(environment: Environment): Write | undefined {
  if (formatOf(environment.get(FORMAT_KEY)) >= STORE_FORMAT) return undefined;
  return { key: FORMAT_KEY, value: seal(FORMAT_KEY, encode({ format: STORE_FORMAT })) };
}
