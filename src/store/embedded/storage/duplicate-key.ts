import { EJSON } from 'bson';
import { valuesAt } from '../bson/paths.js';
import { isDoc, type Doc } from '../bson/values.js';
import { MongoCommandError } from '../errors.js';
import type { SecondaryIndex } from './secondary-index.js';

/** The error for a document with a unique key that another document already has. */
export function duplicateKey(
  namespace: string,
  index: SecondaryIndex,
  view: Doc,
  key: string,
): MongoCommandError {
  const keyValue = duplicateValue(index, view, key);
  const keyText = Object.entries(keyValue)
    .map(([name, value]) => `${name}: ${shownValue(value)}`)
    .join(', ');
  return new MongoCommandError(
    11000,
    `E11000 duplicate key error collection: ${namespace} index: ${index.name} dup key: { ${keyText} }`,
    { keyPattern: index.spec.key, keyValue },
  );
}

const shownValue = (value: unknown): string => {
  if (value === undefined || value === null) return 'null';
  if (isDoc(value) || Array.isArray(value) || typeof value !== 'object') return JSON.stringify(value);
  return EJSON.stringify(value);
};

/** The conflicting values; for an array field, the element that is already taken. */
function duplicateValue(index: SecondaryIndex, view: Doc, key: string): Doc {
  const out: Doc = {};
  for (const { path, parts } of index.fields) {
    const values = valuesAt(view, parts).flatMap((value): unknown[] =>
      Array.isArray(value) ? value : [value],
    );
    const [first] = values;
    out[path] = first ?? null;
    if (values.length > 1) {
      out[path] =
        values.find((value) => index.keysOf({ ...flat(view, path, value) }).includes(key)) ?? first ?? null;
    }
  }
  return out;
}

/** The document with an array field replaced by one of its elements, to find which element is taken. */
function flat(view: Doc, path: string, value: unknown): Doc {
  const [head = path, ...rest] = path.split('.');
  const below = view[head];
  if (rest.length === 0) return { ...view, [head]: value };
  return { ...view, [head]: flat(isDoc(below) ? below : {}, rest.join('.'), value) };
}
