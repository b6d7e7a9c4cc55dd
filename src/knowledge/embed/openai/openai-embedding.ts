import type OpenAI from 'openai';
import { EmbeddingError } from '../../../contracts/embedding.js';
import type { EmbeddingModel } from '../../../contracts/embedding.js';
import type { Clock, Fetch } from '../../../contracts/runtime.js';
import { abortReason } from '../../../lib/time/clock.js';
import { embedBatches } from '../embed-batches.js';
import { payFor, type EmbeddingAnswer, type EmbeddingBilling } from '../paid-call.js';
import { retryAfterMs } from '../../../lib/net/retry-after.js';
import { serviceError } from '../service-error.js';

export interface OpenAiEmbeddingOptions {
  readonly apiKey: string;
  /** Address of any server that offers the same interface. */
  readonly baseUrl?: string;
  readonly modelName: string;
  /** Required for models that are not OpenAI's own. */
  readonly dimensions?: number;
  readonly fetch: Fetch;
  readonly clock: Clock;
  /** Absent: usage is neither recorded nor charged. */
  readonly billing?: EmbeddingBilling;
}

/** Vector lengths from OpenAI's model list. */
const DIMENSIONS: Readonly<Record<string, number>> = {
  'text-embedding-3-small': 1536,
  'text-embedding-3-large': 3072,
  'text-embedding-ada-002': 1536,
};
/** A request may contain 2,048 texts and 300,000 tokens; a character is at most about one token. */
const BATCH = { texts: 512, chars: 250_000 } as const;
const TIMEOUT_MS = 60_000;

/** @throws EmbeddingError `not-installed` if the vector length of the model is unknown */
export function createOpenAiEmbedding(options: OpenAiEmbeddingOptions): EmbeddingModel {
  const { modelName } = options;
  const dimensions = options.dimensions ?? DIMENSIONS[modelName];
  if (dimensions === undefined) {
    throw new EmbeddingError('not-installed', `The length of the vectors of ${modelName} is not known.`);
  }
  let client: Promise<OpenAI> | undefined;
  return {
    id: `openai:${modelName}:${dimensions}`,
    dimensions,
    async embed(texts, _purpose, signal, scope) {
      signal.throwIfAborted();
      client ??= openClient(options);
      const { embeddings } = await client;
      return embedBatches(texts, BATCH, dimensions, (batch) => {
        const send = (): Promise<EmbeddingAnswer> => requestVectors(embeddings, batch, signal, options);
        return payFor({ provider: 'openai', model: modelName, texts: batch, send }, options.billing, scope);
      });
    },
    close: () => Promise.resolve(),
  };
}

async function requestVectors(
  embeddings: OpenAI['embeddings'],
  texts: readonly string[],
  signal: AbortSignal,
  { modelName, clock }: OpenAiEmbeddingOptions,
): Promise<EmbeddingAnswer> {
  try {
    // Not every compatible server understands base64, the SDK's default.
    const { data, usage } = await embeddings.create(
      { model: modelName, input: [...texts], encoding_format: 'float' },
      { signal },
    );
    const rows = [...data].sort((a, b) => a.index - b.index).map((item) => item.embedding);
    return { rows, inputTokens: tokensIn(usage) };
  } catch (cause) {
    throw await mapped(cause, signal, clock);
  }
}

/** Servers that imitate OpenAI may report no usage. */
function tokensIn(usage: Partial<OpenAI.CreateEmbeddingResponse.Usage> | undefined): number | undefined {
  const tokens = usage?.prompt_tokens;
  return typeof tokens === 'number' && tokens > 0 ? Math.floor(tokens) : undefined;
}

/** No retries here: the caller retries, because it knows how long it may wait. */
async function openClient({ apiKey, baseUrl, fetch }: OpenAiEmbeddingOptions): Promise<OpenAI> {
  const { default: Client } = await import('openai');
  return new Client({ apiKey, baseURL: baseUrl ?? null, fetch, maxRetries: 0, timeout: TIMEOUT_MS });
}

async function mapped(cause: unknown, signal: AbortSignal, clock: Clock): Promise<Error> {
  if (signal.aborted) return abortReason(signal);
  const { APIError } = await import('openai');
  if (!(cause instanceof APIError)) return serviceError({ service: 'OpenAI', status: undefined, cause });
  const headers: unknown = cause.headers;
  return serviceError({
    service: 'OpenAI',
    status: typeof cause.status === 'number' ? cause.status : undefined,
    retryAfterMs: retryAfterMs(headers, clock.now()),
    cause,
  });
}
