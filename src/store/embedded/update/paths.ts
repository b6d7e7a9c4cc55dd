import { MongoCommandError } from '../errors.js';
import { asDoc, plain, setField, type Doc } from '../bson/values.js';

/** What the positional parts of update paths refer to. */
export interface Positions {
  /** Index of the element that the filter matched in the array at this path. */
  matched(arrayPath: string): number | undefined;
  /** The test of the array filter with this name. */
  filter(name: string): ((element: unknown) => boolean) | undefined;
}

/** The concrete paths that a path with positional parts stands for in this document. */
export function concretePaths(document: Doc, path: string, positions: Positions): string[][] {
  const out: string[][] = [];
  expand(document, path.split('.'), [], positions, out);
  return out;
}

function expand(
  value: unknown,
  parts: readonly string[],
  done: readonly string[],
  positions: Positions,
  out: string[][],
): void {
  const [part, ...rest] = parts;
  if (part === undefined) {
    out.push([...done]);
    return;
  }
  if (part === '') throw new MongoCommandError(56, 'An update path must not contain an empty field name.');
  if (!isPositional(part)) {
    const below = Array.isArray(value) ? (value as unknown[])[Number(part)] : asDoc(value)?.[part];
    expand(below, rest, [...done, part], positions, out);
    return;
  }
  for (const index of indexesFor(value, part, done, positions)) {
    const element = Array.isArray(value) ? (value as unknown[])[index] : undefined;
    expand(element, rest, [...done, String(index)], positions, out);
  }
}

/** Any other name that starts with a dollar is a field name (MongoDB 5.0). */
const isPositional = (part: string): boolean => part === '$' || (part.startsWith('$[') && part.endsWith(']'));

function indexesFor(
  value: unknown,
  part: string,
  done: readonly string[],
  positions: Positions,
): readonly number[] {
  const path = done.join('.');
  if (part === '$') {
    const index = positions.matched(path);
    if (index === undefined) {
      throw new MongoCommandError(2, 'The positional operator did not find the match needed from the query.');
    }
    return [index];
  }
  const name = part.slice(2, -1);
  if (!Array.isArray(value)) {
    throw new MongoCommandError(
      2,
      `The path '${path}' must exist in the document in order to apply array updates.`,
    );
  }
  const indexes = value.map((_, index) => index);
  if (name === '') return indexes;
  const test = positions.filter(name);
  if (!test)
    throw new MongoCommandError(
      2,
      `No array filter found for identifier '${name}' in path '${path}.${part}'`,
    );
  return indexes.filter((index) => test(plain(value[index])));
}

/** Returns the value at a concrete path; `undefined` if anything along it is missing. */
export function valueAt(document: Doc, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (value, part) => (Array.isArray(value) ? value[Number(part)] : ownField(value, part)),
    document,
  );
}

/** Writes a value, creating documents along the path. Throws `MongoCommandError` 28 if a scalar is there. */
export function setAt(document: Doc, path: readonly string[], value: unknown): void {
  let holder: unknown = document;
  path.forEach((part, at) => {
    if (at === path.length - 1) {
      assign(holder, part, value, path);
      return;
    }
    let below = Array.isArray(holder) ? (holder as unknown[])[Number(part)] : ownField(holder, part);
    if (below === undefined) {
      below = {};
      assign(holder, part, below, path);
    }
    holder = below;
  });
}

/** An own field of a document, never a property inherited in JavaScript. */
function ownField(holder: unknown, name: string): unknown {
  const document = asDoc(holder);
  return document && Object.hasOwn(document, name) ? document[name] : undefined;
}

/** Throws `MongoCommandError` 28 if the path leads through a value that can have no such field. */
export function checkViable(document: Doc, path: readonly string[]): void {
  let holder: unknown = document;
  for (const part of path) {
    if (holder === undefined) return;
    const isEntered = Array.isArray(holder) ? /^\d+$/.test(part) : asDoc(holder) !== undefined;
    if (!isEntered) throw notViable(part, path);
    holder = Array.isArray(holder) ? (holder as unknown[])[Number(part)] : ownField(holder, part);
  }
}

const MAX_PADDING = 1_500_000;

function assign(holder: unknown, part: string, value: unknown, path: readonly string[]): void {
  if (Array.isArray(holder)) {
    const index = Number(part);
    if (!/^\d+$/.test(part) || index > holder.length + MAX_PADDING) throw notViable(part, path);
    while (holder.length < index) holder.push(null);
    holder[index] = value;
    return;
  }
  const document = asDoc(holder);
  if (!document) throw notViable(part, path);
  setField(document, part, value);
}

const notViable = (part: string, path: readonly string[]): MongoCommandError =>
  new MongoCommandError(28, `Cannot create field '${part}' in the element of path '${path.join('.')}'`);

/** Removes a field, as `$unset` does; an array element becomes null. */
export function unsetAt(document: Doc, path: readonly string[]): void {
  const name = path.at(-1);
  const holder = valueAt(document, path.slice(0, -1));
  if (name === undefined) return;
  if (Array.isArray(holder)) {
    if (Number(name) < holder.length) holder[Number(name)] = null;
    return;
  }
  const fields = asDoc(holder);
  if (fields) Reflect.deleteProperty(fields, name);
}
