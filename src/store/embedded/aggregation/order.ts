import { Double, Int32 } from 'bson';
import { encodeKey } from '../bson/key-string.js';
import { typeNameOf } from '../query/types.js';

/** The missing value, which in an expression is not null: below everything but MinKey. */
const MISSING_KEY = '\x0f';

/** Equal keys mean equal values; `<` on keys is the order of the values. */
export const orderKey = (value: unknown): string => (value === undefined ? MISSING_KEY : encodeKey(value));

const quickNumber = (value: unknown): number | undefined =>
  value instanceof Int32 || value instanceof Double ? value.value : undefined;

/** MongoDB's order of values across all types. */
export function compare(a: unknown, b: unknown): -1 | 0 | 1 {
  const [x, y] = [quickNumber(a), quickNumber(b)];
  if (x !== undefined && y !== undefined && x === x && y === y) return x < y ? -1 : x > y ? 1 : 0;
  const [left, right] = [orderKey(a), orderKey(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}

/** The name of a value's BSON type, as in `$type`. */
export const typeName = (value: unknown): string => (value === undefined ? 'missing' : typeNameOf(value));
