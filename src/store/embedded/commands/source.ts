import { decodeTyped, plain, type Doc } from '../bson/values.js';
import { compiler } from '../aggregation/expressions.js';
import { compilePipeline, type CollectionName, type PipelineTools } from '../aggregation/pipeline.js';
import { STAGES } from '../aggregation/stages.js';
import { MongoCommandError } from '../errors.js';
import { asFilter, query, runQuery } from '../query/plan.js';
import { searchIndexesOf } from './search-indexes.js';
import type { CommandContext } from '../server/context.js';
import { mapSlowly, type Work } from '../work.js';

/** Maximum nesting of views on views; deeper nesting is rejected, as in MongoDB. */
const MAX_VIEW_DEPTH = 20;

/** What pipelines read from: the collections and views of a database. */
export function pipelineTools(
  database: string,
  context: CommandContext,
  depth = 0,
  searched?: string,
): PipelineTools {
  if (depth > MAX_VIEW_DEPTH)
    throw new MongoCommandError(165, 'View depth limit exceeded; maximum depth is 20');
  const { catalog, data } = context;
  return {
    now: context.now(),
    *find({ database: other = database, collection }: CollectionName, filter: Doc): Work<Doc[]> {
      const view = catalog.view(other, collection);
      if (view) {
        const inner = pipelineTools(other, context, depth + 1);
        const rows = yield* inner.find({ collection: view.on }, {});
        const run = compilePipeline([...view.pipeline, { $match: filter }], STAGES, compiler);
        return yield* run(rows, { tools: inner, vars: {} });
      }
      const source = yield* data.find(other, collection);
      if (!source) return [];
      const documents = yield* runQuery(source, query(asFilter(plain(filter))));
      return yield* mapSlowly(documents, ({ bytes }) => decodeTyped(bytes));
    },
    indexKeys: () => (searched === undefined ? [] : catalog.indexKeys(database, searched)),
    searchIndexes: () =>
      searched === undefined ? [] : searchIndexesOf(catalog.optionsOf(database, searched)),
    hasIndex({ database: other = database, collection }, path) {
      return catalog.hasIndex(other, collection, path);
    },
  };
}
