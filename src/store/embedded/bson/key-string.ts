import {
  Binary,
  BSONRegExp,
  BSONSymbol,
  Code,
  Decimal128,
  Double,
  Int32,
  Long,
  MaxKey,
  MinKey,
  ObjectId,
  Timestamp,
} from 'bson';
import { decimalKey, doubleBytes, doubleKey, longKey } from './number-key.js';
import { asDoc, type Doc } from './values.js';

/** Version of the keys stored on disk: raise it whenever the encoding changes. */
export const KEY_FORMAT = 1;

/** First character of a key by comparison class, in MongoDB's comparison order. */
const TAG = {
  minKey: '\x0a',
  undefined: '\x0f',
  null: '\x14',
  number: '\x1e',
  string: '\x3c',
  object: '\x46',
  array: '\x50',
  binary: '\x5a',
  objectId: '\x64',
  boolean: '\x6e',
  date: '\x78',
  timestamp: '\x82',
  regExp: '\x8c',
  code: '\x96',
  maxKey: '\xf0',
} as const;

/** The index entry of an empty array: sorts before null and equals nothing a filter can ask for. */
export const EMPTY_ARRAY_KEY: string = TAG.undefined;

const scratch = Buffer.alloc(8);

/**
 * Encodes a value as a string of characters 0..255 whose plain `<` order is MongoDB's comparison order
 * (MinKey, null, numbers, strings, objects, arrays, binary, ObjectId, boolean, date, timestamp, regular
 * expression, code, MaxKey). Equal strings mean equal values. Strings are used instead of buffers because
 * one-byte strings are compact in memory and compare at memory speed.
 */
export function encodeKey(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return TAG.string + text(value);
    case 'number':
      return TAG.number + doubleKey(value);
    case 'boolean':
      return TAG.boolean + (value ? '\x01' : '\x00');
    case 'undefined':
      return TAG.null;
    case 'bigint':
      return encodeObject(Long.fromBigInt(value));
    case 'object':
      return value === null ? TAG.null : encodeObject(value);
    default:
      return TAG.null;
  }
}

/** The first character of a key. Values with different tags belong to different comparison classes. */
export const keyTag = (key: string): string => key.charAt(0);

/** Reverses the order, for a descending field of an index or a sort. */
export function invertKey(key: string): string {
  let out = '';
  for (let i = 0; i < key.length; i += 1) out += String.fromCharCode(255 - key.charCodeAt(i));
  return out;
}

function encodeObject(value: object): string {
  if (value instanceof ObjectId) return TAG.objectId + latin1(value.id);
  if (value instanceof Date) return TAG.date + doubleBytes(value.getTime());
  if (Array.isArray(value)) return TAG.array + value.map(encodeKey).join('') + '\x00';
  if (value instanceof Int32 || value instanceof Double) return TAG.number + doubleKey(value.value);
  // Timestamp extends Long, so it is checked first.
  if (value instanceof Timestamp) return TAG.timestamp + unsigned(value.t) + unsigned(value.i);
  if (value instanceof Long) return TAG.number + longKey(value);
  if (value instanceof Decimal128) return TAG.number + decimalKey(value);
  if (value instanceof Binary) return binary(value);
  if (value instanceof BSONRegExp) return TAG.regExp + text(value.pattern) + text(value.options);
  if (value instanceof RegExp) return TAG.regExp + text(value.source) + text(value.flags);
  if (value instanceof BSONSymbol) return TAG.string + text(value.value);
  if (value instanceof Code) return TAG.code + text(value.code);
  if (value instanceof MinKey) return TAG.minKey;
  if (value instanceof MaxKey) return TAG.maxKey;
  return TAG.object + document(asDoc(value) ?? {});
}

function document(fields: Doc): string {
  let out = '';
  for (const name of Object.keys(fields)) {
    const key = encodeKey(fields[name]);
    out += keyTag(key) + text(name) + key;
  }
  return out + '\x00';
}

const latin1 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');

/**
 * UTF-8 bytes, which sort like code points. A zero byte inside is written as 00 FF; a lone 00 ends the text.
 */
function text(value: string): string {
  if (/^[\x01-\x7f]*$/.test(value)) return value + '\x00';
  return Buffer.from(value, 'utf8').toString('latin1').replaceAll('\x00', '\x00\xff') + '\x00';
}

function unsigned(value: number): string {
  scratch.writeUInt32BE(value >>> 0, 0);
  return scratch.toString('latin1', 0, 4);
}

function binary(value: Binary): string {
  const bytes = value.buffer.subarray(0, value.position);
  return TAG.binary + unsigned(bytes.length) + String.fromCharCode(value.sub_type) + latin1(bytes);
}
