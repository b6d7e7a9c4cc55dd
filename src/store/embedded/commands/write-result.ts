import { randomBytes } from 'node:crypto';
import { decodePlain, decodeTyped, encode, isDoc, type Doc } from '../bson/values.js';
import { valuesAt } from '../bson/paths.js';
import { compiler, newEnvironment } from '../aggregation/expressions.js';
import { MongoCommandError } from '../errors.js';
import { query, runQuery } from '../query/plan.js';
import type { CommandContext } from '../server/context.js';
import type { WireDocument } from '../server/wire.js';
import { buildIndex } from '../storage/build-index.js';
import type { CollectionAccess } from '../storage/collection-access.js';
import type { StoredDocument } from '../storage/document-cache.js';
import { updateDocument } from '../update/update-document.js';
import { isPause, mapSlowly, type Work } from '../work.js';
import { textOr } from './arguments.js';
import { UNFINISHED } from '../storage/catalog.js';
import { withId } from './writes.js';

export interface Target {
  readonly name: '$out' | '$merge';
  readonly spec: unknown;
}

interface Writing {
  readonly database: string;
  /** The command's `let`. */
  readonly variables: Doc;
  /** Skips the target's validator. */
  readonly isTrusted: boolean;
}

/** Writes the result of a pipeline to the target of `$out` or `$merge`. */
export function* writeResult(
  writing: Writing,
  context: CommandContext,
  target: Target,
  results: readonly Uint8Array[],
): Work<void> {
  const { spec } = target;
  const into = isDoc(spec) && target.name === '$merge' ? spec.into : spec;
  const { database, name } = namespaceOf(writing.database, into);
  const rows = yield* mapSlowly(results, (bytes) => withId({ bytes, view: decodePlain(bytes) }));
  if (context.catalog.view(database, name)) {
    throw new MongoCommandError(166, `Namespace ${database}.${name} is a view, not a collection`);
  }
  if (target.name === '$out') yield* replaceAll(context, { database, name }, rows, writing.isTrusted);
  else
    yield* mergeAll(
      writing,
      context,
      yield* context.catalog.findOrCreate(database, name),
      rows,
      isDoc(spec) ? spec : {},
    );
}

function namespaceOf(database: string, into: unknown): { database: string; name: string } {
  if (typeof into === 'string') return { database, name: into };
  if (isDoc(into) && typeof into.coll === 'string')
    return { database: textOr(into.db, database), name: into.coll };
  throw new MongoCommandError(16990, 'the target of $out or $merge must be a collection name or {db, coll}');
}

/**
 * Fills a new collection and replaces the old one with it in a single step; after a failure the old one
 * remains.
 */
function* replaceAll(
  { catalog, announce }: CommandContext,
  { database, name }: { readonly database: string; readonly name: string },
  rows: readonly WireDocument[],
  isTrusted: boolean,
): Work<void> {
  const old = yield* catalog.find(database, name);
  const replacement = catalog.create(
    database,
    `${UNFINISHED}${randomBytes(6).toString('hex')}`,
    old?.options ?? {},
  );
  try {
    for (const { spec } of old?.indexes.slice(1) ?? []) yield* buildIndex(replacement, spec);
    for (const [index, { bytes, view }] of rows.entries()) {
      replacement.insert(bytes, view, isTrusted);
      if (isPause(index)) yield;
    }
  } catch (error) {
    catalog.drop(replacement);
    throw error;
  }
  const current = yield* catalog.find(database, name);
  if (current) catalog.drop(current);
  const from = replacement.name;
  catalog.rename(replacement, database, name);
  announce({
    type: 'rename',
    database,
    collection: from,
    to: { database, collection: name },
    hasDropped: current !== undefined,
  });
}

const MATCHED = new Set(['merge', 'replace', 'keepExisting', 'fail']);
const NOT_MATCHED = new Set(['insert', 'discard', 'fail']);

function* mergeAll(
  writing: Writing,
  context: CommandContext,
  collection: CollectionAccess,
  rows: readonly WireDocument[],
  options: Doc,
): Work<void> {
  const on = options.on === undefined ? ['_id'] : [options.on].flat().map(String);
  const { whenMatched = 'merge', whenNotMatched = 'insert' } = options;
  if (!Array.isArray(whenMatched) && !MATCHED.has(String(whenMatched))) {
    throw new MongoCommandError(
      9,
      `Enumeration value '${String(whenMatched)}' for field 'whenMatched' is not a valid value.`,
    );
  }
  if (!NOT_MATCHED.has(String(whenNotMatched))) {
    throw new MongoCommandError(
      9,
      `Enumeration value '${String(whenNotMatched)}' for field 'whenNotMatched' is not a valid value.`,
    );
  }
  refuseLooseKey(collection, on);
  for (const [index, row] of rows.entries()) {
    const filter = Object.fromEntries(on.map((path) => [path, onlyValue(row.view, path)]));
    const [existing] = yield* runQuery(collection, query(filter, { limit: 1 }));
    if (existing)
      mergeMatched(collection, existing, row, {
        on,
        action: whenMatched,
        options,
        writing,
        now: context.now(),
      });
    else if (whenNotMatched === 'fail') {
      throw new MongoCommandError(
        13113,
        '$merge could not find a matching document in the target collection for at least one document in the source collection',
      );
    } else if (whenNotMatched === 'insert') collection.insert(row.bytes, row.view, writing.isTrusted);
    if (isPause(index)) yield;
  }
}

function onlyValue(view: Doc, path: string): unknown {
  const [value] = valuesAt(view, path.split('.'));
  if (value === undefined || value === null || Array.isArray(value)) {
    throw new MongoCommandError(
      51132,
      `$merge write error: 'on' field '${path}' cannot be missing, null or an array`,
    );
  }
  return value;
}

/** Throws `MongoCommandError` 51183 if two documents could have the same key. */
function refuseLooseKey(collection: CollectionAccess, on: readonly string[]): void {
  const isKnown = collection.indexes.some(
    ({ isUnique, partialFilter, fields }) =>
      isUnique &&
      !partialFilter &&
      fields.length === on.length &&
      fields.every(({ path }) => on.includes(path)),
  );
  if (!isKnown)
    throw new MongoCommandError(51183, 'Cannot find index to verify that join fields will be unique');
}

interface Merging {
  /** The paths of the key. */
  readonly on: readonly string[];
  readonly action: unknown;
  readonly options: Doc;
  readonly writing: Writing;
  readonly now: Date;
}

/** The variables of `let`, evaluated for the incoming document; without `let`, that document as `$$new`. */
function mergeVariables(spec: unknown, fresh: Doc, { now, writing }: Merging): Doc {
  if (!isDoc(spec)) return { new: fresh };
  const environment = newEnvironment(fresh, now, writing.variables);
  const scopedCompiler = compiler.with(Object.keys(writing.variables));
  return Object.fromEntries(
    Object.entries(spec).map(([name, value]) => [name, scopedCompiler.compile(value)(environment)]),
  );
}

function mergeMatched(
  collection: CollectionAccess,
  existing: StoredDocument,
  { bytes }: WireDocument,
  merging: Merging,
): void {
  const { action } = merging;
  if (action === 'keepExisting') return;
  if (action === 'fail') {
    const { on } = merging;
    throw new MongoCommandError(11000, '$merge found a document with the same key and whenMatched is fail', {
      keyPattern: Object.fromEntries(on.map((path) => [path, 1])),
      keyValue: Object.fromEntries(on.map((path) => [path, valuesAt(existing.view, path.split('.'))[0]])),
    });
  }
  const old = decodeTyped(existing.bytes);
  const fresh = decodeTyped(bytes);
  if (Array.isArray(action)) {
    const { options, writing, now } = merging;
    const variables = { ...writing.variables, ...mergeVariables(options.let, fresh, merging) };
    const { bytes: newBytes } = updateDocument(existing, {
      filter: {},
      update: action,
      arrayFilters: [],
      now,
      variables,
    });
    if (!newBytes.equals(existing.bytes))
      collection.replace(existing, newBytes, { type: 'update' }, writing.isTrusted);
    return;
  }
  const base = action === 'replace' ? {} : old;
  const { _id: id } = old;
  if (fresh._id !== undefined && !encode({ v: fresh._id }).equals(encode({ v: id }))) {
    throw new MongoCommandError(
      66,
      '$merge failed to update the matching document, did you attempt to modify the _id?',
    );
  }
  const merged = encode({ _id: id, ...base, ...fresh });
  if (!merged.equals(existing.bytes))
    collection.replace(
      existing,
      merged,
      action === 'replace' ? { type: 'replace' } : { type: 'update', paths: Object.keys(fresh) },
      merging.writing.isTrusted,
    );
}
