import {
  type BSONRegExp,
  BSONSymbol,
  DBRef,
  Decimal128,
  Double,
  Int32,
  Long,
  deserialize,
  serialize,
  type DeserializeOptions,
} from 'bson';

export type Doc = Record<string, unknown>;

const PLAIN: DeserializeOptions = { promoteBuffers: false, bsonRegExp: true };
const TYPED: DeserializeOptions = { ...PLAIN, promoteValues: false, promoteLongs: false };

/** Decodes numbers as JavaScript numbers (int64 beyond 2^53 stays `Long`), for filters and indexes. */
export const decodePlain = (bytes: Uint8Array): Doc => deserialize(bytes, PLAIN);

/** Decodes every number into its wrapper, which preserves its BSON type, for updates and expressions. */
export const decodeTyped = (bytes: Uint8Array): Doc => deserialize(bytes, TYPED);

/**
 * A copy in memory of its own. Node's pooled buffers share blocks of 8 KB, so keeping a small document would
 * also keep the replies and messages next to it.
 */
export function ownCopy(bytes: Uint8Array): Buffer {
  const copied = Buffer.allocUnsafeSlow(bytes.length);
  copied.set(bytes);
  return copied;
}

export const encode = (document: Doc): Buffer =>
  ownCopy(serialize(document, { ignoreUndefined: false, checkKeys: false }));

/** Encodes the result of an expression without `undefined` fields, as MongoDB omits missing ones. */
export const encodeResult = (document: Doc): Buffer =>
  Buffer.from(serialize(document, { ignoreUndefined: true, checkKeys: false }));

/** True for an embedded document; false for arrays, dates and BSON's own value classes. */
export function isDoc(value: unknown): value is Doc {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

/** The fields of an embedded document, or of the `DBRef` that the decoder makes from `{$ref, $id}`. */
export function asDoc(value: unknown): Doc | undefined {
  if (isDoc(value)) return value;
  if (value instanceof DBRef) {
    return {
      $ref: value.collection,
      $id: value.oid,
      ...(value.db === undefined ? {} : { $db: value.db }),
      ...value.fields,
    };
  }
  return undefined;
}

/** An own field of a document, never an inherited one. */
export const field = (document: Doc, name: string): unknown =>
  Object.hasOwn(document, name) ? document[name] : undefined;

export function setField(document: Doc, name: string, value: unknown): void {
  if (name === '__proto__') {
    Object.defineProperty(document, name, { value, writable: true, enumerable: true, configurable: true });
  } else {
    document[name] = value;
  }
}

function mapValue(value: unknown, scalar: (value: unknown) => unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => mapValue(item, scalar));
  if (!isDoc(value)) return scalar(value);
  const out: Doc = {};
  for (const key of Object.keys(value)) setField(out, key, mapValue(value[key], scalar));
  return out;
}

function plainScalar(value: unknown): unknown {
  if (value instanceof Int32 || value instanceof Double) return value.value;
  if (isLong(value) && isSafeLong(value)) return value.toNumber();
  if (value instanceof BSONSymbol) return value.value;
  return value;
}

/** Whether this is an int64; a `Timestamp` is a `Long` by class, but not an int64. */
export const isLong = (value: unknown): value is Long =>
  value instanceof Long && Object.getPrototypeOf(value) === Long.prototype;

const isSafeLong = (value: Long): boolean => Number.isSafeInteger(value.toNumber());

/** Converts a typed value to what `decodePlain` would return. */
export const plain = (value: unknown): unknown => mapValue(value, plainScalar);

/** A deep copy that shares no container with the original; scalar values are immutable. */
export const copy = (value: unknown): unknown => mapValue(value, (scalar) => scalar);

/** A number from a command, whatever its BSON type; `undefined` if it is not a number. */
export function toNumber(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  if (value instanceof Int32 || value instanceof Double) return value.value;
  if (isLong(value)) return value.toNumber();
  if (value instanceof Decimal128) return Number(value.toString());
  return undefined;
}

/** Whether MongoDB takes an option as true: numbers other than zero count. */
export function isTrue(value: unknown): boolean {
  return typeof value === 'boolean' ? value : (toNumber(value) ?? 0) !== 0;
}

/**
 * Converts a pattern with the PCRE options i, m, s and x (ignore white space and comments) to a JavaScript
 * regular expression, in Unicode mode if the pattern needs it (`\p{L}`). `more`: additional flags.
 */
export function makeRegExp(pattern: string, options: string, more = ''): RegExp {
  let source = pattern;
  let flags = [...new Set(options)].filter((flag) => 'ims'.includes(flag)).join('');
  if (options.includes('x')) source = source.replace(/\\.|#.*$|\s+/gm, (hit) => (hit[0] === '\\' ? hit : ''));
  const inline = /^\(\?([ims]+)\)/.exec(source);
  if (inline?.[1] !== undefined) {
    source = source.slice(inline[0].length);
    flags = [...new Set(flags + inline[1])].join('');
  }
  const unicode =
    /\\[pP]\{|[^\x00-\uffff]/u.test(source) || /[\u{10000}-\u{10ffff}]/u.test(source) ? 'u' : '';
  return new RegExp(source, flags + unicode + more);
}

export const toRegExp = (value: BSONRegExp | RegExp): RegExp =>
  value instanceof RegExp ? value : makeRegExp(value.pattern, value.options);
