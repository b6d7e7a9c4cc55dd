import { isDoc, type Doc } from '../bson/values.js';
import { nearIn } from '../query/near.js';
import { MongoCommandError } from '../errors.js';
import { finish, type Work } from '../work.js';
import type { Compiler, Env } from './compile.js';
import { refuseUnknownArguments } from './stage-arguments.js';
import { compiler as plainCompiler, newEnvironment } from './expressions.js';

/** What stages need from the store. Documents have their BSON types. */
export interface PipelineTools {
  readonly now: Date;
  /** Documents of another collection or view; none if it does not exist. */
  find(name: CollectionName, filter: Doc): Work<Doc[]>;
  /** Whether an index can find documents by this path. */
  hasIndex(name: CollectionName, path: string): boolean;
  /** Key patterns of the indexes of the collection that the pipeline starts from. */
  indexKeys(): readonly Doc[];
  /** Search indexes of the collection that the pipeline starts from. */
  searchIndexes(): readonly SearchIndex[];
}

/** The definition of a search index. No index is maintained; every search reads the documents. */
export interface SearchIndex {
  readonly id: string;
  readonly name: string;
  readonly type: 'search' | 'vectorSearch';
  readonly definition: Doc;
}

export interface CollectionName {
  readonly database?: string;
  readonly collection: string;
}

export interface StageContext {
  readonly tools: PipelineTools;
  readonly vars: Readonly<Record<string, unknown>>;
}

export type Stage = (documents: Doc[], context: StageContext) => Work<Doc[]>;
/** Gets the table of all stages, because some stages contain pipelines. */
export type StageCompiler = (spec: unknown, compiler: Compiler, table: StageTable) => Stage;
export interface StageTable {
  readonly [name: string]: StageCompiler;
}

export const environment = (root: Doc, { tools, vars }: StageContext): Env =>
  newEnvironment(root, tools.now, vars);

/** The name of a stage. Throws `MongoCommandError` 40323 unless the stage has exactly one field. */
export function stageName(stage: unknown): string {
  const names = isDoc(stage) ? Object.keys(stage) : [];
  const [name] = names;
  if (name === undefined || names.length !== 1) {
    throw new MongoCommandError(
      40323,
      'A pipeline stage specification object must contain exactly one field.',
    );
  }
  return name;
}

const REFUSED = new Set([
  '$listSessions',
  '$listLocalSessions',
  '$planCacheStats',
  '$scoreFusion',
  '$shardedDataDistribution',
  '$querySettings',
  '$listClusterCatalog',
]);
/** Stages that are only valid as the first one. */
const FIRST_ONLY = new Set([
  '$geoNear',
  '$changeStream',
  '$collStats',
  '$indexStats',
  '$currentOp',
  '$documents',
  '$search',
  '$searchMeta',
  '$vectorSearch',
  '$listSearchIndexes',
  '$rankFusion',
]);

/** Throws `MongoCommandError` 40602 if a stage that must be first is not, others for unknown arguments. */
export function checkStages(pipeline: readonly unknown[]): void {
  for (const stage of pipeline) {
    const name = stageName(stage);
    const spec = isDoc(stage) ? stage[name] : undefined;
    refuseUnknownArguments(name, spec);
    if (name === '$match' && isDoc(spec) && nearIn(spec))
      throw new MongoCommandError(
        5626500,
        '$geoNear, $near, and $nearSphere are not allowed in this context',
      );
  }
  for (const stage of pipeline.slice(1)) {
    const name = stageName(stage);
    if (FIRST_ONLY.has(name)) {
      throw new MongoCommandError(40602, `${name} is only valid as the first stage in a pipeline.`);
    }
  }
}

/** Compiles a pipeline with the stage table of `stages.ts`. */
export function compilePipeline(
  pipeline: readonly unknown[],
  table: StageTable,
  compiler: Compiler = plainCompiler,
): Stage {
  checkStages(pipeline);
  const stages = pipeline.map((stage) => {
    const name = stageName(stage);
    if (REFUSED.has(name)) throw new MongoCommandError(115, `${name} is not supported by the embedded store`);
    if (name === '$out' || name === '$merge') {
      throw new MongoCommandError(40601, `${name} can only be the final stage in the pipeline`);
    }
    const compile = Object.hasOwn(table, name) ? table[name] : undefined;
    if (!compile) throw new MongoCommandError(40324, `Unrecognized pipeline stage name: '${name}'`);
    return compile(isDoc(stage) ? stage[name] : undefined, compiler, table);
  });
  return function* run(documents, context) {
    let rows = documents;
    for (const stage of stages) {
      rows = yield* stage(rows, context);
      yield;
    }
    return rows;
  };
}

/** Runs stages that read no other collection, without pauses. */
export function runPipeline(stage: Stage, documents: Doc[], now: Date): Doc[] {
  return finish(stage(documents, { tools: isolated(now), vars: {} }));
}

export const isolated = (now: Date): PipelineTools => ({
  now,
  find() {
    throw new MongoCommandError(40324, 'this pipeline may read no other collection');
  },
  hasIndex: () => false,
  indexKeys: () => [],
  searchIndexes: () => [],
});
