import { Int32 } from 'bson';
import { asDoc, encode, type Doc } from '../bson/values.js';
import { valueAt } from '../update/paths.js';

/** What an event says about an update. */
export interface UpdateDescription extends Doc {
  readonly updatedFields: Doc;
  readonly removedFields: string[];
  readonly truncatedArrays: { readonly field: string; readonly newSize: Int32 }[];
}

const noChange = (): UpdateDescription => ({ updatedFields: {}, removedFields: [], truncatedArrays: [] });

/**
 * Describes an update by the paths its operators changed; without paths, after a pipeline, by the difference
 * between the documents.
 */
export function describeUpdate(
  before: Doc,
  after: Doc,
  paths: readonly string[] | undefined,
): UpdateDescription {
  const description = noChange();
  if (paths) describePaths(before, after, paths, description);
  else describeDelta(documentDelta(before, after), '', description);
  return description;
}

function describePaths(before: Doc, after: Doc, paths: readonly string[], into: UpdateDescription): void {
  for (const path of paths) {
    const place = firstNew(before, path.split('.'));
    const now = valueAt(after, place);
    if (isSame(valueAt(before, place), now)) continue;
    if (now === undefined) into.removedFields.push(place.join('.'));
    else into.updatedFields[place.join('.')] = now;
  }
}

/** The path up to its first part that did not exist: what a change below it adds is a single new field. */
function firstNew(before: Doc, path: readonly string[]): readonly string[] {
  const at = path.findIndex((_, index) => valueAt(before, path.slice(0, index + 1)) === undefined);
  return at === -1 ? path : path.slice(0, at + 1);
}

const isSame = (a: unknown, b: unknown): boolean =>
  a === undefined || b === undefined ? a === b : encode({ v: a }).equals(encode({ v: b }));

/** The difference between two documents, or two arrays of which only changed elements and the length count. */
interface Delta {
  readonly removed: string[];
  readonly changed: Map<string, unknown>;
  readonly below: Map<string, Delta>;
  newSize: number | undefined;
}

const emptyDelta = (): Delta => ({ removed: [], changed: new Map(), below: new Map(), newSize: undefined });

function documentDelta(before: Doc, after: Doc): Delta {
  const delta = emptyDelta();
  for (const name of Object.keys(before)) if (!Object.hasOwn(after, name)) delta.removed.push(name);
  for (const [name, value] of Object.entries(after)) {
    if (Object.hasOwn(before, name)) compare(name, before[name], value, delta);
    else delta.changed.set(name, value);
  }
  return delta;
}

function arrayDelta(before: readonly unknown[], after: readonly unknown[]): Delta {
  const delta = emptyDelta();
  for (const [index, value] of after.entries()) {
    if (index < before.length) compare(String(index), before[index], value, delta);
    else delta.changed.set(String(index), value);
  }
  if (after.length < before.length) delta.newSize = after.length;
  return delta;
}

/** A value that is shorter than the difference is reported whole, as MongoDB does. */
function compare(name: string, old: unknown, now: unknown, into: Delta): void {
  if (isSame(old, now)) return;
  const below = deltaOf(old, now);
  if (below && deltaBytes(below) <= encode({ v: now }).length) into.below.set(name, below);
  else into.changed.set(name, now);
}

function deltaOf(old: unknown, now: unknown): Delta | undefined {
  if (Array.isArray(old) && Array.isArray(now)) return arrayDelta(old, now);
  const [before, after] = [asDoc(old), asDoc(now)];
  return before && after ? documentDelta(before, after) : undefined;
}

const deltaBytes = (delta: Delta): number => encode({ v: encodedDelta(delta) }).length;

/** The difference in the form of MongoDB's oplog. */
function encodedDelta({ removed, changed, below, newSize }: Delta): Doc {
  return {
    ...(newSize === undefined ? {} : { a: true, l: new Int32(newSize) }),
    ...(removed.length > 0 ? { d: Object.fromEntries(removed.map((name) => [name, false])) } : {}),
    ...(changed.size > 0 ? { u: Object.fromEntries(changed) } : {}),
    ...Object.fromEntries([...below].map(([name, delta]) => [`s${name}`, encodedDelta(delta)])),
  };
}

function describeDelta(
  { removed, changed, below, newSize }: Delta,
  prefix: string,
  into: UpdateDescription,
): void {
  for (const name of removed) into.removedFields.push(prefix + name);
  for (const [name, value] of changed) into.updatedFields[prefix + name] = value;
  if (newSize !== undefined)
    into.truncatedArrays.push({ field: prefix.slice(0, -1), newSize: new Int32(newSize) });
  for (const [name, delta] of below) describeDelta(delta, `${prefix}${name}.`, into);
}
