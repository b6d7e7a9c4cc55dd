import type { EmbeddingModel } from '../contracts/embedding.js';
import { EmbeddingError } from '../contracts/embedding.js';
import type { Chunk } from '../contracts/knowledge.js';
import type { Clock, Logger } from '../contracts/runtime.js';
import type { StoredChunk, TenantScope } from '../contracts/stores.js';

/** Texts per call to the model: few enough that progress moves, enough to be worth a call. */
const BATCH = 64;
/** Further attempts are made in the background, once the document can be found by its words. */
const ATTEMPTS = 2;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 2_000;

export interface EmbedChunksOptions {
  readonly scope: TenantScope;
  readonly title: string;
  readonly generation: number;
  readonly embedding: EmbeddingModel | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  /** Called after each batch with the part that is done, 0..1. */
  readonly onProgress: (part: number) => Promise<void>;
}

/**
 * Gives each chunk its vector. If the model fails, the document loses only its vectors and is found by its
 * words.
 */
export async function embedChunks(
  chunks: readonly Chunk[],
  options: EmbedChunksOptions,
): Promise<StoredChunk[]> {
  const { embedding, generation, logger, title } = options;
  const plain = (): StoredChunk[] => chunks.map((chunk) => ({ ...chunk, generation }));
  if (!embedding) return plain();
  const stored: StoredChunk[] = [];
  try {
    for (let start = 0; start < chunks.length; start += BATCH) {
      const batch = chunks.slice(start, start + BATCH);
      const vectors = await embedBatch(
        embedding,
        batch.map((chunk) => embeddedText(title, chunk)),
        options,
      );
      for (const [index, chunk] of batch.entries()) {
        const values = vectors[index];
        stored.push({
          ...chunk,
          generation,
          ...(values ? { vector: { modelId: embedding.id, values } } : {}),
        });
      }
      await options.onProgress(stored.length / chunks.length);
    }
    return stored;
  } catch (error) {
    if (!(error instanceof EmbeddingError)) throw error;
    logger.warn(
      { modelId: embedding.id, kind: error.kind, reason: error.message, chunks: chunks.length },
      'document is indexed by its words only, because the embedding model failed',
    );
    return plain();
  }
}

/** The title and headings say what a passage is about if the passage itself does not. */
export function embeddedText(title: string, chunk: Chunk): string {
  return [title, ...chunk.headings, chunk.text].join('\n');
}

async function embedBatch(
  embedding: EmbeddingModel,
  texts: readonly string[],
  { scope, clock, signal }: EmbedChunksOptions,
): Promise<Float32Array[]> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await embedding.embed(texts, 'passage', signal, scope);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof EmbeddingError) || !isPassing(error) || attempt >= ATTEMPTS) throw error;
      const pause = error.options.retryAfterMs ?? FIRST_PAUSE_MS * 2 ** (attempt - 1);
      await clock.sleep(Math.min(pause, LONGEST_PAUSE_MS), signal);
    }
  }
}

function isPassing(error: EmbeddingError): boolean {
  return error.kind === 'rate-limited' || error.kind === 'unreachable';
}
