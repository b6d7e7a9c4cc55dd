import { Long } from 'bson';
import { encodeKey, invertKey } from '../bson/key-string.js';
import { valuesAt } from '../bson/paths.js';
import { decodePlain, decodeTyped, encode, isDoc, isTrue, setField, type Doc } from '../bson/values.js';
import { MongoCommandError } from '../errors.js';
import type { KeyRange } from '../query/bounds.js';
import { choosePlan, type Query } from '../query/plan.js';
import type { CollectionAccess } from '../storage/collection-access.js';
import type { SecondaryIndex } from '../storage/secondary-index.js';
import { plainDoc } from './arguments.js';

const isGiven = (value: unknown): value is Doc => isDoc(value) && Object.keys(value).length > 0;

/**
 * The part of the hinted index from `min` up to, but not including, `max` (the manual's pages on cursor.min()
 * and cursor.max()). Throws `MongoCommandError` 51173 to 51176 if they do not match each other or the index.
 */
export function boundsOf(
  { min, max }: Doc,
  hint: Query['hint'],
  collection: CollectionAccess | undefined,
): KeyRange | undefined {
  if (!isGiven(min) && !isGiven(max)) return undefined;
  if (typeof hint !== 'string' && collection) {
    throw new MongoCommandError(
      51173,
      'When using min()/max() a hint of which index to use must be provided',
    );
  }
  if (isGiven(min) && isGiven(max) && Object.keys(min).join('\0') !== Object.keys(max).join('\0'))
    throw new MongoCommandError(51176, 'min and max must have the same field names');
  const index = collection?.indexes.find(({ name, isReady }) => name === hint && isReady);
  if (!index) return { from: '', to: '' };
  const from = isGiven(min) ? boundOf(min, index) : '';
  const to = isGiven(max) ? boundOf(max, index) : '\xff';
  if (from >= to) {
    throw new MongoCommandError(
      51175,
      'The value provided for min() does not come before the value provided for max()',
    );
  }
  return { from, to };
}

function boundOf(bound: Doc, { fields, collation }: SecondaryIndex): string {
  const names = Object.keys(bound);
  if (names.length !== fields.length || fields.some(({ path }, i) => names[i] !== path))
    throw new MongoCommandError(51174, 'The index chosen is not compatible with min/max');
  const plain = plainDoc(bound);
  const values = fields.map(({ path }) => (collation ? collation.fold(plain[path]) : plain[path]));
  return fields
    .map(({ direction }, i) => (direction === 1 ? encodeKey(values[i]) : invertKey(encodeKey(values[i]))))
    .join('');
}

/** How to return a found document: with its record number, or only its keys in the index that was used. */
export function resultEncoder(
  body: Doc,
  collection: CollectionAccess | undefined,
  criteria: Query,
): ((rid: number, bytes: Uint8Array) => Uint8Array) | undefined {
  if (!collection) return undefined;
  const isNumbered = isTrue(body.showRecordId);
  if (!isTrue(body.returnKey)) {
    if (!isNumbered) return undefined;
    return (rid, bytes) => encode({ ...decodeTyped(bytes), $recordId: Long.fromNumber(rid) });
  }
  const { index } = choosePlan(collection, criteria);
  if (index?.isMultikey === true || index?.collation) {
    throw new MongoCommandError(
      115,
      "'returnKey' of an index over arrays or with a collation is not supported by the embedded store",
    );
  }
  return (rid) => {
    const bytes = collection.bytes(rid);
    const key = index && bytes ? keyOf(index, decodePlain(bytes), decodeTyped(bytes)) : {};
    return encode(isNumbered ? { ...key, $recordId: Long.fromNumber(rid) } : key);
  };
}

function keyOf({ fields }: SecondaryIndex, view: Doc, typed: Doc): Doc {
  const key: Doc = {};
  for (const { path, parts } of fields) {
    const isThere = valuesAt(view, parts).some((value) => value !== undefined);
    setField(key, path, isThere ? valuesAt(typed, parts)[0] : null);
  }
  return key;
}

/** Throws `MongoCommandError` 168 for options that views do not support. */
export function refuseOnView(body: Doc): void {
  const name = ['returnKey', 'showRecordId'].find((option) => isTrue(body[option]));
  const bound = ['min', 'max'].find((option) => isGiven(body[option]));
  const refused = name ?? bound;
  if (refused !== undefined)
    throw new MongoCommandError(168, `Option ${refused} not supported in aggregation.`);
}
