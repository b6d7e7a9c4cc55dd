import { Long } from 'bson';
import { encodeKey } from '../bson/key-string.js';
import { valuesAt } from '../bson/paths.js';
import { RawDocuments } from '../bson/reply.js';
import { isTrue, toNumber, type Doc } from '../bson/values.js';
import { MongoCommandError } from '../errors.js';
import { choosePlan, query, runQuery, type Query } from '../query/plan.js';
import { compileProjection } from '../query/projection.js';
import { parseSort } from '../query/sort.js';
import { ListSource } from '../server/cursors.js';
import { ChangeStream } from '../server/change-streams.js';
import type { Command, CommandContext, CommandTable } from '../server/context.js';
import type { Request } from '../server/wire.js';
import { collectionName, cursorId, plainDoc, refuseCollation, wholeNumber } from './arguments.js';

/** MongoDB's wait for new events when the client names none, milliseconds. */
const DEFAULT_WAIT_MS = 1_000;
const MAX_WAIT_MS = 60_000;

function findQuery(body: Doc): Query {
  const limit = toNumber(body.limit) ?? 0;
  return query(plainDoc(body.filter), {
    sort: parseSort(body.sort),
    skip: wholeNumber(body.skip, 'skip') ?? 0,
    limit: Math.abs(limit),
  });
}

const find: Command = (request, { catalog, cursors }) => {
  const { body } = request;
  refuseCollation(body);
  const wanted = findQuery(body);
  const collection = catalog.find(request.database, collectionName(request));
  const project = compileProjection(plainDoc(body.projection), wanted.filter);
  const rids = collection ? runQuery(collection, wanted).map(({ rid }) => rid) : [];
  const source = new ListSource(rids, (rid) => {
    const bytes = collection?.bytes(rid);
    return bytes && project ? project(bytes) : bytes;
  });
  const namespace = `${request.database}.${collectionName(request)}`;
  const isSingle = isTrue(body.singleBatch) || (toNumber(body.limit) ?? 0) < 0;
  return cursors.firstReply(namespace, source, wholeNumber(body.batchSize, 'batchSize'), isSingle);
};

const getMore: Command = ({ body }, { catalog, cursors }) => {
  const id = cursorId(body.getMore);
  const { source, namespace: ns } = cursors.get(id);
  // A batch size of 0 means "as many as fit" here.
  const count = wholeNumber(body.batchSize, 'batchSize') || undefined;
  const reply = (batch: Doc): Doc => {
    if (source.isDone) cursors.kill(id);
    return { cursor: { ...batch, id: source.isDone ? zero() : body.getMore, ns }, ok: 1 };
  };
  if (source instanceof ChangeStream) {
    const waitMs = Math.min(toNumber(body.maxTimeMS) ?? DEFAULT_WAIT_MS, MAX_WAIT_MS);
    return source.batch(count, waitMs).then(reply);
  }
  // The collection stays open as long as somebody reads it.
  const [database = '', ...name] = ns.split('.');
  catalog.find(database, name.join('.'));
  return reply({ nextBatch: new RawDocuments(source.take(count)) });
};

const killCursors: Command = ({ body }, { cursors }) => {
  const wanted = Array.isArray(body.cursors) ? body.cursors : [];
  const cursorsKilled: unknown[] = [];
  const cursorsNotFound: unknown[] = [];
  for (const id of wanted) (cursors.kill(cursorId(id)) ? cursorsKilled : cursorsNotFound).push(id);
  return { cursorsKilled, cursorsNotFound, cursorsAlive: [], cursorsUnknown: [], ok: 1 };
};

const count: Command = (request, { catalog }) => {
  const { body } = request;
  refuseCollation(body);
  const collection = catalog.find(request.database, collectionName(request));
  const filter = plainDoc(body.query);
  const skip = wholeNumber(body.skip, 'skip') ?? 0;
  const limit = Math.abs(toNumber(body.limit) ?? 0);
  if (!collection) return { n: 0, ok: 1 };
  const isAll = Object.keys(filter).length === 0;
  const total = isAll ? collection.size : runQuery(collection, query(filter)).length;
  const left = Math.max(0, total - skip);
  return { n: limit > 0 ? Math.min(limit, left) : left, ok: 1 };
};

const distinct: Command = (request, { catalog }) => {
  const { body } = request;
  refuseCollation(body);
  if (typeof body.key !== 'string') throw new MongoCommandError(14, "'key' must be a string");
  const collection = catalog.find(request.database, collectionName(request));
  const parts = body.key.split('.');
  const values = new Map<string, unknown>();
  for (const { view } of collection ? runQuery(collection, query(plainDoc(body.query))) : []) {
    for (const value of valuesAt(view, parts).flatMap((item) => item)) {
      if (value !== undefined) values.set(encodeKey(value), value);
    }
  }
  const sorted = [...values].sort(([a], [b]) => (a < b ? -1 : 1));
  return { values: sorted.map(([, value]) => value), ok: 1 };
};

const explain: Command = (request, context) => {
  const body = plainDoc(request.body.explain);
  const [name = ''] = Object.keys(body);
  return {
    queryPlanner: {
      plannerVersion: 1,
      namespace: `${request.database}.${String(body[name])}`,
      winningPlan: explainPlan(request, body, name, context),
      rejectedPlans: [],
    },
    ok: 1,
  };
};

function explainPlan(request: Request, body: Doc, name: string, { catalog }: CommandContext): Doc {
  const collection = catalog.find(request.database, String(body[name]));
  if (!collection) return { stage: 'EOF' };
  const plan = choosePlan(collection, findQuery(body));
  const scan = plan.index
    ? { stage: 'IXSCAN', indexName: plan.index.name, keyPattern: plan.index.spec.key }
    : { stage: 'COLLSCAN' };
  return plan.isSorted ? scan : { stage: 'SORT', inputStage: scan };
}

const zero = (): Long => Long.ZERO;

export const readCommands: CommandTable = { find, getMore, killCursors, count, distinct, explain };
