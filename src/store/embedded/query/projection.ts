import { Double, Int32, Long } from 'bson';
import { MongoCommandError } from '../errors.js';
import {
  asDoc,
  decodeTyped,
  encode,
  isDoc,
  isTrue,
  plain,
  setField,
  toNumber,
  type Doc,
} from '../bson/values.js';
import { compileProject } from '../aggregation/shape.js';
import { compiler, newEnvironment } from '../aggregation/expressions.js';
import { elementTest } from './filter.js';
import { matchedPosition } from './position.js';

export type Projector = (bytes: Uint8Array) => Uint8Array;

/** Names to keep or drop, as a tree; `true` stands for the whole field. */
interface FieldTree {
  [name: string]: FieldTree | true;
}

const isFlag = (value: unknown): boolean =>
  typeof value === 'boolean' ||
  typeof value === 'number' ||
  value instanceof Int32 ||
  value instanceof Double ||
  value instanceof Long;

const isArrayOperator = (value: unknown): value is Doc =>
  isDoc(value) && ('$elemMatch' in value || ('$slice' in value && isFindSlice(value.$slice)));

/** `$slice: 2` and `$slice: [1, 2]`; with an array to slice it is an expression. */
const isFindSlice = (operand: unknown): boolean =>
  Array.isArray(operand) ? toNumber(operand[0]) !== undefined : toNumber(operand) !== undefined;

/** Throws `MongoCommandError` 31258 or 31259 unless the number to return is positive. */
function checkSlice(operator: unknown): void {
  if (!isDoc(operator) || !Array.isArray(operator.$slice)) return;
  const limit = toNumber(operator.$slice[1]);
  if (limit === undefined)
    throw new MongoCommandError(31258, '$slice expects the limit argument to be a number');
  if (limit <= 0) throw new MongoCommandError(31259, `$slice limit must be positive, got ${limit}`);
}

/**
 * Compiles a find projection. Plain inclusion and exclusion keep the BSON type of every value; expressions
 * are computed as in `$project`.
 */
export function compileProjection(projection: Doc, filter: Doc): Projector | undefined {
  const entries = Object.entries(projection);
  if (entries.length === 0) return undefined;
  const operators = entries.filter(([, value]) => isArrayOperator(value));
  const flags = entries.filter(([, value]) => isFlag(value));
  if (operators.length + flags.length < entries.length) return computed(projection);
  for (const [, operator] of operators) checkSlice(operator);
  return fieldProjector(flags, operators, filter);
}

function computed(projection: Doc): Projector {
  const project = compileProject(projection, compiler);
  return (bytes) => {
    const document = decodeTyped(bytes);
    return encode(project(document, newEnvironment(document, new Date())));
  };
}

function fieldProjector(
  flags: readonly (readonly [string, unknown])[],
  operators: readonly (readonly [string, unknown])[],
  filter: Doc,
): Projector {
  const plainFlags = flags.filter(([path]) => path !== '_id');
  const keeps = plainFlags.filter(([, flag]) => isTrue(flag)).map(([path]) => path);
  const drops = plainFlags.filter(([, flag]) => !isTrue(flag)).map(([path]) => path);
  refuseMixture(plainFlags);
  refuseCollisions(plainFlags.map(([path]) => path));
  const idFlag = flags.find(([path]) => path === '_id');
  const withId = idFlag === undefined || isTrue(idFlag[1]);
  const matched = operators
    .filter(([, value]) => isDoc(value) && '$elemMatch' in value)
    .map(([path]) => path);
  const isInclusion =
    keeps.length > 0 || matched.length > 0 || (drops.length === 0 && idFlag !== undefined && withId);
  const positional = keeps.find((path) => path.endsWith('.$'));
  const sliced = operators.map(([path]) => path);
  const cleanKeeps = keeps.map((path) => path.replace(/\.\$$/, ''));
  const includedPaths = tree(isInclusion ? [...(withId ? ['_id'] : []), ...cleanKeeps, ...sliced] : []);
  const dropped = tree([...(withId ? [] : ['_id']), ...drops]);
  return (bytes) => {
    const document = decodeTyped(bytes);
    for (const [path, operator] of operators) applyArrayOperator(document, path, operator);
    if (positional !== undefined) keepMatched(document, positional, filter);
    return encode(isInclusion ? include(document, includedPaths) : exclude(document, dropped));
  };
}

/** The first field decides whether fields are kept or dropped. */
function refuseMixture(flags: readonly (readonly [string, unknown])[]): void {
  const keeps = isTrue(flags[0]?.[1]);
  const other = flags.find(([, flag]) => isTrue(flag) !== keeps)?.[0];
  if (other === undefined) return;
  throw keeps
    ? new MongoCommandError(31254, `Cannot do exclusion on field ${other} in inclusion projection`)
    : new MongoCommandError(31253, `Cannot do inclusion on field ${other} in exclusion projection`);
}

function refuseCollisions(paths: readonly string[]): void {
  for (const [at, path] of paths.entries()) {
    const earlier = paths.slice(0, at);
    if (earlier.some((other) => path.startsWith(`${other}.`)))
      throw new MongoCommandError(31249, `Path collision at ${path}`);
    if (earlier.some((other) => other.startsWith(`${path}.`)))
      throw new MongoCommandError(31250, `Path collision at ${path}`);
  }
}

function tree(paths: readonly string[]): FieldTree {
  const root: FieldTree = {};
  for (const path of paths) {
    const parts = path.split('.');
    let at = root;
    parts.forEach((part, index) => {
      const below = at[part];
      if (below === true) return;
      if (index === parts.length - 1) at[part] = true;
      else at = at[part] = below ?? {};
    });
  }
  return root;
}

function include(document: Doc, fields: FieldTree): Doc {
  const out: Doc = {};
  for (const name of Object.keys(document)) {
    const below = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (below === undefined) continue;
    const value = below === true ? document[name] : includeBelow(document[name], below);
    if (value !== undefined) setField(out, name, value);
  }
  return out;
}

function includeBelow(value: unknown, fields: FieldTree): unknown {
  if (Array.isArray(value)) {
    return value.map((item) => includeBelow(item, fields)).filter((item) => item !== undefined);
  }
  const document = asDoc(value);
  return document && include(document, fields);
}

function exclude(document: Doc, fields: FieldTree): Doc {
  const out: Doc = {};
  for (const name of Object.keys(document)) {
    const below = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (below === true) continue;
    setField(out, name, below === undefined ? document[name] : excludeBelow(document[name], below));
  }
  return out;
}

function excludeBelow(value: unknown, fields: FieldTree): unknown {
  if (Array.isArray(value)) return value.map((item) => excludeBelow(item, fields));
  const document = asDoc(value);
  return document ? exclude(document, fields) : value;
}

/** The document that contains the last part of a path, if only documents lead to it. */
function holder(document: Doc, path: string): { parent: Doc; name: string } | undefined {
  const parts = path.split('.');
  const name = parts.pop() ?? '';
  let parent: Doc | undefined = document;
  for (const part of parts) parent = parent && asDoc(parent[part]);
  return parent && { parent, name };
}

function applyArrayOperator(document: Doc, path: string, operator: unknown): void {
  const place = holder(document, path);
  if (!place || !isDoc(operator)) return;
  const value = place.parent[place.name];
  if (!Array.isArray(value)) {
    if ('$elemMatch' in operator) Reflect.deleteProperty(place.parent, place.name);
    return;
  }
  if ('$slice' in operator) place.parent[place.name] = slice(value, operator.$slice);
  if ('$elemMatch' in operator) {
    const test = elementTest(plain(operator.$elemMatch));
    const hit: unknown = value.find((item) => test(plain(item)));
    if (hit === undefined) Reflect.deleteProperty(place.parent, place.name);
    else place.parent[place.name] = [hit];
  }
}

function slice(values: readonly unknown[], operand: unknown): unknown[] {
  const [first, second] = Array.isArray(operand) ? operand.map(toNumber) : [toNumber(operand)];
  if (first === undefined) return [...values];
  if (second === undefined) return first < 0 ? values.slice(first) : values.slice(0, first);
  const start = first < 0 ? Math.max(0, values.length + first) : first;
  return values.slice(start, start + second);
}

function keepMatched(document: Doc, positional: string, filter: Doc): void {
  const path = positional.slice(0, -2);
  const place = holder(document, path);
  const value = place?.parent[place.name];
  if (!place || !Array.isArray(value)) return;
  const plainDocument = plain(document);
  const index = isDoc(plainDocument) ? matchedPosition(filter, plainDocument, path) : undefined;
  if (index === undefined) {
    throw new MongoCommandError(
      51246,
      "Executor error during find command :: caused by :: positional operator '.$' couldn't find a matching element in the array",
    );
  }
  place.parent[place.name] = [value[index]];
}
