import { decodePlain, decodeTyped, encode, isDoc, type Doc } from '../bson/values.js';
import { valuesAt } from '../bson/paths.js';
import { MongoCommandError } from '../errors.js';
import { query, runQuery } from '../query/plan.js';
import type { CommandContext } from '../server/context.js';
import type { Request, WireDocument } from '../server/wire.js';
import type { Collection } from '../storage/collection.js';
import type { StoredDocument } from '../storage/document-cache.js';
import { updateDocument } from '../update/update-document.js';
import { textOr } from './arguments.js';
import { withId } from './writes.js';

/** Writes the result of a pipeline where `$out` or `$merge` says. */
export function writeResult(
  request: Request,
  context: CommandContext,
  target: { readonly name: '$out' | '$merge'; readonly spec: unknown },
  results: readonly Uint8Array[],
): void {
  const { spec } = target;
  const into = isDoc(spec) && target.name === '$merge' ? spec.into : spec;
  const collection = targetCollection(request, context, into);
  const rows = results.map((bytes) => withId({ bytes, view: decodePlain(bytes) }));
  if (target.name === '$out') {
    for (const rid of collection.rids()) {
      const old = collection.get(rid);
      if (old) collection.remove(old);
    }
    for (const { bytes, view } of rows) collection.insert(bytes, view);
    return;
  }
  const options = isDoc(spec) ? spec : {};
  for (const row of rows) merge(collection, row, options, context.now());
}

function targetCollection(request: Request, { catalog }: CommandContext, into: unknown): Collection {
  if (typeof into === 'string') return catalog.findOrCreate(request.database, into);
  if (isDoc(into) && typeof into.coll === 'string') {
    return catalog.findOrCreate(textOr(into.db, request.database), into.coll);
  }
  throw new MongoCommandError(2, 'the target of $out or $merge must be a collection name or {db, coll}');
}

function merge(collection: Collection, row: WireDocument, options: Doc, now: Date): void {
  const on = options.on === undefined ? ['_id'] : [options.on].flat().map(String);
  const filter = Object.fromEntries(on.map((path) => [path, valuesAt(row.view, path.split('.'))[0] ?? null]));
  const [existing] = runQuery(collection, query(filter, { limit: 1 }));
  if (existing) mergeMatched(collection, existing, row, options.whenMatched ?? 'merge', now);
  else mergeNew(collection, row, options.whenNotMatched ?? 'insert');
}

function mergeMatched(
  collection: Collection,
  existing: StoredDocument,
  { bytes }: WireDocument,
  action: unknown,
  now: Date,
): void {
  const old = decodeTyped(existing.bytes);
  if (action === 'keepExisting') return;
  if (action === 'fail') {
    throw new MongoCommandError(11000, '$merge found a document with the same key and whenMatched is fail');
  }
  if (Array.isArray(action)) {
    const changed = updateDocument(existing, { filter: {}, update: action, arrayFilters: [], now });
    collection.replace(existing, changed, 'update');
    return;
  }
  const base = action === 'replace' ? {} : old;
  const merged = encode({ ...base, ...decodeTyped(bytes), _id: old._id });
  if (!merged.equals(existing.bytes))
    collection.replace(existing, encode({ _id: old._id, ...decodeTyped(merged) }), 'replace');
}

function mergeNew(collection: Collection, { bytes, view }: WireDocument, action: unknown): void {
  if (action === 'discard') return;
  if (action === 'fail') {
    throw new MongoCommandError(2, '$merge could not find a matching document in the target collection');
  }
  collection.insert(bytes, view);
}
