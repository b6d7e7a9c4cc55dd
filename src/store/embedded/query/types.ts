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
import { MongoCommandError } from '../errors.js';
import { asDoc, toNumber } from '../bson/values.js';

const NUMBER_BY_ALIAS: Readonly<Record<string, number>> = {
  double: 1,
  string: 2,
  object: 3,
  array: 4,
  binData: 5,
  undefined: 6,
  objectId: 7,
  bool: 8,
  date: 9,
  null: 10,
  regex: 11,
  dbPointer: 12,
  javascript: 13,
  symbol: 14,
  javascriptWithScope: 15,
  int: 16,
  timestamp: 17,
  long: 18,
  decimal: 19,
  minKey: -1,
  maxKey: 127,
};

const MAX_INT32 = 0x7fffffff;

/** BSON type numbers that apply to a value. A plain JavaScript integer may have been an int or a double. */
function typeNumbers(value: unknown): readonly number[] {
  if (value === undefined) return [];
  if (value === null) return [10];
  switch (typeof value) {
    case 'string':
      return [2];
    case 'boolean':
      return [8];
    case 'number':
      if (!Number.isInteger(value)) return [1];
      return Math.abs(value) <= MAX_INT32 ? [16, 1] : [18, 1];
    default:
      return objectTypeNumbers(value);
  }
}

function objectTypeNumbers(value: unknown): readonly number[] {
  if (Array.isArray(value)) return [4];
  if (value instanceof ObjectId) return [7];
  if (value instanceof Date) return [9];
  if (value instanceof Binary) return [5];
  if (value instanceof BSONRegExp || value instanceof RegExp) return [11];
  if (value instanceof Timestamp) return [17];
  if (value instanceof Long) return [18];
  if (value instanceof Int32) return [16];
  if (value instanceof Double) return [1];
  if (value instanceof Decimal128) return [19];
  if (value instanceof Code) return [value.scope ? 15 : 13];
  if (value instanceof BSONSymbol) return [14];
  if (value instanceof MinKey) return [-1];
  if (value instanceof MaxKey) return [127];
  return asDoc(value) ? [3] : [];
}

const ALIAS_BY_NUMBER = new Map(Object.entries(NUMBER_BY_ALIAS).map(([alias, number]) => [number, alias]));

/** The name of a value's BSON type; exact for a value from `decodeTyped`. */
export const typeNameOf = (value: unknown): string =>
  ALIAS_BY_NUMBER.get(typeNumbers(value)[0] ?? 6) ?? 'undefined';

function wantedNumbers(name: unknown): readonly number[] {
  const number = typeof name === 'string' ? NUMBER_BY_ALIAS[name] : toNumber(name);
  if (name === 'number') return [1, 16, 18, 19];
  if (number === undefined) throw new MongoCommandError(2, `Unknown type name alias: ${String(name)}`);
  return [number];
}

/** `$type`: one alias or number, or a list of them. */
export function hasType(operand: unknown): (value: unknown) => boolean {
  const acceptedTypes = new Set((Array.isArray(operand) ? operand : [operand]).flatMap(wantedNumbers));
  return (value) => typeNumbers(value).some((type) => acceptedTypes.has(type));
}
