import type { Locale } from './message.js';

export type SearchMode = 'hybrid' | 'keyword' | 'semantic';

export interface SearchRequest {
  readonly query: string;
  /** 1 to 50. */
  readonly topK: number;
  readonly mode: SearchMode;
  readonly filter?: {
    readonly locale?: Locale;
    readonly documentIds?: readonly string[];
    /** Equality on document metadata. */
    readonly metadata?: Readonly<Record<string, string | number | boolean>>;
  };
}

export interface SearchHit {
  readonly documentId: string;
  readonly chunkId: string;
  readonly title: string;
  /** The chunk with its headings. */
  readonly text: string;
  readonly locale: Locale | undefined;
  /** 0 to 1; results are ordered by it. */
  readonly score: number;
  /** Each 0 to 1; absent if that half did not take part. */
  readonly scores: { readonly keyword?: number; readonly semantic?: number };
  /**
   * How much of the query's information the chunk covers, 0..1: the sum of the inverse document
   * frequencies of matched query terms over the sum of all. Independent of collection size, so
   * a threshold on it means the same for every business.
   */
  readonly coverage: number;
}

export interface SearchResult {
  readonly hits: readonly SearchHit[];
  readonly tookMs: number;
  /** Grows with every change to the tenant's knowledge. */
  readonly indexRevision: number;
}

/** Finds passages of one tenant's documents. Throws only `RetrievalError`. */
export interface Retriever {
  search(request: SearchRequest, signal: AbortSignal): Promise<SearchResult>;
}

export class RetrievalError extends Error {
  override readonly name = 'RetrievalError';
  constructor(
    /** `semantic-off`: semantic search was requested but no embedding model is configured. */
    readonly kind: 'semantic-off' | 'unavailable',
    message: string,
    options: { readonly cause?: unknown } = {},
  ) {
    super(message, options);
  }
}
