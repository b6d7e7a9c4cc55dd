import type { EmbeddingModel } from '../../contracts/embedding.js';
import { createQuestionEmbedder, type QuestionEmbedder } from '../embed/question-embedder.js';
import {
  RetrievalError,
  type Retriever,
  type SearchRequest,
  type SearchResult,
} from '../../contracts/retriever.js';
import type { Clock, Logger } from '../../contracts/runtime.js';
import type { TenantScope } from '../../contracts/stores.js';
import { RevisionCache, type Revised } from './revision-cache.js';
import { searchIndex } from './search-index.js';
import { allowedChunks, buildTenantIndex, type TenantIndex } from './tenant-index.js';
import { createAnalyzer } from './text/analyzer.js';

export interface RetrieverPoolOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Absent: keyword search only. */
  readonly embedding?: EmbeddingModel | undefined;
  /** Embeds questions within the time limit of a turn; created from `embedding` by default. */
  readonly embedder?: QuestionEmbedder | undefined;
  /** Called if passages of a tenant have no vector of the configured model. */
  readonly onMissing?: (scope: TenantScope) => void;
  /** A tenant's index is dropped after this long without a search. */
  readonly maxIdleMs?: number;
  /** Indexes held at once; the least recently used is dropped first. */
  readonly maxTenants?: number;
}

/** In-process search indexes, one per tenant, built on first use. */
export interface RetrieverPool {
  retriever(scope: TenantScope): Retriever;
  /** Must be called after every publish and removal in this process, so that the next search sees it. */
  invalidate(tenantId: string): void;
  close(): void;
}

/** Limit of the `Retriever` contract. */
const MAXIMUM_TOP_K = 50;

export function createRetrieverPool(options: RetrieverPoolOptions): RetrieverPool {
  return new InProcessPool(options);
}

class InProcessPool implements RetrieverPool {
  private readonly embedder: QuestionEmbedder | undefined;
  private readonly analyzer = createAnalyzer({ keepQuestionWords: false });
  private readonly indexes: RevisionCache<TenantIndex>;

  constructor(private readonly options: RetrieverPoolOptions) {
    const { clock, logger, embedding } = options;
    this.embedder =
      options.embedder ?? (embedding && createQuestionEmbedder({ model: embedding, clock, logger }));
    this.indexes = new RevisionCache<TenantIndex>({ ...options, build: (scope) => this.build(scope) });
  }

  retriever(scope: TenantScope): Retriever {
    return { search: (request, signal) => this.search(scope, request, signal) };
  }

  invalidate(tenantId: string): void {
    this.indexes.invalidate(tenantId);
  }

  close(): void {
    this.indexes.clear();
  }

  private async build(scope: TenantScope): Promise<TenantIndex> {
    const { clock, embedding: model, onMissing } = this.options;
    const { analyzer } = this;
    const common = { analyzer, clock, model, maximumTopK: MAXIMUM_TOP_K };
    const index = await buildTenantIndex(scope.documents, common);
    if (model !== undefined && (index.vectors?.size ?? 0) < index.chunks.length) onMissing?.(scope);
    return index;
  }

  private async search(
    scope: TenantScope,
    request: SearchRequest,
    signal: AbortSignal,
  ): Promise<SearchResult> {
    const { clock, embedding } = this.options;
    const started = clock.monotonicMs();
    // Embed first, so that the index is read and used without waiting in between.
    const vector = await vectorOfQuery(scope, request, { embedding, embedder: this.embedder }, signal);
    if (signal.aborted) {
      throw new RetrievalError('unavailable', 'The search was cancelled.', { cause: signal.reason });
    }
    const { value: index, revision } = await this.indexOf(scope);
    const query = {
      text: request.query,
      vector,
      mode: request.mode,
      topK: clampTopK(request.topK),
      allowed: allowedChunks(index, request.filter),
    };
    const hits = searchIndex(index, query, this.analyzer);
    return { hits, tookMs: clock.monotonicMs() - started, indexRevision: revision };
  }

  private async indexOf(scope: TenantScope): Promise<Revised<TenantIndex>> {
    try {
      return await this.indexes.get(scope);
    } catch (cause) {
      throw new RetrievalError('unavailable', 'The knowledge cannot be read at the moment.', { cause });
    }
  }
}

/** Limits it to the contract's range, 1 to 50. */
export function clampTopK(topK: number): number {
  return Math.min(MAXIMUM_TOP_K, Math.max(1, Math.trunc(topK) || 1));
}

/**
 * The vector of a question, if the mode uses vectors. A hybrid search continues with words alone if there is
 * no vector.
 */
export async function vectorOfQuery(
  scope: TenantScope,
  { mode, query }: Pick<SearchRequest, 'mode' | 'query'>,
  { embedding, embedder }: Pick<RetrieverPoolOptions, 'embedding' | 'embedder'>,
  signal: AbortSignal,
): Promise<Float32Array | undefined> {
  if (mode === 'semantic' && embedding === undefined) {
    throw new RetrievalError('semantic-off', 'Semantic search needs an embedding model, and none is set.');
  }
  if (mode === 'keyword' || embedding === undefined || query.trim() === '') return undefined;
  if (mode === 'hybrid') return (await embedder?.vectorsOf([query], scope))?.[0];
  try {
    const [vector] = await embedding.embed([query], 'query', signal, scope);
    return vector;
  } catch (cause) {
    throw new RetrievalError('unavailable', 'The embedding model does not answer.', { cause });
  }
}
