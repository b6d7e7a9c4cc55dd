import { randomInt } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import type { EmbeddingModel } from '../contracts/embedding.js';
import type { Chunk, DocumentSummary } from '../contracts/knowledge.js';
import type { Clock, Logger } from '../contracts/runtime.js';
import type { StoredDocument, TenantScope } from '../contracts/stores.js';
import { chunkSections } from './chunk/chunk-sections.js';
import { embedChunks } from './ingest-embed.js';
import type { ParsedDocument } from './parse/parsed-document.js';

/** Longest step before yielding, in ms, so that a long document does not block the process. */
const STEP_MS = 5;
const CHUNKS_PER_WRITE = 200;
/** Room for builds that start in the same millisecond. */
const BUILDS_PER_MS = 1000;

export interface IngestDependencies {
  /** Absent: documents are found by their words only. */
  readonly embedding?: EmbeddingModel | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What publishing changes besides the chunks. */
export type PublishedFields = Pick<
  StoredDocument,
  'title' | 'kind' | 'locale' | 'metadata' | 'revision' | 'contentHash'
>;

/**
 * Chunks, embeds, writes and publishes. The previous version stays live until the last step.
 * @returns the document as it is live now; `undefined` if it was removed in the meantime
 */
export async function ingestDocument(
  scope: TenantScope,
  document: StoredDocument,
  parsed: ParsedDocument,
  fields: PublishedFields,
  signal: AbortSignal,
  onProgress: (part: number) => Promise<void>,
  { embedding, clock, logger }: IngestDependencies,
): Promise<StoredDocument | undefined> {
  const generation = newGeneration(document.generation, clock);
  const chunks = await chunksOf(parsed, document.id, generation, clock);
  return publishChunks(scope, document.id, generation, chunks, fields, signal, onProgress, {
    embedding,
    clock,
    logger,
  });
}

/** Embeds, writes and publishes chunks as a new generation. */
export async function publishChunks(
  scope: TenantScope,
  documentId: string,
  generation: number,
  chunks: readonly Chunk[],
  fields: PublishedFields,
  signal: AbortSignal,
  onProgress: (part: number) => Promise<void>,
  { embedding, clock, logger }: IngestDependencies,
): Promise<StoredDocument | undefined> {
  const { documents } = scope;
  const stored = await embedChunks(chunks, {
    scope,
    title: fields.title,
    generation,
    embedding,
    clock,
    logger,
    signal,
    onProgress,
  });
  for (let start = 0; start < stored.length; start += CHUNKS_PER_WRITE) {
    signal.throwIfAborted();
    await documents.putChunks(documentId, generation, stored.slice(start, start + CHUNKS_PER_WRITE));
  }
  signal.throwIfAborted();
  const published = await documents.publish(documentId, generation, {
    ...fields,
    status: 'ready',
    progress: 1,
    chunks: stored.length,
    updatedAt: clock.now(),
  });
  // Nothing was published if the document is gone, or if a build that started later finished first.
  return published ?? documents.get(documentId);
}

/**
 * Increases with time and differs between processes, so that two builds of one document never mix their
 * chunks and the one that started later wins.
 */
export function newGeneration(live: number, clock: Clock): number {
  return Math.max(live + 1, clock.now().getTime() * BUILDS_PER_MS + randomInt(BUILDS_PER_MS));
}

async function chunksOf(
  parsed: ParsedDocument,
  documentId: string,
  generation: number,
  clock: Clock,
): Promise<Chunk[]> {
  const chunks: Chunk[] = [];
  let stepStart = clock.monotonicMs();
  for (const chunk of chunkSections(parsed.sections, { documentId, generation, kind: parsed.kind })) {
    chunks.push(chunk);
    if (clock.monotonicMs() - stepStart < STEP_MS) continue;
    await setImmediate();
    stepStart = clock.monotonicMs();
  }
  return chunks;
}

/** The document without the fields that only the store needs. */
export function summaryOf(document: StoredDocument): DocumentSummary {
  const { contentHash: _contentHash, generation: _generation, ...summary } = document;
  return summary;
}
