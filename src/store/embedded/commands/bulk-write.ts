import { decodePlain, decodeTyped, encode, isDoc, isTrue, toNumber, type Doc } from '../bson/values.js';
import { endsCommand, MongoCommandError, toMongoError } from '../errors.js';
import { compileFilter } from '../query/filter.js';
import { query } from '../query/plan.js';
import { ListSource } from '../server/cursors.js';
import type { Command, CommandContext } from '../server/context.js';
import { checkUpdate } from '../update/update-document.js';
import { isPause, type Work } from '../work.js';
import { checkBatchSize, docs, plainDoc, MAX_WRITES } from './arguments.js';
import { checkBulkOperation, checkPart } from './command-fields.js';
import { checkConcerns, collationOf, filterContext, hintOf, writeConcernError } from './options.js';
import { writeIdentity, type Progress } from '../server/retryable-writes.js';
import { refuseView, runDelete, runUpdate, updateRequest, withId } from './writes.js';

/** The result of one write: its row in the reply's cursor and what it adds to the sums. */
interface Outcome {
  readonly row: Doc;
  readonly sums: Partial<Record<SumName, number>>;
}

const SUMS = ['nInserted', 'nMatched', 'nModified', 'nUpserted', 'nDeleted'] as const;
type SumName = (typeof SUMS)[number];

/** What has been done so far. */
interface State extends Doc, Record<SumName, number> {
  nErrors: number;
  /** The reply's rows. */
  readonly rows: Doc[];
}

interface Namespace {
  readonly database: string;
  readonly name: string;
}

/**
 * The client's `bulkWrite`: writes to several collections in one command (MongoDB 8.0). Each operation refers
 * to its namespace by number: `{insert: 0, document}`, `{update: 1, filter, updateMods}`, `{delete: 0,
 * filter}`.
 */
export const bulkWrite: Command = function* bulkWrite({ body, database }, context) {
  checkConcerns(body);
  if (database !== 'admin')
    throw new MongoCommandError(13, 'bulkWrite may only be run against the admin database.');
  const operations = docs(body.ops, 'ops');
  checkBatchSize(operations.length);
  operations.forEach(checkBulkOperation);
  const namespaces = docs(body.nsInfo, 'nsInfo').map(namespaceOf);
  const identity = operations.length > 1 ? writeIdentity(body) : undefined;
  const progress = context.retryableWrites.begin<State>(identity, {
    nInserted: 0,
    nMatched: 0,
    nModified: 0,
    nUpserted: 0,
    nDeleted: 0,
    nErrors: 0,
    rows: [],
  });
  const { state } = progress;
  try {
    yield* writeAll(operations, namespaces, body, context, progress);
  } finally {
    context.retryableWrites.end(identity);
  }
  const { rows, ...sums } = state;
  return { ...cursorOf(rows.map(encode), body, context), ...sums, ...writeConcernError(body), ok: 1 };
};

function* writeAll(
  operations: readonly Doc[],
  namespaces: readonly Namespace[],
  body: Doc,
  context: CommandContext,
  progress: Progress<State>,
): Work<void> {
  const { state } = progress;
  const isOrdered = body.ordered === undefined || isTrue(body.ordered);
  for (let idx = progress.done; idx < operations.length; idx += 1) {
    const operation = operations[idx];
    if (!operation || (isOrdered && state.nErrors > 0)) break;
    try {
      const outcome = yield* write(operation, namespaces, body, context);
      for (const name of SUMS) state[name] += outcome.sums[name] ?? 0;
      if (!isTrue(body.errorsOnly)) state.rows.push({ ok: 1, idx, ...outcome.row });
    } catch (error) {
      if (endsCommand(error)) throw error;
      const { code, message, facts } = toMongoError(error);
      state.nErrors += 1;
      state.rows.push({ ok: 0, idx, n: 0, code, errmsg: message, ...facts });
    }
    progress.done = idx + 1;
    if (isPause(idx)) yield;
  }
}

function cursorOf(rows: readonly Uint8Array[], body: Doc, { cursors }: CommandContext): Doc {
  const batchSize = isDoc(body.cursor) ? toNumber(body.cursor.batchSize) : undefined;
  const source = new ListSource(rows, (row) => row);
  const { ok: _ok, ...reply } = cursors.firstReply(
    { namespace: 'admin.$cmd.bulkWrite', body },
    source,
    batchSize ?? MAX_WRITES,
    false,
  );
  return reply;
}

function namespaceOf(part: Doc): Namespace {
  checkPart('bulkWrite.nsInfo', part);
  const { ns } = part;
  const [database = '', ...rest] = typeof ns === 'string' ? ns.split('.') : [];
  const name = rest.join('.');
  if (database === '' || name === '')
    throw new MongoCommandError(73, `Invalid namespace specified for bulkWrite: '${String(ns)}'`);
  return { database, name };
}

function* write(
  operation: Doc,
  namespaces: readonly Namespace[],
  body: Doc,
  context: CommandContext,
): Work<Outcome> {
  const [type] = Object.keys(operation);
  const namespace = namespaces[toNumber(type === undefined ? undefined : operation[type]) ?? -1];
  if (!namespace)
    throw new MongoCommandError(2, `BulkWrite ops entry ${type ?? '{}'} has an invalid nsInfo index.`);
  refuseView(context.catalog, namespace.database, namespace.name);
  switch (type) {
    case 'insert':
      return yield* insertOne(operation, namespace, body, context);
    case 'update':
      return yield* update(operation, namespace, body, context);
    case 'delete':
      return yield* remove(operation, namespace, body, context);
    default:
      throw new MongoCommandError(9, `Unrecognized bulkWrite operation '${type ?? ''}'`);
  }
}

function* insertOne(
  { document }: Doc,
  { database, name }: Namespace,
  body: Doc,
  { data }: CommandContext,
): Work<Outcome> {
  const collection = yield* data.findOrCreate(database, name);
  const bytes = encode(isDoc(document) ? document : {});
  const row = withId({ bytes, view: decodePlain(bytes) });
  collection.insert(row.bytes, row.view, isTrue(body.bypassDocumentValidation));
  return { row: { n: 1 }, sums: { nInserted: 1 } };
}

function* update(
  operation: Doc,
  { database, name }: Namespace,
  body: Doc,
  { data, now }: CommandContext,
): Work<Outcome> {
  const { filter, updateMods, constants, ...rest } = operation;
  const updateSpec = updateRequest({ ...rest, q: filter, u: updateMods, c: constants }, body, now());
  checkUpdate(updateSpec);
  const collection = updateSpec.isUpsert
    ? yield* data.findOrCreate(database, name)
    : yield* data.find(database, name);
  if (!collection) {
    compileFilter(plainDoc(updateSpec.filter), updateSpec.context);
    return { row: { n: 0, nModified: 0 }, sums: {} };
  }
  const { matched, modified, upserted } = yield* runUpdate(collection, updateSpec);
  if (!upserted)
    return { row: { n: matched, nModified: modified }, sums: { nMatched: matched, nModified: modified } };
  const { _id: id } = decodeTyped(upserted.bytes);
  return { row: { n: 1, nModified: 0, upserted: { _id: id } }, sums: { nUpserted: 1 } };
}

function* remove(
  operation: Doc,
  { database, name }: Namespace,
  body: Doc,
  { data, now }: CommandContext,
): Work<Outcome> {
  const collection = yield* data.find(database, name);
  const criteria = query(plainDoc(operation.filter), {
    limit: isTrue(operation.multi) ? 0 : 1,
    context: filterContext(body, now()),
    collation: collationOf(operation),
    hint: hintOf(operation.hint, collection),
  });
  if (!collection) {
    compileFilter(criteria.filter, criteria.context);
    return { row: { n: 0 }, sums: {} };
  }
  const n = yield* runDelete(collection, criteria);
  return { row: { n }, sums: { nDeleted: n } };
}
