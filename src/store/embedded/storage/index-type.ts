import { isDoc, toNumber, type Doc } from '../bson/values.js';
import { MongoCommandError } from '../errors.js';
import { geometryOf, pairOf } from '../geo/geometry.js';
import { valuesAt } from '../bson/paths.js';

/** `geo`: it admits queries by distance and checks what is written, but has no keys. */
export type IndexType = 'ordered' | 'hashed' | 'geo';

export function indexTypeOf(key: Doc): IndexType {
  const types = Object.values(key);
  if (types.includes('2d') || types.includes('2dsphere')) return 'geo';
  return types.includes('hashed') ? 'hashed' : 'ordered';
}

/** Throws `MongoCommandError` if a document has a value that an index of its type cannot hold. */
export function checkIndexed(spec: Doc, document: Doc): void {
  for (const [path, type] of Object.entries(isDoc(spec.key) ? spec.key : {})) {
    if (type === '2d') checkPlane(spec, valuesAt(document, path.split('.')));
    else if (type === '2dsphere') checkSphere(valuesAt(document, path.split('.')));
    else if (type === 'hashed') refuseArray(path, valuesAt(document, path.split('.')));
  }
}

const isEmpty = (value: unknown): boolean =>
  value === undefined || value === null || (Array.isArray(value) && value.length === 0);

function checkPlane(spec: Doc, values: readonly unknown[]): void {
  const [least, end] = [toNumber(spec.min) ?? -180, toNumber(spec.max) ?? 180];
  for (const value of values) {
    if (isEmpty(value)) continue;
    const places = Array.isArray(value) && !pairOf(value) ? (value as unknown[]) : [value];
    for (const place of places) {
      const pair = pairOf(place);
      if (!pair)
        throw new MongoCommandError(13654, 'location object expected, location array not in correct format');
      if (!pair.every((number) => number >= least && number < end))
        throw new MongoCommandError(13027, `point not in interval of [ ${least}, ${end} ]`);
    }
  }
}

function checkSphere(values: readonly unknown[]): void {
  for (const value of values) {
    if (isEmpty(value)) continue;
    const places = Array.isArray(value) && !pairOf(value) ? (value as unknown[]) : [value];
    if (!places.every(isOnSphere)) throw new MongoCommandError(16755, "Can't extract geo keys");
  }
}

function isOnSphere(value: unknown): boolean {
  const geometry = geometryOf(value);
  if (geometry?.type !== 'point') return geometry !== undefined;
  const [longitude, latitude] = geometry.at;
  return Math.abs(longitude) <= 180 && Math.abs(latitude) <= 90;
}

function refuseArray(path: string, values: readonly unknown[]): void {
  if (values.some(Array.isArray))
    throw new MongoCommandError(
      16766,
      `hashed indexes do not currently support array values. Found array at path: ${path}`,
    );
}
