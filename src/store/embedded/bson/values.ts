import {
  BSONRegExp,
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
const EXPRESSION: DeserializeOptions = { promoteBuffers: false, bsonRegExp: false };

/** Numbers as JavaScript numbers (int64 beyond 2^53 stays `Long`): what filters and indexes read. */
export const decodePlain = (bytes: Uint8Array): Doc => deserialize(bytes, PLAIN);

/** Every number in its wrapper, so that it goes back with the type it came with: what updates change. */
export const decodeTyped = (bytes: Uint8Array): Doc => deserialize(bytes, TYPED);

/** As `decodePlain`, with JavaScript regular expressions: what the aggregation library reads. */
export const decodeForExpressions = (bytes: Uint8Array): Doc => deserialize(bytes, EXPRESSION);

/**
 * A copy in memory of its own. Buffers of Node's pool share blocks of 8 KB: a small document that is
 * kept would keep the replies and messages beside it.
 */
export function ownCopy(bytes: Uint8Array): Buffer {
  const copied = Buffer.allocUnsafeSlow(bytes.length);
  copied.set(bytes);
  return copied;
}

export const encode = (document: Doc): Buffer =>
  ownCopy(serialize(document, { ignoreUndefined: false, checkKeys: false }));

/** Results of expressions: a field that came out undefined is left out, as MongoDB leaves out missing ones. */
export const encodeResult = (document: Doc): Buffer =>
  Buffer.from(serialize(document, { ignoreUndefined: true, checkKeys: false }));

/** True for an embedded document; false for arrays, dates and BSON's own value classes. */
export function isDoc(value: unknown): value is Doc {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

/** The fields of an embedded document or of the `DBRef` the decoder makes of `{$ref, $id}`. */
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

/** Own field of a document, never something inherited. */
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

/** An int64; a timestamp is one by class and not by nature. */
export const isLong = (value: unknown): value is Long =>
  value instanceof Long && Object.getPrototypeOf(value) === Long.prototype;

const isSafeLong = (value: Long): boolean => Number.isSafeInteger(value.toNumber());

/** A typed value as `decodePlain` would have given it. */
export const plain = (value: unknown): unknown => mapValue(value, plainScalar);

/** A typed value as `decodeForExpressions` would have given it. */
export const forExpressions = (value: unknown): unknown =>
  mapValue(value, (scalar) => (scalar instanceof BSONRegExp ? toRegExp(scalar) : plainScalar(scalar)));

/** A deep copy that shares no container with the original; scalar values are immutable. */
export const copy = (value: unknown): unknown => mapValue(value, (scalar) => scalar);

/** A number out of a command, whatever its BSON type; undefined when it is no number. */
export function toNumber(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  if (value instanceof Int32 || value instanceof Double) return value.value;
  if (isLong(value)) return value.toNumber();
  if (value instanceof Decimal128) return Number(value.toString());
  return undefined;
}

/** MongoDB's truth of an option: numbers other than zero count. */
export function isTrue(value: unknown): boolean {
  return typeof value === 'boolean' ? value : (toNumber(value) ?? 0) !== 0;
}

/**
 * PCRE options i, m, s, x as a JavaScript expression; x means blanks and comments do not count. What
 * only a Unicode expression knows (`\\p{L}`) makes it one. `more` are flags of the caller's.
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
