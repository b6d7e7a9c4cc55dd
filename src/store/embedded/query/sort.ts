import { encodeKey, invertKey } from '../bson/key-string.js';
import { indexKeys, type IndexField } from '../storage/index-keys.js';
import { valuesAt } from '../bson/paths.js';
import { isDoc, toNumber, type Doc } from '../bson/values.js';
import { MongoCommandError } from '../errors.js';

export interface SortField {
  readonly path: string;
  readonly direction: 1 | -1;
  /** Sorts by a search score instead of a field. */
  readonly isScore?: boolean;
}

const SCORES = new Set(['searchScore', 'vectorSearchScore', 'score', 'textScore']);

/** Throws `MongoCommandError` `refusal` unless a value is 1, -1 or a search score, 16410 for a bad name. */
export function parseSort(sort: unknown, refusal: 2 | 15_975 = 2): readonly SortField[] {
  if (!isDoc(sort)) return [];
  return Object.entries(sort).map(([path, value]) => {
    if (isDoc(value) && typeof value.$meta === 'string' && SCORES.has(value.$meta)) {
      return { path, direction: -1 as const, isScore: true };
    }
    if (path.startsWith('$')) {
      throw new MongoCommandError(
        16410,
        `FieldPath field names may not start with '$'. Consider using $getField or $setField. In: '${path}'`,
      );
    }
    const direction = toNumber(value);
    if (direction !== 1 && direction !== -1) {
      throw new MongoCommandError(refusal, 'Illegal value in sort specification: 1 or -1 expected');
    }
    return { path, direction };
  });
}

/** Makes a string for each document; their `<` order is the requested order. */
export function sortKeyMaker(
  fields: readonly SortField[],
  scoreOf: (document: Doc) => unknown = () => undefined,
): (document: Doc) => string {
  const parts = fields.map(({ path, direction, isScore }) => ({
    path,
    parts: path.split('.'),
    direction,
    isScore: isScore === true,
  }));
  return (document) => {
    const columns = parts.map((part) =>
      part.isScore ? [scoreOf(document)] : valuesAt(document, part.parts),
    );
    if (columns.filter(hasSeveral).length > 1 && !parts.some(({ isScore }) => isScore))
      return smallestKey(parts, document);
    return columns.map((values, at) => sortKey(values, parts[at]?.direction ?? 1)).join('');
  };
}

const hasSeveral = (values: readonly unknown[]): boolean => values.length > 1 || Array.isArray(values[0]);

/**
 * Several fields that pass through the same array are compared element by element, as in an index. Throws
 * `MongoCommandError` 2 if they pass through different arrays.
 */
function smallestKey(fields: readonly IndexField[], document: Doc): string {
  try {
    return indexKeys(fields, document).reduce((a, b) => (b < a ? b : a));
  } catch (error) {
    if (error instanceof MongoCommandError && error.code === 171)
      throw new MongoCommandError(2, 'cannot sort with keys that are parallel arrays');
    throw error;
  }
}

/** Ascending uses the smallest value of an array, descending the largest; an empty array is below null. */
function sortKey(values: readonly unknown[], direction: 1 | -1): string {
  const keys: string[] = [];
  for (const value of values) {
    if (!Array.isArray(value)) keys.push(encodeKey(value));
    else if (value.length === 0) keys.push('\x0f');
    else for (const item of value) keys.push(encodeKey(item));
  }
  const [first = encodeKey(undefined), ...rest] = keys;
  const best = rest.reduce((a, b) => ((direction === 1 ? b < a : b > a) ? b : a), first);
  return direction === 1 ? best : invertKey(best);
}
