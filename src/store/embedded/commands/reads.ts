import { Long } from 'bson';
import { encodeKey } from '../bson/key-string.js';
import { valuesAt } from '../bson/paths.js';
import { RawDocuments } from '../bson/reply.js';
import { decodeTyped, isTrue, toNumber, type Doc } from '../bson/values.js';
import { MongoCommandError } from '../errors.js';
import { compileFilter } from '../query/filter.js';
import { choosePlan, countQuery, query, runQuery, type Query } from '../query/plan.js';
import { compileProjection } from '../query/projection.js';
import { ListSource } from '../server/cursors.js';
import { ChangeStream } from '../server/change-streams.js';
import type { Command, CommandContext, CommandTable } from '../server/context.js';
import type { Request } from '../server/wire.js';
import type { CollectionAccess } from '../storage/collection-access.js';
import type { Work } from '../work.js';
import { collectionName, cursorId, plainDoc, wholeNumber } from './arguments.js';
import { boundsOf, refuseOnView, resultEncoder } from './find-options.js';
import { checkFields } from './command-fields.js';
import { collationOf, filterContext, orderOf, refuseFindOptions } from './options.js';
import { pipelineTools } from './source.js';
import { aggregateView } from './aggregate.js';

/** MongoDB's default wait for new events, in ms. */
const DEFAULT_WAIT_MS = 1_000;
const MAX_WAIT_MS = 60_000;

function findQuery(body: Doc, collection: CollectionAccess | undefined, now: Date): Query {
  const { sort, hint } = orderOf(body, collection);
  return query(plainDoc(body.filter ?? body.query), {
    sort,
    skip: wholeNumber(body.skip, 'skip') ?? 0,
    limit: wholeNumber(body.limit, 'limit') ?? 0,
    context: filterContext(body, now),
    hint,
    between: boundsOf(body, hint, collection),
    collation: collationOf(body),
  });
}

const find: Command = function* find(request, context) {
  const { body, database } = request;
  const name = collectionName(request);
  refuseFindOptions(body);
  if (context.catalog.view(database, name)) {
    refuseOnView(body);
    return yield* aggregateView(request, context, name);
  }
  const collection = yield* context.data.find(database, name);
  const criteria = findQuery(body, collection, context.now());
  // An invalid filter is an error on an empty collection, too.
  if (!collection) compileFilter(criteria.filter, criteria.context);
  const project = compileProjection(plainDoc(body.projection), criteria.filter);
  const show = resultEncoder(body, collection, criteria);
  const rids = collection ? (yield* runQuery(collection, criteria)).map(({ rid }) => rid) : [];
  const source = new ListSource(rids, (rid) => {
    const bytes = collection?.bytes(rid);
    const projected = bytes && project ? project(bytes) : bytes;
    return projected && show ? show(rid, projected) : projected;
  });
  const batchSize = wholeNumber(body.batchSize, 'batchSize');
  return context.cursors.firstReply(
    { namespace: `${database}.${name}`, body },
    source,
    batchSize,
    isTrue(body.singleBatch),
  );
};

const getMore: Command = ({ body, database }, { catalog, cursors }) => {
  const id = cursorId(body.getMore);
  const { source, namespace: ns } = cursors.get(id, body);
  if (typeof body.collection !== 'string')
    throw new MongoCommandError(40414, "BSON field 'getMore.collection' is missing but a required field");
  if (ns !== `${database}.${body.collection}`) {
    throw new MongoCommandError(
      13,
      `Requested getMore on namespace '${database}.${body.collection}', but cursor belongs to a different namespace ${ns}`,
    );
  }
  // Here a batch size of 0 means "as many as fit".
  const count = wholeNumber(body.batchSize, 'batchSize') || undefined;
  const reply = (batch: Doc): Doc => {
    if (source.isDone) cursors.kill(id);
    return { cursor: { ...batch, id: source.isDone ? Long.ZERO : body.getMore, ns }, ok: 1 };
  };
  if (source instanceof ChangeStream) {
    const waitMs = Math.min(toNumber(body.maxTimeMS) ?? DEFAULT_WAIT_MS, MAX_WAIT_MS);
    return source.batch(count, waitMs).then(reply);
  }
  // The collection stays open while it is being read.
  catalog.use(ns);
  return reply({ nextBatch: new RawDocuments(source.take(count)) });
};

const killCursors: Command = ({ body }, { cursors }) => {
  const ids = Array.isArray(body.cursors) ? body.cursors : [];
  const cursorsKilled: unknown[] = [];
  const cursorsNotFound: unknown[] = [];
  for (const id of ids) (cursors.kill(cursorId(id)) ? cursorsKilled : cursorsNotFound).push(id);
  return { cursorsKilled, cursorsNotFound, cursorsAlive: [], cursorsUnknown: [], ok: 1 };
};

const count: Command = function* count(request, context) {
  const { body, database } = request;
  const name = collectionName(request);
  const skip = wholeNumber(body.skip, 'skip') ?? 0;
  const limit = Math.abs(toNumber(body.limit) ?? 0);
  const collection = yield* context.data.find(database, name);
  const { skip: _skip, limit: _limit, ...rest } = body;
  const criteria = findQuery(rest, collection, context.now());
  const total = yield* countOf(request, context, collection, criteria);
  const remaining = Math.max(0, total - skip);
  return { n: limit > 0 ? Math.min(limit, remaining) : remaining, ok: 1 };
};

function* countOf(
  { database, body }: Request,
  context: CommandContext,
  collection: CollectionAccess | undefined,
  criteria: Query,
): Work<number> {
  const name = String(body.count);
  if (context.catalog.view(database, name)) {
    const matches = yield* viewMatches(database, name, criteria.filter, context);
    return matches.length;
  }
  if (!collection) {
    compileFilter(criteria.filter, criteria.context);
    return 0;
  }
  if (Object.keys(criteria.filter).length === 0) return collection.size;
  return yield* countQuery(collection, criteria);
}

function* viewMatches(database: string, name: string, filter: Doc, context: CommandContext): Work<Doc[]> {
  return yield* pipelineTools(database, context).find({ collection: name }, filter);
}

const distinct: Command = function* distinct(request, context) {
  const { body, database } = request;
  const name = collectionName(request);
  if (typeof body.key !== 'string') throw new MongoCommandError(14, "'key' must be a string");
  const collection = yield* context.data.find(database, name);
  const criteria = findQuery(body, collection, context.now());
  const documents = yield* documentsFor(database, name, collection, criteria, context);
  const parts = body.key.split('.');
  const values = new Map<string, unknown>();
  for (const document of documents) {
    for (const value of valuesAt(document, parts).flatMap((item) => item)) {
      const key = encodeKey(criteria.collation ? criteria.collation.fold(value) : value);
      if (value !== undefined && !values.has(key)) values.set(key, value);
    }
  }
  const sorted = [...values].sort(([a], [b]) => (a < b ? -1 : 1));
  return { values: sorted.map(([, value]) => value), ok: 1 };
};

function* documentsFor(
  database: string,
  name: string,
  collection: CollectionAccess | undefined,
  criteria: Query,
  context: CommandContext,
): Work<Doc[]> {
  if (context.catalog.view(database, name))
    return yield* viewMatches(database, name, criteria.filter, context);
  if (collection) return (yield* runQuery(collection, criteria)).map(({ bytes }) => decodeTyped(bytes));
  compileFilter(criteria.filter, criteria.context);
  return [];
}

const explain: Command = function* explain(request, context) {
  checkVerbosity(request.body.verbosity);
  const body = plainDoc(request.body.explain);
  const [name = ''] = Object.keys(body);
  checkFields(name, body);
  const collection = yield* context.data.find(request.database, String(body[name]));
  const parsed = isTrue(body.q) ? body : firstQuery(body);
  return {
    explainVersion: '1',
    queryPlanner: {
      plannerVersion: 1,
      namespace: `${request.database}.${String(body[name])}`,
      parsedQuery: plainDoc(parsed.filter ?? parsed.query ?? parsed.q),
      winningPlan: explainPlan(
        collection,
        { ...parsed, filter: parsed.filter ?? parsed.query ?? parsed.q },
        context,
      ),
      rejectedPlans: [],
    },
    executionStats: { executionSuccess: true },
    ok: 1,
  };
};

const VERBOSITIES = ['queryPlanner', 'executionStats', 'allPlansExecution'];

function checkVerbosity(verbosity: unknown): void {
  if (verbosity === undefined || VERBOSITIES.some((level) => level === verbosity)) return;
  throw new MongoCommandError(
    2,
    `Enumeration value '${typeof verbosity === 'string' ? verbosity : typeof verbosity}' for field 'explain.verbosity' is not a valid value.`,
  );
}

/** The query of an update or delete, or of the first stages of a pipeline. */
function firstQuery(body: Doc): Doc {
  const [first] = [body.updates, body.deletes].flatMap((list): unknown[] =>
    Array.isArray(list) ? list : [],
  );
  if (first !== undefined) return plainDoc(first);
  if (!Array.isArray(body.pipeline)) return body;
  const stages = body.pipeline.map(plainDoc);
  return {
    filter: stages[0]?.$match ?? {},
    ...(stages[1]?.$sort === undefined ? {} : { sort: stages[1].$sort }),
  };
}

function explainPlan(collection: CollectionAccess | undefined, body: Doc, context: CommandContext): Doc {
  if (!collection) return { stage: 'EOF' };
  const plan = choosePlan(collection, findQuery(body, collection, context.now()));
  const scan = plan.index
    ? {
        stage: 'FETCH',
        inputStage: {
          stage: 'IXSCAN',
          indexName: plan.index.name,
          keyPattern: plan.index.spec.key,
          direction: plan.reverse ? 'backward' : 'forward',
        },
      }
    : { stage: 'COLLSCAN', direction: plan.reverse ? 'backward' : 'forward' };
  return plan.isSorted ? scan : { stage: 'SORT', inputStage: scan };
}

export const readCommands: CommandTable = { find, getMore, killCursors, count, distinct, explain };
