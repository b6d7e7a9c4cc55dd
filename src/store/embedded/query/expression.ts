import type { Options } from 'mingo/types';
import { MongoCommandError } from '../errors.js';
import { forExpressions, isDoc, type Doc } from '../bson/values.js';
import { aggregationLibrary } from './aggregation-library.js';

/** Documents of another collection of the same database, for `$lookup`, `$unionWith` and the like. */
export type ReadCollection = (name: string) => Doc[];

/** The library computes some window functions through its own script operator; commands may not. */
const options = (): Partial<Options> => ({
  scriptEnabled: true,
  processingMode: aggregationLibrary().ProcessingMode.CLONE_OFF,
});
const SCRIPTS = new Set(['$function', '$accumulator', '$where']);

/** @throws MongoCommandError 115 when code of the client's would run in the server. */
function refuseScripts(value: unknown): void {
  if (Array.isArray(value)) value.forEach(refuseScripts);
  if (!isDoc(value)) return;
  for (const [name, below] of Object.entries(value)) {
    if (SCRIPTS.has(name)) throw new MongoCommandError(115, `${name} is not supported by the embedded store`);
    refuseScripts(below);
  }
}

/** Stages of the aggregation library that this store offers; `$out` and `$merge` are the store's own. */
const STAGES = new Set([
  '$addFields',
  '$bucket',
  '$bucketAuto',
  '$count',
  '$densify',
  '$documents',
  '$facet',
  '$fill',
  '$graphLookup',
  '$group',
  '$limit',
  '$lookup',
  '$match',
  '$project',
  '$redact',
  '$replaceRoot',
  '$replaceWith',
  '$sample',
  '$set',
  '$setWindowFields',
  '$skip',
  '$sort',
  '$sortByCount',
  '$unionWith',
  '$unset',
  '$unwind',
]);

const SEARCH_STAGES = new Set([
  '$search',
  '$searchMeta',
  '$vectorSearch',
  '$listSearchIndexes',
  '$rankFusion',
]);
const REFUSED_STAGES = new Set([
  '$geoNear',
  '$currentOp',
  '$listSessions',
  '$listLocalSessions',
  '$planCacheStats',
  '$scoreFusion',
  '$shardedDataDistribution',
]);
const SEARCH_REFUSAL =
  'Using Atlas Search Database Commands and the $listSearchIndexes aggregation stage requires additional configuration. Please connect to Atlas or an AtlasCLI local deployment to enable.';

export const searchNotEnabled = (): MongoCommandError => new MongoCommandError(31082, SEARCH_REFUSAL);

/** The stage's name. @throws 40323-like `BadValue` when a stage has not exactly one field. */
export function stageName(stage: unknown): string {
  const names = isDoc(stage) ? Object.keys(stage) : [];
  const [name] = names;
  if (name === undefined || names.length !== 1) {
    throw new MongoCommandError(2, 'A pipeline stage specification object must contain exactly one field.');
  }
  return name;
}

/** Refuses what this store does not run, with MongoDB's own codes, also inside sub-pipelines. */
export function checkStages(pipeline: readonly unknown[]): void {
  for (const stage of pipeline) {
    const name = stageName(stage);
    if (SEARCH_STAGES.has(name)) throw searchNotEnabled();
    if (REFUSED_STAGES.has(name)) {
      throw new MongoCommandError(115, `${name} is not supported by the embedded store`);
    }
    if (!STAGES.has(name)) {
      throw new MongoCommandError(40324, `Unrecognized pipeline stage name: '${name}'`);
    }
    for (const nested of subPipelines(name, isDoc(stage) ? stage[name] : undefined)) checkStages(nested);
  }
}

function subPipelines(name: string, spec: unknown): readonly unknown[][] {
  if (!isDoc(spec)) return [];
  if (name === '$facet') return Object.values(spec).filter((value) => Array.isArray(value));
  return Array.isArray(spec.pipeline) ? [spec.pipeline] : [];
}

const toStage = (stage: unknown): Doc => {
  const converted = forExpressions(stage);
  return isDoc(converted) ? converted : {};
};

/** Runs stages over documents made by `decodeForExpressions`; the documents may be changed. */
export function runStages(documents: Doc[], stages: readonly unknown[], read: ReadCollection): Doc[] {
  if (stages.length === 0) return documents;
  checkStages(stages);
  refuseScripts(stages);
  const { Aggregator } = aggregationLibrary();
  return new Aggregator(stages.map(toStage), { ...options(), collectionResolver: read }).run<Doc>(documents);
}

/** The test behind `$expr`. */
export function compileExpression(expression: unknown): (document: Doc) => boolean {
  refuseScripts(expression);
  const { Query } = aggregationLibrary();
  const query = new Query({ $expr: forExpressions(expression) }, options());
  return (document) => query.test(document);
}
