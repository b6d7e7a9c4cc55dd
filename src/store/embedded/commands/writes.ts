import { ObjectId } from 'bson';
import { RawDocument } from '../bson/reply.js';
import { decodePlain, encode, isDoc, isTrue, decodeTyped, type Doc } from '../bson/values.js';
import { MongoCommandError, toMongoError } from '../errors.js';
import { compileProjection } from '../query/projection.js';
import { query, runQuery } from '../query/plan.js';
import { parseSort } from '../query/sort.js';
import type { Command, CommandContext, CommandTable } from '../server/context.js';
import type { Request, WireDocument } from '../server/wire.js';
import type { Collection } from '../storage/collection.js';
import type { StoredDocument } from '../storage/document-cache.js';
import { isReplacement, updateDocument, upsertDocument, type UpdateSpec } from '../update/update-document.js';
import { collectionName, docs, plainDoc, refuseCollation } from './arguments.js';
import { MAX_WRITES } from './handshake.js';

/** Runs the writes of a command one by one; an ordered command stops at its first failure. */
function eachWrite<Item>(body: Doc, items: readonly Item[], write: (item: Item, index: number) => void): Doc {
  if (items.length === 0 || items.length > MAX_WRITES) {
    throw new MongoCommandError(
      2,
      `Write batch sizes must be between 1 and ${MAX_WRITES}. Got ${items.length} operations.`,
    );
  }
  const writeErrors: Doc[] = [];
  for (const [index, item] of items.entries()) {
    try {
      write(item, index);
    } catch (error) {
      const { code, message, facts } = toMongoError(error);
      writeErrors.push({ index, code, errmsg: message, ...facts });
      if (body.ordered === undefined || isTrue(body.ordered)) break;
    }
  }
  return writeErrors.length > 0 ? { writeErrors } : {};
}

/** MongoDB keeps `_id` in front and gives one to a document without. */
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
}

const insert: Command = (request, { catalog }) => {
  const collection = catalog.findOrCreate(request.database, collectionName(request));
  let n = 0;
  const errors = eachWrite(request.body, request.documents, (document) => {
    const { bytes, view } = withId(document);
    collection.insert(bytes, view);
    n += 1;
  });
  return { n, ...errors, ok: 1 };
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
}

function runUpdate(collection: Collection, request: UpdateRequest): UpdateResult {
  const type = isReplacement(request.update) ? 'replace' : 'update';
  if (request.isMulti && type === 'replace') {
    throw new MongoCommandError(9, 'multi update is not supported for replacement-style update');
  }
  const limit = request.isMulti ? 0 : 1;
  const found = runQuery(
    collection,
    query(plainDoc(request.filter), { limit, sort: parseSort(request.sort) }),
  );
  let modified = 0;
  let after: StoredDocument | undefined;
  for (const document of found) {
    const bytes = updateDocument(document, request);
    after = document;
    if (bytes.equals(document.bytes)) continue;
    after = collection.replace(document, bytes, type);
    modified += 1;
  }
  const [before] = found;
  if (before || !request.isUpsert) {
    return { matched: found.length, modified, upserted: undefined, before, after };
  }
  const upserted = collection.insert(upsertDocument(request));
  return { matched: 0, modified: 0, upserted, before: undefined, after: upserted };
}

function updateRequest(entry: Doc, now: Date): UpdateRequest {
  refuseCollation(entry);
  return {
    filter: isDoc(entry.q) ? entry.q : {},
    update: entry.u,
    arrayFilters: Array.isArray(entry.arrayFilters) ? entry.arrayFilters : [],
    isMulti: isTrue(entry.multi),
    isUpsert: isTrue(entry.upsert),
    sort: entry.sort,
    now,
  };
}

/** An update that could insert makes the collection; any other finds nothing in a missing one. */
function collectionFor(
  request: Request,
  { catalog }: CommandContext,
  isUpsert: boolean,
): Collection | undefined {
  const name = collectionName(request);
  return isUpsert ? catalog.findOrCreate(request.database, name) : catalog.find(request.database, name);
}

const update: Command = (request, context) => {
  const upserted: Doc[] = [];
  let n = 0;
  let nModified = 0;
  const errors = eachWrite(request.body, docs(request.body.updates, 'updates'), (entry, index) => {
    const wanted = updateRequest(entry, context.now());
    const collection = collectionFor(request, context, wanted.isUpsert);
    if (!collection) return;
    const result = runUpdate(collection, wanted);
    n += result.matched + (result.upserted ? 1 : 0);
    nModified += result.modified;
    if (result.upserted) upserted.push({ index, _id: decodeTyped(result.upserted.bytes)._id });
  });
  return { n, nModified, ...(upserted.length > 0 ? { upserted } : {}), ...errors, ok: 1 };
};

const remove: Command = (request, { catalog }) => {
  const collection = catalog.find(request.database, collectionName(request));
  let n = 0;
  const errors = eachWrite(request.body, docs(request.body.deletes, 'deletes'), (entry) => {
    refuseCollation(entry);
    if (!collection) return;
    const found = runQuery(collection, query(plainDoc(entry.q), { limit: isTrue(entry.limit) ? 1 : 0 }));
    for (const document of found) collection.remove(document);
    n += found.length;
  });
  return { n, ...errors, ok: 1 };
};

const findAndModify: Command = (request, context) => {
  const { body } = request;
  refuseCollation(body);
  const filter = isDoc(body.query) ? body.query : {};
  const project = compileProjection(plainDoc(body.fields ?? body.projection), plainDoc(filter));
  const shown = (document: StoredDocument | undefined): RawDocument | null =>
    document ? new RawDocument(project ? project(document.bytes) : document.bytes) : null;
  if (isTrue(body.remove)) return findAndRemove(request, context, shown);
  const entry = { ...body, q: filter, u: body.update, multi: false };
  const wanted = updateRequest(entry, context.now());
  const collection = collectionFor(request, context, wanted.isUpsert);
  const result = collection && runUpdate(collection, wanted);
  const { upserted } = result ?? {};
  const lastErrorObject = {
    n: (result?.matched ?? 0) + (upserted ? 1 : 0),
    updatedExisting: (result?.matched ?? 0) > 0,
    ...(upserted ? { upserted: decodeTyped(upserted.bytes)._id } : {}),
  };
  return { lastErrorObject, value: shown(isTrue(body.new) ? result?.after : result?.before), ok: 1 };
};

function findAndRemove(
  request: Request,
  { catalog }: CommandContext,
  shown: (document: StoredDocument | undefined) => RawDocument | null,
): Doc {
  const { body } = request;
  if (body.update !== undefined || isTrue(body.new)) {
    throw new MongoCommandError(9, "Cannot specify both an update and remove=true, or 'new' with remove");
  }
  const collection = catalog.find(request.database, collectionName(request));
  const sort = parseSort(body.sort);
  const [document] = collection ? runQuery(collection, query(plainDoc(body.query), { limit: 1, sort })) : [];
  if (document) collection?.remove(document);
  return { lastErrorObject: { n: document ? 1 : 0 }, value: shown(document), ok: 1 };
}

export const writeCommands: CommandTable = {
  insert,
  update,
  delete: remove,
  findAndModify,
  findandmodify: findAndModify,
};
