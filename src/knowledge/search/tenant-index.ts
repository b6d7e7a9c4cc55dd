import { setImmediate as nextTick } from 'node:timers/promises';
import type { Locale } from '../../contracts/message.js';
import { LOCALES } from '../../contracts/message.js';
import type { SearchRequest } from '../../contracts/retriever.js';
import type { Clock } from '../../contracts/runtime.js';
import type { DocumentStore, IndexedDocument, StoredChunk } from '../../contracts/stores.js';
import { Bm25Builder, type Bm25Index } from './bm25-index.js';
import type { Analyzer } from './text/analyzer.js';
import { guessLanguage } from './text/guess-language.js';
import { VectorScan } from './vector-scan.js';

/** A chunk as returned by the index. */
export interface IndexedChunk {
  readonly id: string;
  /** With its headings. */
  readonly text: string;
  readonly document: IndexedDocument;
}

/** Everything needed to search one tenant's documents; immutable. */
export interface TenantIndex {
  readonly chunks: readonly IndexedChunk[];
  readonly keywords: Bm25Index;
  /** `undefined` if no chunk has a vector of the current model. */
  readonly vectors: VectorScan | undefined;
  /** Languages of the chunks. */
  readonly languages: readonly Locale[];
}

export interface TenantIndexOptions {
  readonly analyzer: Analyzer;
  readonly clock: Clock;
  readonly model: { readonly id: string; readonly dimensions: number } | undefined;
  readonly maximumTopK: number;
}

/** Longest slice of a build that blocks everything else, in ms. */
const SLICE_MS = 8;

/** Reads and indexes all live chunks, in slices, so that conversations continue meanwhile. */
export async function buildTenantIndex(
  documents: DocumentStore,
  options: TenantIndexOptions,
): Promise<TenantIndex> {
  const { analyzer, clock, model } = options;
  const builder = new Bm25Builder();
  const chunks: IndexedChunk[] = [];
  const languages = new Set<Locale>();
  const vectorIds: number[] = [];
  const vectors: Float32Array[] = [];
  let sliceStart = clock.monotonicMs();
  for await (const chunk of documents.allChunks()) {
    const text = withHeadings(chunk);
    const language = chunk.document.locale ?? guessLanguage(text);
    languages.add(language);
    builder.add({
      terms: analyzer.terms(chunk.text, language),
      boosted: analyzer.terms([chunk.document.title, ...chunk.headings].join('\n'), language),
    });
    if (model !== undefined && hasVectorOf(model, chunk)) {
      vectorIds.push(chunks.length);
      vectors.push(chunk.vector.values);
    }
    chunks.push({ id: chunk.id, text, document: chunk.document });
    if (clock.monotonicMs() - sliceStart > SLICE_MS) {
      await nextTick();
      sliceStart = clock.monotonicMs();
    }
  }
  return {
    chunks,
    keywords: builder.finish(),
    vectors:
      model === undefined || vectors.length === 0
        ? undefined
        : new VectorScan(model.dimensions, Uint32Array.from(vectorIds), vectors, options.maximumTopK),
    languages: LOCALES.filter((locale) => languages.has(locale)),
  };
}

/** The text as displayed, under its headings. */
export function withHeadings(chunk: Pick<StoredChunk, 'headings' | 'text'>): string {
  const headings = chunk.headings.map((heading, depth) => `${'#'.repeat(depth + 1)} ${heading}`);
  return [...headings, chunk.text].join('\n');
}

function hasVectorOf(
  model: { readonly id: string; readonly dimensions: number },
  chunk: StoredChunk,
): chunk is StoredChunk & { readonly vector: NonNullable<StoredChunk['vector']> } {
  return chunk.vector?.modelId === model.id && chunk.vector.values.length === model.dimensions;
}

/** 1 for each chunk that passes the filter; `undefined` if all do. */
export function allowedChunks(index: TenantIndex, filter: SearchRequest['filter']): Uint8Array | undefined {
  if (filter === undefined) return undefined;
  const { locale, documentIds, metadata } = filter;
  if (locale === undefined && documentIds === undefined && metadata === undefined) return undefined;
  const ids = documentIds === undefined ? undefined : new Set(documentIds);
  const conditions = Object.entries(metadata ?? {});
  return Uint8Array.from(index.chunks, ({ document }) =>
    (locale === undefined || document.locale === locale) &&
    (ids === undefined || ids.has(document.id)) &&
    conditions.every(
      ([key, value]) => Object.hasOwn(document.metadata, key) && document.metadata[key] === value,
    )
      ? 1
      : 0,
  );
}
