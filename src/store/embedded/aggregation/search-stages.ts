import { Binary, Double, Long } from 'bson';
import { cosine, dotProduct, euclidean, reciprocalRank } from '../../../lib/search-maths.js';
import { encodeKey } from '../bson/key-string.js';
import { isDoc, isTrue, plain, toNumber, type Doc } from '../bson/values.js';
import { MongoCommandError } from '../errors.js';
import { compileFilter } from '../query/filter.js';
import { isPause } from '../work.js';
import { valueAt } from './compile.js';
import { metaOf, withMeta } from './expressions.js';
import {
  compilePipeline,
  stageName,
  type SearchIndex,
  type StageCompiler,
  type StageContext,
  type StageTable,
} from './pipeline.js';
import { compileSearch } from './search-text.js';

const MAX_CANDIDATES = 10_000;
const bad = (message: string): MongoCommandError => new MongoCommandError(8, message);

interface Scored {
  readonly document: Doc;
  readonly score: number;
}

/** Sorts by score, best first. Copies the documents, because a score belongs to one search. */
function ranked(matches: Scored[], limit = Infinity): Doc[] {
  matches.sort((a, b) => b.score - a.score);
  return matches
    .slice(0, limit)
    .map(({ document, score }) => withMeta({ ...document }, { score: new Double(score) }));
}

function indexOf({ tools }: StageContext, name: unknown, type: SearchIndex['type']): SearchIndex | undefined {
  const indexName = typeof name === 'string' ? name : 'default';
  return tools.searchIndexes().find((index) => index.name === indexName && index.type === type);
}

/** The formulas of Atlas ("Scoring" on its page about `$vectorSearch`). */
const SIMILARITIES: Readonly<Record<string, (a: ArrayLike<number>, b: ArrayLike<number>) => number>> = {
  cosine: (a, b) => (1 + cosine(a, b)) / 2,
  dotProduct: (a, b) => (1 + dotProduct(a, b)) / 2,
  euclidean: (a, b) => 1 / (1 + euclidean(a, b)),
};

/** Binary subtype of packed vectors. */
const VECTOR = 9;

function vectorOf(value: unknown): ArrayLike<number> | undefined {
  if (value instanceof Binary && value.sub_type === VECTOR) return value.toFloat32Array();
  if (!Array.isArray(value) || value.length === 0) return undefined;
  const numbers = value.map(toNumber);
  return numbers.every((number) => number !== undefined) ? numbers : undefined;
}

interface VectorField {
  readonly dimensions: number;
  readonly score: (a: ArrayLike<number>, b: ArrayLike<number>) => number;
}

function vectorField({ definition }: SearchIndex, path: string): VectorField {
  const fields = Array.isArray(definition.fields) ? definition.fields.filter(isDoc) : [];
  const field = fields.find((item) => item.type === 'vector' && item.path === path);
  const score = SIMILARITIES[String(field?.similarity)];
  if (!field || !score) throw bad(`${path} is not indexed as vector`);
  return { dimensions: toNumber(field.numDimensions) ?? 0, score };
}

function refuseOpenFilter({ definition }: SearchIndex, filter: Doc): void {
  const fields = Array.isArray(definition.fields) ? definition.fields.filter(isDoc) : [];
  const filterPaths = new Set(fields.filter(({ type }) => type === 'filter').map(({ path }) => path));
  for (const [name, condition] of Object.entries(filter)) {
    if (Array.isArray(condition) && name.startsWith('$'))
      condition.filter(isDoc).forEach((branch) => {
        refuseOpenFilter({ definition } as SearchIndex, branch);
      });
    else if (!name.startsWith('$') && !filterPaths.has(name))
      throw bad(`Path '${name}' needs to be indexed as filter`);
  }
}

const vectorSearch: StageCompiler = (spec) => {
  if (!isDoc(spec)) throw bad('$vectorSearch must be an object');
  const { path, queryVector, filter } = spec;
  const [limit, candidates] = [toNumber(spec.limit), toNumber(spec.numCandidates)];
  if (typeof path !== 'string') throw bad('"path" is required');
  const query = vectorOf(queryVector);
  if (!query) throw bad('"queryVector" must be an array of numbers');
  if (limit === undefined || limit <= 0) throw bad('"limit" must be positive');
  const isExact = spec.exact !== undefined && isTrue(spec.exact);
  if (!isExact && candidates === undefined) throw bad('"numCandidates" is required when "exact" is not true');
  if (isExact && candidates !== undefined) throw bad('"numCandidates" must be omitted when "exact" is true');
  if (candidates !== undefined && (candidates < limit || candidates > MAX_CANDIDATES)) {
    throw bad(`"numCandidates" must be between the limit and ${MAX_CANDIDATES}`);
  }
  const filterSpec = plain(filter);
  return function* run(documents, context) {
    const index = indexOf(context, spec.index, 'vectorSearch');
    if (!index) return [];
    const { dimensions, score } = vectorField(index, path);
    if (query.length !== dimensions) {
      throw bad(`vector field is indexed with ${dimensions} dimensions but queried with ${query.length}`);
    }
    if (isDoc(filterSpec)) refuseOpenFilter(index, filterSpec);
    const test = isDoc(filterSpec) ? compileFilter(filterSpec) : undefined;
    const matches: Scored[] = [];
    for (const [at, document] of documents.entries()) {
      const vector = vectorOf(valueAt(document, path.split('.')));
      if (vector?.length === dimensions && (!test || test(document)))
        matches.push({ document, score: score(query, vector) });
      if (isPause(at)) yield;
    }
    return ranked(matches, limit);
  };
};

const search: StageCompiler = (spec) => {
  if (!isDoc(spec)) throw bad('$search must be an object');
  compileSearch([], spec);
  return function* run(documents, context) {
    if (!indexOf(context, spec.index, 'search')) return [];
    const scorer = compileSearch(documents, spec);
    yield;
    const matches: Scored[] = [];
    documents.forEach((document, at) => {
      const score = scorer(at);
      if (score !== undefined) matches.push({ document, score });
    });
    return ranked(matches);
  };
};

const searchMeta: StageCompiler = (spec, compiler, table) => {
  const run = search(spec, compiler, table);
  return function* meta(documents, context) {
    const matches = yield* run(documents, context);
    return [{ count: { lowerBound: Long.fromNumber(matches.length) } }];
  };
};

const RANKING = new Set(['$search', '$vectorSearch', '$sort', '$geoNear']);

const rankFusion: StageCompiler = (spec, compiler, table) => {
  const pipelines =
    isDoc(spec) && isDoc(spec.input) && isDoc(spec.input.pipelines) ? spec.input.pipelines : undefined;
  if (!isDoc(spec) || !pipelines || Object.keys(pipelines).length === 0)
    throw new MongoCommandError(9, '$rankFusion needs input.pipelines');
  const weights = isDoc(spec.combination) && isDoc(spec.combination.weights) ? spec.combination.weights : {};
  for (const name of Object.keys(weights)) {
    if (!(name in pipelines))
      throw new MongoCommandError(
        9_967_500,
        `$rankFusion combination.weights contains a pipeline that does not exist: ${name}`,
      );
  }
  const parts = Object.entries(pipelines).map(([name, stages]) => {
    if (!Array.isArray(stages) || !stages.some((stage) => RANKING.has(stageName(stage)))) {
      throw new MongoCommandError(9_191_100, `$rankFusion input pipeline ${name} must be a ranked pipeline`);
    }
    return {
      name,
      weight: toNumber(weights[name]) ?? 1,
      run: compilePipeline(stages as unknown[], table, compiler),
    };
  });
  return function* run(documents, context) {
    const sums = new Map<string, { document: Doc; score: number; details: Doc[] }>();
    for (const { name, weight, run: rank } of parts) {
      for (const [at, document] of (yield* rank(documents, context)).entries()) {
        const key = encodeKey(document._id);
        const entry = sums.get(key) ?? { document, score: 0, details: [] };
        entry.score += weight * reciprocalRank(at + 1);
        const value = metaOf(document)?.score;
        entry.details.push({
          inputPipelineName: name,
          rank: at + 1,
          weight: new Double(weight),
          ...(value === undefined ? {} : { value }),
        });
        sums.set(key, entry);
      }
    }
    const results = [...sums.values()].sort((a, b) => b.score - a.score);
    return results.map(({ document, score, details }) =>
      withMeta(
        { ...document },
        {
          score: new Double(score),
          details: {
            value: new Double(score),
            description: 'value output by reciprocal rank fusion algorithm',
            details,
          },
        },
      ),
    );
  };
};

const listSearchIndexes: StageCompiler = (spec) =>
  function* run(_documents, { tools }) {
    yield;
    const conditions = isDoc(spec) ? spec : {};
    return tools
      .searchIndexes()
      .filter(
        ({ id, name }) =>
          (conditions.name === undefined || name === conditions.name) &&
          (conditions.id === undefined || id === conditions.id),
      )
      .map(({ id, name, type, definition }) => ({
        id,
        name,
        type,
        status: 'READY',
        queryable: true,
        latestVersion: 0,
        latestDefinition: definition,
      }));
  };

export const searchStages: StageTable = {
  $vectorSearch: vectorSearch,
  $search: search,
  $searchMeta: searchMeta,
  $rankFusion: rankFusion,
  $listSearchIndexes: listSearchIndexes,
};
