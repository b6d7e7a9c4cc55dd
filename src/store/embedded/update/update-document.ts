import { ObjectId } from 'bson';
import { encodeKey } from '../bson/key-string.js';
import { copy, decodeTyped, encode, isDoc, plain, type Doc } from '../bson/values.js';
import { MongoCommandError } from '../errors.js';
import { compiler } from '../aggregation/expressions.js';
import { compilePipeline, isolated } from '../aggregation/pipeline.js';
import { STAGES } from '../aggregation/stages.js';
import { compileFilter, IN_UPDATE, isOperatorDoc } from '../query/filter.js';
import { matchedPosition } from '../query/position.js';
import { finish } from '../work.js';
import type { StoredDocument } from '../storage/document-cache.js';
import { applyOperators, hasOperators, type UpdateContext } from './apply-update.js';
import { setAt } from './paths.js';

/** One update of a command; filter and update are decoded by `decodeTyped`. */
export interface UpdateSpec {
  readonly filter: Doc;
  readonly update: unknown;
  readonly arrayFilters: readonly unknown[];
  readonly now: Date;
  /** Variables that a pipeline can use with `$$`: the command's `let`. */
  readonly variables?: Doc;
}

const PIPELINE_STAGES = new Set(['$addFields', '$set', '$project', '$unset', '$replaceRoot', '$replaceWith']);

export const isReplacement = (update: unknown): boolean => isDoc(update) && !hasOperators(update);

/**
 * Checks what does not depend on a document.
 * Throws `MongoCommandError` 9 if no path uses an array filter.
 */
export function checkUpdate({ update, arrayFilters }: UpdateSpec): void {
  if (arrayFilters.length === 0) return;
  const paths = JSON.stringify(
    isDoc(update) ? Object.values(update).flatMap((part) => (isDoc(part) ? Object.keys(part) : [])) : [],
  );
  for (const name of namedFilters(arrayFilters).keys()) {
    if (!paths.includes(`$[${name}]`)) {
      throw new MongoCommandError(9, `The array filter for identifier '${name}' was not used in the update`);
    }
  }
}

export interface UpdatedDocument {
  readonly bytes: Buffer;
  /** The paths that operators wrote to; `undefined` after a pipeline or a replacement. */
  readonly paths: readonly string[] | undefined;
}

/** Throws `MongoCommandError` 66 if `_id` would change. */
export const updateDocument = (document: StoredDocument, spec: UpdateSpec): UpdatedDocument =>
  change(document.bytes, spec, document.view, false);

/** The bytes of the document that an upsert inserts: the filter's equalities, then the update. */
export function upsertDocument(spec: UpdateSpec): Buffer {
  refusePartialId(spec.filter);
  const base: Doc = {};
  if (!isReplacement(spec.update)) equalities(spec.filter, base);
  else if (spec.filter._id !== undefined && !isOperatorDoc(spec.filter._id)) base._id = spec.filter._id;
  const { bytes } = change(encode(base), spec, {}, true);
  const document = decodeTyped(bytes);
  const documentId = document._id === undefined ? idOfFilter(spec.filter) : document._id;
  const id = documentId === undefined ? new ObjectId() : documentId;
  return encode({ _id: id, ...document });
}

/** Throws `MongoCommandError` 111 if the filter gives only a part of `_id`, whose fields have no order then. */
function refusePartialId(filter: Doc): void {
  for (const [path, condition] of Object.entries(filter)) {
    if (path === '$and' && Array.isArray(condition))
      for (const branch of condition) if (isDoc(branch)) refusePartialId(branch);
    if (path.startsWith('_id.') && equalValue(condition) !== undefined)
      throw new MongoCommandError(
        111,
        `field at '_id' must be exactly specified, field at sub-path '${path}' found`,
      );
  }
}

function idOfFilter(filter: Doc): unknown {
  const base: Doc = {};
  equalities(filter, base);
  return base._id;
}

function change(bytes: Uint8Array, spec: UpdateSpec, view: Doc, isInsert: boolean): UpdatedDocument {
  const { update } = spec;
  if (Array.isArray(update)) return { bytes: byPipeline(bytes, update, spec), paths: undefined };
  if (!isDoc(update)) throw new MongoCommandError(9, 'Update argument must be either an object or an array');
  const document = decodeTyped(bytes);
  const id = isInsert ? document._id : view._id;
  if (!hasOperators(update)) {
    const after = replaced(document, update);
    refuseChangedId(id, after._id);
    return { bytes: encode(after), paths: undefined };
  }
  const paths = applyTo(document, update, spec, view, isInsert);
  refuseChangedId(id, document._id);
  return { bytes: encode(document), paths };
}

/** Changes the document and returns the paths that were written to. */
function applyTo(document: Doc, update: Doc, spec: UpdateSpec, view: Doc, isInsert: boolean): string[] {
  const filter = plain(spec.filter);
  const filters = namedFilters(spec.arrayFilters);
  const context: UpdateContext = {
    isInsert,
    now: spec.now,
    matched: (path) => (isInsert || !isDoc(filter) ? undefined : matchedPosition(filter, view, path)),
    filter: (name) => filters.get(name),
  };
  return applyOperators(document, update, context);
}

/** Array filters by identifier, the first part of their paths: `{'e.id': 1}` is the filter `e`. */
function namedFilters(arrayFilters: readonly unknown[]): Map<string, (element: unknown) => boolean> {
  const out = new Map<string, (element: unknown) => boolean>();
  for (const filter of arrayFilters) {
    const { name, test } = arrayFilter(plain(filter));
    if (out.has(name)) {
      throw new MongoCommandError(
        9,
        `Found multiple array filters with the same top-level field name ${name}`,
      );
    }
    out.set(name, test);
  }
  return out;
}

function arrayFilter(filter: unknown): { name: string; test: (element: unknown) => boolean } {
  const names = new Set<string>();
  const below = isDoc(filter) ? withoutName(filter, names) : {};
  const test = compileFilter({ $and: [below] }, IN_UPDATE);
  const [name] = names;
  if (name === undefined || names.size !== 1) {
    throw new MongoCommandError(9, 'An array filter must use exactly one top-level field name');
  }
  return { name, test: (element) => test({ value: element }) };
}

/** Replaces the leading identifier of every path with `value`, also in logical branches. */
function withoutName(filter: Doc, names: Set<string>): Doc {
  const out: Doc = {};
  for (const [path, condition] of Object.entries(filter)) {
    if (path.startsWith('$')) {
      out[path] = Array.isArray(condition)
        ? condition.map((branch) => (isDoc(branch) ? withoutName(branch, names) : branch) as unknown)
        : condition;
      continue;
    }
    const [name = '', ...rest] = path.split('.');
    names.add(name);
    out[['value', ...rest].join('.')] = condition;
  }
  return out;
}

function replaced(before: Doc, update: Doc): Doc {
  const { _id, ...rest } = update;
  for (const name of Object.keys(rest)) {
    if (name.startsWith('$')) {
      throw new MongoCommandError(
        52,
        `The dollar ($) prefixed field '${name}' is not allowed in a replacement`,
      );
    }
  }
  const id = _id === undefined ? before._id : _id;
  return { ...(id === undefined ? {} : { _id: id }), ...rest };
}

function byPipeline(bytes: Uint8Array, stages: readonly unknown[], spec: UpdateSpec): Buffer {
  for (const stage of stages) {
    const [name = ''] = isDoc(stage) ? Object.keys(stage) : [];
    if (!PIPELINE_STAGES.has(name)) {
      throw new MongoCommandError(72, `${name} is not allowed to be used within an update`);
    }
  }
  const input = decodeTyped(bytes);
  const id = input._id;
  const compiled = compilePipeline(stages, STAGES, compiler.with(Object.keys(spec.variables ?? {})));
  const [result = {}] = finish(compiled([input], { tools: isolated(spec.now), vars: spec.variables ?? {} }));
  if ('_id' in result) refuseChangedId(id, result._id);
  return encode({ ...(id === undefined ? {} : { _id: id }), ...result });
}

function refuseChangedId(before: unknown, after: unknown): void {
  if (before === undefined || encodeKey(before) === encodeKey(after)) return;
  throw new MongoCommandError(
    66,
    "Performing an update on the path '_id' would modify the immutable field '_id'",
  );
}

/**
 * Copies the filter's plain equalities to their paths, including those in `$and`, in `$eq`, and in `$or`,
 * `$in` and `$all` with a single entry.
 * Throws `MongoCommandError` 54 if two of them are for the same place.
 */
function equalities(filter: Doc, into: Doc, paths: string[] = []): void {
  for (const [path, condition] of Object.entries(filter)) {
    const isOnly = path === '$or' && Array.isArray(condition) && condition.length === 1;
    if ((path === '$and' || isOnly) && Array.isArray(condition)) {
      for (const branch of condition) if (isDoc(branch)) equalities(branch, into, paths);
    } else if (!path.startsWith('$')) {
      const value = equalValue(condition);
      if (value === undefined) continue;
      refuseSamePlace(path, paths);
      paths.push(path);
      setAt(into, path.split('.'), copy(value));
    }
  }
}

function refuseSamePlace(path: string, paths: readonly string[]): void {
  const other = paths.find((one) => `${one}.`.startsWith(`${path}.`) || `${path}.`.startsWith(`${one}.`));
  if (other === undefined) return;
  throw new MongoCommandError(
    54,
    other === path
      ? `cannot infer query fields to set, path '${path}' is matched twice`
      : `cannot infer query fields to set, both paths '${path}' and '${other}' are matched`,
  );
}

function equalValue(condition: unknown): unknown {
  if (!isOperatorDoc(condition)) return isPattern(condition) ? undefined : condition;
  if (condition.$eq !== undefined) return condition.$eq;
  const list = condition.$in ?? condition.$all;
  return Array.isArray(list) && list.length === 1 && !isPattern(list[0]) ? list[0] : undefined;
}

const isPattern = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && '_bsontype' in value && value._bsontype === 'BSONRegExp';
