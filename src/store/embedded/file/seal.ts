import { crc32 } from 'node:zlib';

/**
 * A record on disk is a BSON document followed by a checksum of its key and itself. BSON states its own
 * length, so a record of an earlier version, without a checksum, can be recognised.
 */
const CHECKSUM_BYTES = 4;
const SMALLEST_BSON = 5;

export function seal(key: Uint8Array, document: Uint8Array): Buffer {
  const out = Buffer.allocUnsafe(document.length + CHECKSUM_BYTES);
  out.set(document);
  out.writeUInt32LE(crc32(document, crc32(key)), document.length);
  return out;
}

/** The document of a record; `undefined` if it is not what was written. */
export function unseal(key: Uint8Array, record: Uint8Array): Uint8Array | undefined {
  if (record.length < SMALLEST_BSON) return undefined;
  const view = Buffer.from(record.buffer, record.byteOffset, record.byteLength);
  const length = view.readUInt32LE(0);
  if (length === record.length) return record;
  if (length + CHECKSUM_BYTES !== record.length) return undefined;
  const document = record.subarray(0, length);
  return view.readUInt32LE(length) === crc32(document, crc32(key)) ? document : undefined;
}
