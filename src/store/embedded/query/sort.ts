import { encodeKey, invertKey } from '../bson/key-string.js';
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
  const parts = fields.map(({ path, direction, isScore }) => ({ path: path.split('.'), direction, isScore }));
  return (document) =>
    parts
      .map(({ path, direction, isScore }) =>
        sortKey(isScore === true ? [scoreOf(document)] : valuesAt(document, path), direction),
      )
      .join('');
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
