import { BSONRegExp, ObjectId } from 'bson';
import { RawDocument } from '../bson/reply.js';
import { decodePlain, encode, isDoc, isTrue, decodeTyped, type Doc } from '../bson/values.js';
import { endsCommand, MongoCommandError, toMongoError } from '../errors.js';
import { compileProjection } from '../query/projection.js';
import { compileFilter, type FilterContext } from '../query/filter.js';
import { documentTest } from '../query/document-test.js';
import { query, runQuery, type Query } from '../query/plan.js';
import type { Collation } from '../bson/collation.js';
import { isPause, type Work } from '../work.js';
import type { Command, CommandContext, CommandTable } from '../server/context.js';
import type { Request, WireDocument } from '../server/wire.js';
import type { CollectionAccess } from '../storage/collection-access.js';
import type { StoredDocument } from '../storage/document-cache.js';
import {
  checkUpdate,
  isReplacement,
  updateDocument,
  upsertDocument,
  type UpdateSpec,
} from '../update/update-document.js';
import { checkBatchSize, collectionName, docs, filterOf, plainDoc } from './arguments.js';
import { checkDeleteStatement, checkUpdateStatement } from './command-fields.js';
import {
  checkConcerns,
  collationOf,
  filterContext,
  hintOf,
  orderOf,
  variablesOf,
  writeConcernError,
} from './options.js';
import { writeIdentity } from '../server/retryable-writes.js';

/** Performs the writes of a command one by one; an ordered command stops at its first failure. */
function* eachWrite<Item>(
  { body }: Request,
  { retryableWrites }: CommandContext,
  items: readonly Item[],
  write: (item: Item, tally: Tally, index: number) => Work<void>,
): Work<Tally> {
  checkConcerns(body);
  checkBatchSize(items.length);
  const identity = items.length > 1 ? writeIdentity(body) : undefined;
  const progress = retryableWrites.begin<Tally>(identity, {
    n: 0,
    nModified: 0,
    upserted: [],
    writeErrors: [],
  });
  const { state: tally } = progress;
  const isOrdered = body.ordered === undefined || isTrue(body.ordered);
  try {
    for (let index = progress.done; index < items.length; index += 1) {
      const item = items[index];
      if (item === undefined || (isOrdered && tally.writeErrors.length > 0)) break;
      try {
        yield* write(item, tally, index);
      } catch (error) {
        if (endsCommand(error)) throw error;
        const { code, message, facts } = toMongoError(error);
        tally.writeErrors.push({ index, code, errmsg: message, ...facts });
      }
      progress.done = index + 1;
      if (isPause(index)) yield;
    }
  } finally {
    retryableWrites.end(identity);
  }
  return tally;
}

/** What a command with many writes has done so far. */
interface Tally extends Doc {
  n: number;
  nModified: number;
  readonly upserted: Doc[];
  readonly writeErrors: Doc[];
}

const failures = ({ writeErrors }: Tally, body: Doc): Doc => ({
  ...(writeErrors.length > 0 ? { writeErrors } : {}),
  ...writeConcernError(body),
});

/** MongoDB puts `_id` first and adds one to a document without it. */
export function withId({ bytes, view }: WireDocument): WireDocument {
  const [first] = Object.keys(view);
  if (first === '_id') {
    refuseBadId(view._id);
    return { bytes, view };
  }
  const { _id: id = new ObjectId(), ...rest } = decodeTyped(bytes);
  refuseBadId(id);
  const reordered = encode({ _id: id, ...rest });
  return { bytes: reordered, view: decodePlain(reordered) };
}

function refuseBadId(id: unknown): void {
  if (Array.isArray(id)) throw new MongoCommandError(53, "The '_id' value cannot be of type array");
  if (id instanceof BSONRegExp || id instanceof RegExp)
    throw new MongoCommandError(53, "The '_id' value cannot be of type regex");
  const bad = isDoc(id) ? Object.keys(id).find((name) => name.startsWith('$')) : undefined;
  if (bad !== undefined)
    throw new MongoCommandError(
      52,
      `_id fields may not contain '$'-prefixed fields: ${bad} is not valid for storage.`,
    );
}

const insert: Command = function* insert(request, context) {
  // Documents sent as a document sequence are not part of the body.
  if (request.body.documents !== undefined) docs(request.body.documents, 'documents');
  const name = collectionName(request);
  yield* context.data.findOrCreate(request.database, name);
  const isTrusted = isTrue(request.body.bypassDocumentValidation);
  const tally = yield* eachWrite(request, context, request.documents, function* write(document, sums) {
    const { bytes, view } = withId(document);
    // It may have been dropped or renamed since the last document.
    const collection = yield* context.data.findOrCreate(request.database, name);
    collection.insert(bytes, view, isTrusted);
    sums.n += 1;
  });
  return { n: tally.n, ...failures(tally, request.body), ok: 1 };
};

interface UpdateResult {
  readonly matched: number;
  readonly modified: number;
  readonly upserted: StoredDocument | undefined;
  /** The single document, before and after, for findAndModify. */
  readonly before: StoredDocument | undefined;
  readonly after: StoredDocument | undefined;
}

interface UpdateRequest extends UpdateSpec {
  readonly isMulti: boolean;
  readonly isUpsert: boolean;
  readonly sort: unknown;
  readonly hint: unknown;
  readonly context: FilterContext;
  readonly collation: Collation | undefined;
  /** Skips the collection's validator. */
  readonly isTrusted: boolean;
}

export function* runUpdate(collection: CollectionAccess, request: UpdateRequest): Work<UpdateResult> {
  const type = isReplacement(request.update) ? 'replace' : 'update';
  if (request.isMulti && type === 'replace') {
    throw new MongoCommandError(9, 'multi update is not supported for replacement-style update');
  }
  const criteria = query(plainDoc(request.filter), {
    limit: request.isMulti ? 0 : 1,
    ...orderOf(request, collection),
    context: request.context,
    collation: request.collation,
  });
  let modified = 0;
  let [before, after]: (StoredDocument | undefined)[] = [];
  const matched = yield* writeEach(collection, criteria, (document) => {
    const { bytes, paths } = updateDocument(document, request);
    [before, after] = [document, document];
    if (bytes.equals(document.bytes)) return;
    after = collection.replace(document, bytes, { type, paths }, request.isTrusted);
    modified += 1;
  });
  if (matched > 0 || !request.isUpsert) return { matched, modified, upserted: undefined, before, after };
  const upserted = collection.insert(upsertDocument(request), undefined, request.isTrusted);
  return { matched: 0, modified: 0, upserted, before: undefined, after: upserted };
}

/**
 * Writes to each matching document once no transaction holds it, if it still matches then, and returns to how
 * many. A write to a single document looks for another one instead.
 */
function* writeEach(
  collection: CollectionAccess,
  criteria: Query,
  write: (document: StoredDocument) => void,
): Work<number> {
  let written = 0;
  for (;;) {
    const matches = yield* runQuery(collection, criteria);
    for (const [index, match] of matches.entries()) {
      yield* unlocked(collection, match.rid);
      const document = stillMatching(collection, match, criteria);
      if (document) {
        write(document);
        written += 1;
      }
      if (isPause(index)) yield;
    }
    if (written > 0 || matches.length === 0 || criteria.limit !== 1) return written;
  }
}

/** Waits for the end of a transaction that has written to the document. */
function* unlocked(collection: CollectionAccess, rid: number): Work<void> {
  while (collection.isLocked(rid)) yield 'wait';
}

/** The document in its current state, if it still matches; others may have changed it during a pause. */
function stillMatching(
  collection: CollectionAccess,
  match: StoredDocument,
  criteria: Query,
): StoredDocument | undefined {
  const document = collection.has(match.rid) ? collection.get(match.rid) : undefined;
  if (!document || document.bytes === match.bytes) return document;
  return documentTest(criteria.filter, criteria.context, criteria.collation)(document) ? document : undefined;
}

/** Operators that compare texts, for which collations are not supported. */
const COMPARING = ['$pull', '$pullAll', '$addToSet', '$min', '$max'];

function updateCollation(entry: Doc): Collation | undefined {
  const collation = collationOf(entry);
  const { u: update, arrayFilters } = entry;
  const isComparing =
    Array.isArray(update) || (isDoc(update) && COMPARING.some((operator) => operator in update));
  if (collation && (isComparing || Array.isArray(arrayFilters))) {
    throw new MongoCommandError(
      115,
      'a collation in an update that compares texts is not supported by the embedded store',
    );
  }
  return collation;
}

export function updateRequest(entry: Doc, body: Doc, now: Date): UpdateRequest {
  return {
    context: filterContext(body, now),
    variables: variablesOf(
      isDoc(entry.c) ? { let: { ...(isDoc(body.let) ? body.let : {}), ...entry.c } } : body,
      now,
    ),
    collation: updateCollation(entry),
    hint: entry.hint,
    isTrusted: isTrue(body.bypassDocumentValidation),
    filter: filterOf(entry.q, 'q'),
    update: entry.u,
    arrayFilters: Array.isArray(entry.arrayFilters) ? entry.arrayFilters : [],
    isMulti: isTrue(entry.multi),
    isUpsert: isTrue(entry.upsert),
    sort: entry.sort,
    now,
  };
}

/** An update that can insert creates the collection; any other finds nothing in a missing one. */
function* collectionFor(
  request: Request,
  { catalog, data }: CommandContext,
  isUpsert: boolean,
): Work<CollectionAccess | undefined> {
  const name = collectionName(request);
  refuseView(catalog, request.database, name);
  return isUpsert
    ? yield* data.findOrCreate(request.database, name)
    : yield* data.find(request.database, name);
}

export function refuseView(catalog: CommandContext['catalog'], database: string, name: string): void {
  if (catalog.view(database, name)) {
    throw new MongoCommandError(166, `Namespace ${database}.${name} is a view, not a collection`);
  }
}

const update: Command = function* update(request, context) {
  const updates = docs(request.body.updates, 'updates');
  updates.forEach(checkUpdateStatement);
  const tally = yield* eachWrite(request, context, updates, function* write(entry, sums, index) {
    const updateSpec = updateRequest(entry, request.body, context.now());
    checkUpdate(updateSpec);
    const collection = yield* collectionFor(request, context, updateSpec.isUpsert);
    if (!collection) {
      compileFilter(plainDoc(updateSpec.filter), updateSpec.context);
      return;
    }
    const result = yield* runUpdate(collection, updateSpec);
    sums.n += result.matched + (result.upserted ? 1 : 0);
    sums.nModified += result.modified;
    if (result.upserted) sums.upserted.push({ index, _id: decodeTyped(result.upserted.bytes)._id });
  });
  const { n, nModified, upserted } = tally;
  return {
    n,
    nModified,
    ...(upserted.length > 0 ? { upserted } : {}),
    ...failures(tally, request.body),
    ok: 1,
  };
};

const remove: Command = function* remove(request, context) {
  const { body, database } = request;
  const name = collectionName(request);
  refuseView(context.catalog, database, name);
  const collection = yield* context.data.find(database, name);
  const filters = filterContext(body, context.now());
  const deletes = docs(body.deletes, 'deletes');
  deletes.forEach(checkDeleteStatement);
  const tally = yield* eachWrite(request, context, deletes, function* write(entry, sums) {
    const criteria = query(plainDoc(entry.q), {
      limit: isTrue(entry.limit) ? 1 : 0,
      context: filters,
      collation: collationOf(entry),
      hint: hintOf(entry.hint, collection),
    });
    if (!collection) {
      compileFilter(criteria.filter, filters);
      return;
    }
    sums.n += yield* runDelete(collection, criteria);
  });
  return { n: tally.n, ...failures(tally, body), ok: 1 };
};

/** Returns the number of deleted documents. */
export function* runDelete(collection: CollectionAccess, criteria: Query): Work<number> {
  return yield* writeEach(collection, criteria, (document) => {
    collection.remove(document);
  });
}

const findAndModify: Command = function* findAndModify(request, context) {
  const { body } = request;
  checkConcerns(body);
  const filter = filterOf(body.query, 'query');
  const project = compileProjection(plainDoc(body.fields ?? body.projection), plainDoc(filter));
  const render = (document: StoredDocument | undefined): RawDocument | null =>
    document ? new RawDocument(project ? project(document.bytes) : document.bytes) : null;
  if (isTrue(body.remove)) return yield* findAndRemove(request, context, render);
  if (body.update === undefined)
    throw new MongoCommandError(9, 'Either an update or remove=true must be specified');
  const entry = { ...body, q: filter, u: body.update, multi: false };
  const updateSpec = updateRequest(entry, body, context.now());
  checkUpdate(updateSpec);
  const collection = yield* collectionFor(request, context, updateSpec.isUpsert);
  const result = collection && (yield* runUpdate(collection, updateSpec));
  const { upserted } = result ?? {};
  const lastErrorObject = {
    n: (result?.matched ?? 0) + (upserted ? 1 : 0),
    updatedExisting: (result?.matched ?? 0) > 0,
    ...(upserted ? { upserted: decodeTyped(upserted.bytes)._id } : {}),
  };
  const value = render(isTrue(body.new) ? result?.after : result?.before);
  return { lastErrorObject, value, ...writeConcernError(body), ok: 1 };
};

function* findAndRemove(
  request: Request,
  context: CommandContext,
  render: (document: StoredDocument | undefined) => RawDocument | null,
): Work<Doc> {
  const { body } = request;
  if (body.update !== undefined || isTrue(body.new)) {
    throw new MongoCommandError(9, "Cannot specify both an update and remove=true, or 'new' with remove");
  }
  const collection = yield* collectionFor(request, context, false);
  const criteria = query(plainDoc(body.query), {
    limit: 1,
    ...orderOf(body, collection),
    context: filterContext(body, context.now()),
    collation: collationOf(body),
  });
  let removed: StoredDocument | undefined;
  const remove = (document: StoredDocument): void => {
    collection?.remove(document);
    removed = document;
  };
  const n = collection ? yield* writeEach(collection, criteria, remove) : 0;
  return { lastErrorObject: { n }, value: render(removed), ok: 1 };
}

export const writeCommands: CommandTable = {
  insert,
  update,
  delete: remove,
  findAndModify,
  findandmodify: findAndModify,
};
