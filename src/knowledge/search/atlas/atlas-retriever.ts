import type { Document } from 'mongodb';
import type { Retriever, SearchHit, SearchRequest, SearchResult } from '../../../contracts/retriever.js';
import { RetrievalError } from '../../../contracts/retriever.js';
import type { TenantScope } from '../../../contracts/stores.js';
import { createQuestionEmbedder, type QuestionEmbedder } from '../../embed/question-embedder.js';
import { RevisionCache } from '../revision-cache.js';
import { clampTopK, createRetrieverPool, vectorOfQuery } from '../retriever-pool.js';
import type { RetrieverPool, RetrieverPoolOptions } from '../retriever-pool.js';
import { createAnalyzer } from '../text/analyzer.js';
import { passageStore } from './passage-store.js';
import { fusionPipeline, vectorPipeline, wordsPipeline, type VectorQuery } from './pipelines.js';
import { project, type Projection } from './projection.js';
import { queryTerms, type QueryTerm } from './query-terms.js';
import { rankedHits } from './ranked-hits.js';
import { isCode, WORDS_INDEX } from './search-indexes.js';

/** More rows are requested than needed, because rows of outdated versions are discarded. */
const SPARE = 2;
const FEWEST_CANDIDATES = 100;
/**
 * Writes appear in a search server with a delay: the longest wait for them and the interval between checks,
 * in ms.
 */
const VISIBLE_WITHIN_MS = 3_000;
const LOOK_EVERY_MS = 50;
/** How often to check whether an index being built is ready, in ms. */
const INDEX_CHECK_MS = 5_000;
const UNKNOWN_STAGE = 40_324;

/**
 * How one business is searched: by its search server, or in the process until the server's indexes are ready.
 */
interface Prepared extends Projection {
  readonly isQueryable: boolean;
  readonly checkedAt: number;
}

/**
 * Retrievers that search in the database itself: `$search`, `$vectorSearch` and `$rankFusion` of MongoDB
 * Atlas or a compatible server. Each business has its own indexes, in its own database.
 */
export function createAtlasPool(options: RetrieverPoolOptions): RetrieverPool {
  return new AtlasPool(options);
}

class AtlasPool implements RetrieverPool {
  private readonly embedder: QuestionEmbedder | undefined;
  private readonly analyzer = createAnalyzer({ keepQuestionWords: false });
  private readonly inProcess: RetrieverPool;
  private readonly prepared: RevisionCache<Prepared>;
  /** Older servers can search by words and by vectors, but not both in one query. */
  private hasFusion = true;

  constructor(private readonly options: RetrieverPoolOptions) {
    const { clock, logger, embedding } = options;
    this.embedder =
      options.embedder ?? (embedding && createQuestionEmbedder({ model: embedding, clock, logger }));
    this.inProcess = createRetrieverPool(options);
    this.prepared = new RevisionCache<Prepared>({ ...options, build: (scope) => this.prepare(scope) });
  }

  retriever(scope: TenantScope): Retriever {
    return { search: (request, signal) => this.search(scope, request, signal) };
  }

  invalidate(tenantId: string): void {
    this.prepared.invalidate(tenantId);
    this.inProcess.invalidate(tenantId);
  }

  close(): void {
    this.prepared.clear();
    this.inProcess.close();
  }

  private async search(
    scope: TenantScope,
    request: SearchRequest,
    signal: AbortSignal,
  ): Promise<SearchResult> {
    const { clock, embedding } = this.options;
    const started = clock.monotonicMs();
    const vector = await vectorOfQuery(scope, request, { embedding, embedder: this.embedder }, signal);
    if (signal.aborted) throw unavailable('The search was cancelled.', signal.reason);
    const { value, revision } = await this.preparedOf(scope).catch((cause: unknown) => {
      throw unavailable('The knowledge cannot be read at the moment.', cause);
    });
    if (!value.isQueryable) return this.inProcess.retriever(scope).search(request, signal);
    const result = (hits: readonly SearchHit[]): SearchResult => ({
      hits,
      tookMs: clock.monotonicMs() - started,
      indexRevision: revision,
    });
    const words =
      request.mode === 'semantic' ? [] : queryTerms(request.query, this.analyzer, value.languages);
    const topK = clampTopK(request.topK);
    const limit = Math.max(FEWEST_CANDIDATES, topK * SPARE);
    const { filter = {} } = request;
    const nearest =
      vector === undefined || embedding === undefined
        ? undefined
        : { vector, modelId: embedding.id, filter, limit };
    if ((words.length === 0 && nearest === undefined) || filter.documentIds?.length === 0) return result([]);
    const matches = await this.candidates(scope, words, nearest, { filter, limit, signal }).catch(
      (cause: unknown) => {
        throw unavailable('The search server does not answer.', cause);
      },
    );
    return result(rankedHits(matches, words, value, request.mode).slice(0, topK));
  }

  private async candidates(
    scope: TenantScope,
    words: readonly QueryTerm[],
    vector: VectorQuery | undefined,
    { filter = {}, limit, signal }: SearchOptions,
  ): Promise<readonly Document[]> {
    const store = scope.store(passageStore);
    const byWords = { terms: [...new Set(words.flatMap(({ terms }) => terms))], filter, limit };
    if (vector === undefined) return store.search(wordsPipeline(byWords), signal);
    if (words.length === 0) return store.search(vectorPipeline(vector), signal);
    if (this.hasFusion) {
      try {
        return await store.search(fusionPipeline(byWords, vector), signal);
      } catch (error) {
        if (!isCode(causeOf(error), UNKNOWN_STAGE)) throw error;
        this.hasFusion = false;
      }
    }
    const [keyword, semantic] = await Promise.all([
      store.search(wordsPipeline(byWords), signal),
      store.search(vectorPipeline(vector), signal),
    ]);
    return [...keyword, ...semantic];
  }

  private async preparedOf(scope: TenantScope): Promise<{ value: Prepared; revision: number }> {
    const current = await this.prepared.get(scope);
    const isOld = this.options.clock.monotonicMs() - current.value.checkedAt > INDEX_CHECK_MS;
    // An index that becomes ready does not change the knowledge's revision.
    if (!current.value.isQueryable && isOld) this.prepared.invalidate(scope.tenantId);
    return current;
  }

  private async prepare(scope: TenantScope): Promise<Prepared> {
    const { clock, embedding, onMissing } = this.options;
    const projection = await project(scope, { analyzer: this.analyzer, model: embedding });
    const state = await scope.store(passageStore).keepIndexes(embedding?.dimensions);
    const isQueryable = state === 'queryable' && (await this.areWritesVisible(scope, projection));
    if (projection.hasMissingVectors) onMissing?.(scope);
    return { ...projection, isQueryable, checkedAt: clock.monotonicMs() };
  }

  /** Waits until the search server shows the latest writes. */
  private async areWritesVisible(scope: TenantScope, { written }: Projection): Promise<boolean> {
    const { clock } = this.options;
    const last = written.findLast(({ chunks }) => chunks > 0);
    if (last === undefined) return true;
    const { signal } = new AbortController();
    const equals = { path: 'version', value: last.version };
    const look = [{ $search: { index: WORDS_INDEX, equals } }, { $limit: last.chunks }];
    for (const until = clock.monotonicMs() + VISIBLE_WITHIN_MS; clock.monotonicMs() < until;) {
      const passages = await scope.store(passageStore).search(look, signal);
      if (passages.length === last.chunks) return true;
      await clock.sleep(LOOK_EVERY_MS, signal);
    }
    return false;
  }
}

interface SearchOptions {
  readonly filter?: NonNullable<SearchRequest['filter']>;
  readonly limit: number;
  readonly signal: AbortSignal;
}

function unavailable(message: string, cause: unknown): RetrievalError {
  return new RetrievalError('unavailable', message, { cause });
}

/** Stores wrap the errors of their driver. */
function causeOf(error: unknown): unknown {
  return error instanceof Error && error.cause !== undefined ? error.cause : error;
}
