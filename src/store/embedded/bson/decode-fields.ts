import { decodePlain, type Doc } from './values.js';

/** Sizes of fixed-length values in bytes, by BSON type (bsonspec.org). */
const FIXED: Readonly<Record<number, number>> = {
  0x01: 8,
  0x06: 0,
  0x07: 12,
  0x08: 1,
  0x09: 8,
  0x0a: 0,
  0x10: 4,
  0x11: 8,
  0x12: 8,
  0x13: 16,
  0x7f: 0,
  0xff: 0,
};
const [STRING, DOCUMENT, ARRAY, BINARY, REGEXP, POINTER, CODE, SYMBOL, SCOPED] = [
  2, 3, 4, 5, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f,
];

/** Decodes only these top-level fields, as `decodePlain` does, and skips the rest. */
export function decodeFields(document: Uint8Array, names: ReadonlySet<string>): Doc {
  const bytes = Buffer.from(document.buffer, document.byteOffset, document.byteLength);
  const chunks: Buffer[] = [];
  let [at, size] = [4, 5];
  while (at < bytes.length - 1 && chunks.length < names.size) {
    const nameEnd = bytes.indexOf(0, at + 1);
    const end = nameEnd + 1 + valueBytes(bytes, bytes.readUInt8(at), nameEnd + 1);
    if (names.has(bytes.toString('utf8', at + 1, nameEnd))) {
      chunks.push(bytes.subarray(at, end));
      size += end - at;
    }
    at = end;
  }
  const head = Buffer.alloc(4);
  head.writeInt32LE(size, 0);
  return decodePlain(Buffer.concat([head, ...chunks, Buffer.of(0)], size));
}

function valueBytes(bytes: Buffer, type: number, at: number): number {
  const fixed = FIXED[type];
  if (fixed !== undefined) return fixed;
  switch (type) {
    case STRING:
    case CODE:
    case SYMBOL:
      return 4 + bytes.readInt32LE(at);
    case DOCUMENT:
    case ARRAY:
    case SCOPED:
      return bytes.readInt32LE(at);
    case BINARY:
      return 5 + bytes.readInt32LE(at);
    case POINTER:
      return 16 + bytes.readInt32LE(at);
    case REGEXP: {
      const pattern = bytes.indexOf(0, at);
      return bytes.indexOf(0, pattern + 1) + 1 - at;
    }
    default:
      throw new RangeError(`a value of the unknown type ${type}`);
  }
}
