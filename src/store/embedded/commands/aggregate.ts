import {
  decodeTyped,
  encode,
  encodeResult,
  isDoc,
  isTrue,
  plain,
  toNumber,
  type Doc,
} from '../bson/values.js';
import { compiler } from '../aggregation/expressions.js';
import { checkStages, compilePipeline, stageName, type Stage } from '../aggregation/pipeline.js';
import { STAGES } from '../aggregation/stages.js';
import { MongoCommandError } from '../errors.js';
import { asFilter, countQuery, query, runQuery, type Query } from '../query/plan.js';
import { parseSort } from '../query/sort.js';
import { ListSource } from '../server/cursors.js';
import type { Command, CommandContext, CommandTable } from '../server/context.js';
import type { Request } from '../server/wire.js';
import type { CollectionAccess } from '../storage/collection-access.js';
import { mapSlowly, type Work } from '../work.js';
import { plainDoc, wholeNumber } from './arguments.js';
import { describedCollection } from './collection-stages.js';
import { checkPart } from './command-fields.js';
import { collationOf, filterContext, hintOf, variablesOf } from './options.js';
import { pipelineTools } from './source.js';
import { openChangeStream } from './watch.js';
import { writeResult, type Target } from './write-result.js';

const aggregate: Command = function* aggregate(request, context) {
  const { body } = request;
  if (!Array.isArray(body.pipeline))
    throw new MongoCommandError(14, "'pipeline' option must be specified as an array");
  if (!isDoc(body.cursor) && !isTrue(body.explain)) {
    throw new MongoCommandError(
      9,
      "The 'cursor' option is required, except for aggregate with the explain argument",
    );
  }
  if (isDoc(body.cursor)) checkPart('aggregate.cursor', body.cursor);
  const pipeline = body.pipeline as unknown[];
  const [first] = pipeline;
  if (body.autocommit !== undefined) refuseInTransaction(pipeline);
  if (isDoc(first) && '$changeStream' in first) return openChangeStream(request, context, pipeline);
  const source = new ListSource(yield* runCommand(request, context, pipeline), (bytes) => bytes);
  const cursor = isDoc(body.cursor) ? body.cursor : {};
  const opener = { namespace: namespaceOf(request), body };
  return context.cursors.firstReply(opener, source, wholeNumber(cursor.batchSize, 'batchSize'));
};

/** Stages that cannot run in a transaction (the manual's page on transactions and operations). */
const OUTSIDE_ONLY = ['$out', '$merge', '$changeStream', '$collStats', '$currentOp', '$indexStats'];

function refuseInTransaction(pipeline: readonly unknown[]): void {
  const stage = OUTSIDE_ONLY.find((name) => pipeline.some((one) => isDoc(one) && name in one));
  if (stage !== undefined)
    throw new MongoCommandError(
      263,
      `Operation not permitted in transaction :: caused by :: Aggregation stage ${stage} cannot run within a multi-document transaction.`,
    );
}

const namespaceOf = ({ database, body }: Request): string =>
  `${database}.${typeof body.aggregate === 'string' ? body.aggregate : '$cmd.aggregate'}`;

/** `find` on a view: the view's pipeline, followed by the parts of the query as stages. */
export function* aggregateView(request: Request, context: CommandContext, name: string): Work<Doc> {
  const { body, database } = request;
  const limit = wholeNumber(body.limit, 'limit') ?? 0;
  const stages: Doc[] = [{ $match: asFilter(body.filter) }];
  if (isDoc(body.sort) && Object.keys(body.sort).length > 0) stages.push({ $sort: body.sort });
  if (toNumber(body.skip)) stages.push({ $skip: body.skip });
  if (limit > 0) stages.push({ $limit: limit });
  if (isDoc(body.projection) && Object.keys(body.projection).length > 0)
    stages.push({ $project: body.projection });
  const rows = yield* throughView(database, name, stages, context);
  const source = new ListSource(rows, (row) => row);
  return context.cursors.firstReply(
    { namespace: `${database}.${name}`, body },
    source,
    wholeNumber(body.batchSize, 'batchSize'),
    isTrue(body.singleBatch),
  );
}

function* throughView(
  database: string,
  name: string,
  stages: readonly unknown[],
  context: CommandContext,
): Work<Uint8Array[]> {
  const tools = pipelineTools(database, context);
  const run = compilePipeline(stages, STAGES);
  const rows = yield* tools.find({ collection: name }, {});
  return yield* mapSlowly(yield* run(rows, { tools, vars: {} }), encodeResult);
}

function* runCommand(
  request: Request,
  context: CommandContext,
  pipeline: readonly unknown[],
): Work<Uint8Array[]> {
  const { database, body } = request;
  const name = typeof body.aggregate === 'string' ? body.aggregate : undefined;
  checkStages(pipeline);
  const { stages, target } = splitTarget(pipeline);
  const results = yield* readingPart(request, context, name, stages);
  if (!target) return results;
  const writing = {
    database,
    variables: variablesOf(body, context.now()),
    isTrusted: isTrue(body.bypassDocumentValidation),
  };
  yield* writeResult(writing, context, target, results);
  return [];
}

function* readingPart(
  request: Request,
  context: CommandContext,
  name: string | undefined,
  stages: readonly unknown[],
): Work<Uint8Array[]> {
  const { database, body } = request;
  if (name !== undefined && context.catalog.view(database, name))
    return yield* throughView(database, name, stages, context);
  const collection = name === undefined ? undefined : yield* context.data.find(database, name);
  const described = describedCollection(stages[0], collection, context, request);
  const variables = variablesOf(body, context.now());
  const tools = pipelineTools(database, context, 0, name);
  const compileRest = (rest: readonly unknown[]): Stage =>
    compilePipeline(rest, STAGES, compiler.with(Object.keys(variables)));
  if (described) {
    const run = compileRest(stages.slice(1));
    return yield* mapSlowly(yield* run(described, { tools, vars: variables }), encodeResult);
  }
  const { criteria: criteria, rest } = takeQuery(stages, request, collection, context.now());
  const run = compileRest(rest);
  if (criteria.collation && !isCount(rest) && !rest.every(keepsCollation)) {
    throw new MongoCommandError(
      115,
      'a collation in later stages of a pipeline is not supported by the embedded store',
    );
  }
  if (collection && isCount(rest)) return yield* countOnly(collection, criteria, rest);
  const matches = collection ? yield* runQuery(collection, criteria) : [];
  if (rest.length === 0) return matches.map(({ bytes }) => bytes);
  const input = yield* mapSlowly(matches, ({ bytes }) => decodeTyped(bytes));
  return yield* mapSlowly(yield* run(input, { tools, vars: variables }), encodeResult);
}

const WITHOUT_COMPARISON = new Set([
  '$project',
  '$addFields',
  '$set',
  '$unset',
  '$limit',
  '$skip',
  '$count',
  '$unwind',
]);
const keepsCollation = (stage: unknown): boolean => WITHOUT_COMPARISON.has(stageName(stage));

/** Recognises the drivers' `countDocuments`: a group over everything that only adds ones. */
function isCount(stages: readonly unknown[]): boolean {
  const [stage] = stages;
  const group = isDoc(stage) ? plain(stage.$group) : undefined;
  if (
    stages.length !== 1 ||
    !isDoc(group) ||
    isDoc(group._id) ||
    typeof group._id === 'string' ||
    !('_id' in group)
  )
    return false;
  const names = Object.keys(group).filter((name) => name !== '_id');
  const [name = ''] = names;
  const sum = group[name];
  return names.length === 1 && isDoc(sum) && Object.keys(sum).length === 1 && sum.$sum === 1;
}

function* countOnly(
  collection: CollectionAccess,
  criteria: Query,
  [stage]: readonly unknown[],
): Work<Uint8Array[]> {
  const isAll = Object.keys(criteria.filter).length === 0 && criteria.skip === 0 && criteria.limit === 0;
  const n = isAll ? collection.size : yield* countQuery(collection, criteria);
  const group = isDoc(stage) && isDoc(stage.$group) ? stage.$group : {};
  const name = Object.keys(group).find((key) => key !== '_id') ?? 'n';
  return n === 0 ? [] : [encode({ _id: group._id, [name]: n })];
}

/**
 * Turns leading `$match`, `$sort`, `$skip` and `$limit`, in this order, into a query that can use an index.
 */
function takeQuery(
  stages: readonly unknown[],
  { body }: Request,
  collection: CollectionAccess | undefined,
  now: Date,
): { criteria: Query; rest: readonly unknown[] } {
  const filters: Doc[] = [];
  let sort: unknown;
  let [skip, limit, phase, at] = [0, 0, 0, 0];
  for (; at < stages.length; at += 1) {
    const stage = stages[at];
    const name = stageName(stage);
    const spec = isDoc(stage) ? stage[name] : undefined;
    const next = ['$match', '$sort', '$skip', '$limit'].indexOf(name);
    if (next < phase || (next > 0 && next === phase) || next < 0 || !isPlain(name, spec)) break;
    phase = next;
    if (name === '$match') filters.push(plainDoc(spec));
    else if (name === '$sort') sort = spec;
    else if (name === '$skip') skip = toNumber(spec) ?? 0;
    else limit = toNumber(spec) ?? 0;
  }
  const filter = filters.length > 1 ? { $and: filters } : asFilter(filters[0]);
  const options = { sort: parseSort(sort), skip, limit, context: filterContext(body, now) };
  return {
    criteria: query(filter, {
      ...options,
      hint: hintOf(body.hint, collection),
      collation: collationOf(body),
    }),
    rest: stages.slice(at),
  };
}

/** Anything else is left to the stage itself, which reports what is wrong with it. */
function isPlain(name: string, spec: unknown): boolean {
  if (name === '$match') return isDoc(spec);
  if (name === '$sort')
    return (
      isDoc(spec) &&
      Object.keys(spec).length > 0 &&
      Object.values(spec).every((value) => toNumber(value) === 1 || toNumber(value) === -1)
    );
  const value = toNumber(spec);
  return value !== undefined && Number.isInteger(value) && value >= (name === '$limit' ? 1 : 0);
}

function splitTarget(pipeline: readonly unknown[]): {
  stages: readonly unknown[];
  target: Target | undefined;
} {
  const last = pipeline.at(-1);
  if (isDoc(last)) {
    if ('$out' in last) return { stages: pipeline.slice(0, -1), target: { name: '$out', spec: last.$out } };
    if ('$merge' in last)
      return { stages: pipeline.slice(0, -1), target: { name: '$merge', spec: last.$merge } };
  }
  return { stages: pipeline, target: undefined };
}

export const aggregateCommands: CommandTable = { aggregate };
