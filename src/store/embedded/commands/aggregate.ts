import {
  decodeForExpressions,
  encode,
  encodeResult,
  isDoc,
  plain,
  toNumber,
  type Doc,
} from '../bson/values.js';
import { MongoCommandError } from '../errors.js';
import { checkStages, runStages, stageName, type ReadCollection } from '../query/expression.js';
import { asFilter, query, runQuery, type Query } from '../query/plan.js';
import { parseSort } from '../query/sort.js';
import { ListSource } from '../server/cursors.js';
import type { Command, CommandContext, CommandTable } from '../server/context.js';
import type { Request } from '../server/wire.js';
import type { Collection } from '../storage/collection.js';
import { plainDoc, refuseCollation, wholeNumber } from './arguments.js';
import { openChangeStream } from './watch.js';
import { writeResult } from './write-result.js';

const aggregate: Command = (request, context) => {
  const { body } = request;
  refuseCollation(body);
  if (!Array.isArray(body.pipeline))
    throw new MongoCommandError(14, "'pipeline' option must be specified as an array");
  const pipeline = body.pipeline as unknown[];
  const [first] = pipeline;
  if (isDoc(first) && '$changeStream' in first) return openChangeStream(request, context, pipeline);
  const source = new ListSource(runPipeline(request, context, pipeline), (bytes) => bytes);
  const cursor = isDoc(body.cursor) ? body.cursor : {};
  const batchSize = wholeNumber(cursor.batchSize, 'batchSize');
  return context.cursors.firstReply(namespaceOf(request), source, batchSize);
};

const namespaceOf = ({ database, body }: Request): string =>
  `${database}.${typeof body.aggregate === 'string' ? body.aggregate : '$cmd.aggregate'}`;

function runPipeline(request: Request, context: CommandContext, pipeline: readonly unknown[]): Uint8Array[] {
  const name = typeof request.body.aggregate === 'string' ? request.body.aggregate : undefined;
  const collection = name === undefined ? undefined : context.catalog.find(request.database, name);
  const { stages, target } = splitTarget(pipeline);
  const special = collectionStage(stages, collection);
  if (special) return special.map(encodeResult);
  const { wanted, rest } = takeQuery(stages);
  checkStages(rest);
  const results = fromQuery(request, context, collection, wanted, rest);
  if (!target) return results;
  writeResult(request, context, target, results);
  return [];
}

function fromQuery(
  { database }: Request,
  { catalog }: CommandContext,
  collection: Collection | undefined,
  wanted: Query,
  rest: readonly unknown[],
): Uint8Array[] {
  if (collection && isCount(rest)) return countOnly(collection, wanted, rest);
  const found = collection ? runQuery(collection, wanted) : [];
  if (rest.length === 0) return found.map(({ bytes }) => bytes);
  const read: ReadCollection = (name) => readAll(catalog.find(database, name));
  const input = found.map(({ bytes }) => decodeForExpressions(bytes));
  return runStages(input, rest, read).map(encodeResult);
}

function readAll(collection: Collection | undefined): Doc[] {
  return collection ? runQuery(collection, query({})).map(({ bytes }) => decodeForExpressions(bytes)) : [];
}

/** `countDocuments` of the drivers: a group over everything that only adds ones. */
function isCount(stages: readonly unknown[]): boolean {
  const [stage] = stages;
  const group = isDoc(stage) ? plain(stage.$group) : undefined;
  if (stages.length !== 1 || !isDoc(group) || isDoc(group._id) || typeof group._id === 'string') return false;
  const names = Object.keys(group).filter((name) => name !== '_id');
  const [name = ''] = names;
  const sum = group[name];
  return names.length === 1 && isDoc(sum) && Object.keys(sum).length === 1 && sum.$sum === 1;
}

function countOnly(collection: Collection, wanted: Query, [stage]: readonly unknown[]): Uint8Array[] {
  const isAll = Object.keys(wanted.filter).length === 0 && wanted.skip === 0 && wanted.limit === 0;
  const n = isAll ? collection.size : runQuery(collection, { ...wanted, sort: [] }).length;
  const group = isDoc(stage) && isDoc(stage.$group) ? stage.$group : {};
  const name = Object.keys(group).find((key) => key !== '_id') ?? 'n';
  return n === 0 ? [] : [encode({ _id: group._id, [name]: n })];
}

/** Leading `$match`, `$sort`, `$skip` and `$limit`, in this order, become a query that can use an index. */
function takeQuery(stages: readonly unknown[]): { wanted: Query; rest: readonly unknown[] } {
  const filters: Doc[] = [];
  let sort: unknown;
  let skip = 0;
  let limit = 0;
  let phase = 0;
  let at = 0;
  for (; at < stages.length; at += 1) {
    const stage = stages[at];
    const name = stageName(stage);
    const spec = isDoc(stage) ? stage[name] : undefined;
    const next = ['$match', '$sort', '$skip', '$limit'].indexOf(name);
    if (next < phase || (next > 0 && next === phase) || next < 0) break;
    phase = next;
    if (name === '$match') filters.push(plainDoc(spec));
    else if (name === '$sort') sort = spec;
    else if (name === '$skip') skip = wholeNumber(spec, '$skip') ?? 0;
    else limit = positive(spec);
  }
  const filter = filters.length > 1 ? { $and: filters } : asFilter(filters[0]);
  return { wanted: query(filter, { sort: parseSort(sort), skip, limit }), rest: stages.slice(at) };
}

function positive(value: unknown): number {
  const limit = toNumber(value);
  if (limit === undefined || limit <= 0) throw new MongoCommandError(2, 'the limit must be positive');
  return Math.floor(limit);
}

interface Target {
  readonly name: '$out' | '$merge';
  readonly spec: unknown;
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

/** Stages that describe the collection instead of reading it. */
function collectionStage(stages: readonly unknown[], collection: Collection | undefined): Doc[] | undefined {
  const [stage] = stages;
  if (!isDoc(stage) || !collection) return undefined;
  if ('$indexStats' in stage) {
    return collection.indexes.map(({ name, spec }) => ({ name, key: spec.key, host: 'embedded', spec }));
  }
  if ('$collStats' in stage)
    return runStages([{ ns: collection.namespace, count: collection.size }], stages.slice(1), () => []);
  return undefined;
}

export const aggregateCommands: CommandTable = { aggregate };
