import { DERIVED } from '../file/kinds.js';

/** First byte of a key: the kind of record. */
export const KIND = {
  catalog: 1,
  document: 2,
  session: 3,
  event: 4,
  dropped: 5,
  watch: 6,
  ...DERIVED,
} as const;

export type RecordKind = Exclude<keyof typeof KIND, 'document'>;

const DOCUMENT_KEY_BYTES = 11;
export const RID_LIMIT = 2 ** 32;

/** A document's place: collection number and record number combined in a safe integer. */
export const placeOf = (collection: number, rid: number): number => collection * RID_LIMIT + rid;

export function documentKey(place: number): Buffer {
  const key = Buffer.allocUnsafe(DOCUMENT_KEY_BYTES);
  key.writeUInt8(KIND.document, 0);
  key.writeUInt32BE(Math.floor(place / RID_LIMIT), 1);
  key.writeUIntBE(place % RID_LIMIT, 5, 6);
  return key;
}

export const namedKey = (kind: RecordKind, name: string): Buffer =>
  Buffer.concat([Buffer.from([KIND[kind]]), Buffer.from(name, 'latin1')]);
