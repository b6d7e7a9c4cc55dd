import type { GenerativeModel, TaskType } from '@google/generative-ai';
import { EmbeddingError } from '../../../contracts/embedding.js';
import type { EmbeddingModel } from '../../../contracts/embedding.js';
import { abortReason } from '../../../lib/time/clock.js';
import { embedBatches } from '../embed-batches.js';
import { payFor, type EmbeddingAnswer, type EmbeddingBilling } from '../paid-call.js';
import { serviceError } from '../service-error.js';

export interface GeminiEmbeddingOptions {
  readonly apiKey: string;
  readonly baseUrl?: string;
  readonly modelName: string;
  readonly dimensions?: number;
  /** Absent: usage is neither recorded nor charged. */
  readonly billing?: EmbeddingBilling;
}

/** Vector lengths from Google's model list. */
const DIMENSIONS: Readonly<Record<string, number>> = {
  'gemini-embedding-001': 3072,
  'text-embedding-004': 768,
  'embedding-001': 768,
};
/** A batch request may contain 100 texts. */
const BATCH = { texts: 100, chars: 250_000 } as const;
const TIMEOUT_MS = 60_000;

/** @throws EmbeddingError `not-installed` if the vector length of the model is unknown */
export function createGeminiEmbedding(options: GeminiEmbeddingOptions): EmbeddingModel {
  const { modelName } = options;
  const dimensions = options.dimensions ?? DIMENSIONS[modelName];
  if (dimensions === undefined) {
    throw new EmbeddingError('not-installed', `The length of the vectors of ${modelName} is not known.`);
  }
  let opening: Promise<GenerativeModel> | undefined;
  return {
    id: `gemini:${modelName}:${dimensions}`,
    dimensions,
    async embed(texts, purpose, signal, scope) {
      signal.throwIfAborted();
      opening ??= openModel(options);
      const model = await opening;
      const { TaskType: types } = await import('@google/generative-ai');
      const taskType = purpose === 'query' ? types.RETRIEVAL_QUERY : types.RETRIEVAL_DOCUMENT;
      return embedBatches(texts, BATCH, dimensions, (batch) => {
        const send = (): Promise<EmbeddingAnswer> => requestVectors(model, batch, taskType, signal);
        return payFor({ provider: 'gemini', model: modelName, texts: batch, send }, options.billing, scope);
      });
    },
    close: () => Promise.resolve(),
  };
}

async function requestVectors(
  model: GenerativeModel,
  texts: readonly string[],
  taskType: TaskType,
  signal: AbortSignal,
): Promise<EmbeddingAnswer> {
  const requests = texts.map((text) => ({ content: { role: 'user', parts: [{ text }] }, taskType }));
  try {
    const { embeddings } = await model.batchEmbedContents({ requests }, { signal });
    return { rows: embeddings.map(({ values }) => values) };
  } catch (cause) {
    throw await mapped(cause, signal);
  }
}

async function openModel({ apiKey, baseUrl, modelName }: GeminiEmbeddingOptions): Promise<GenerativeModel> {
  const { GoogleGenerativeAI } = await import('@google/generative-ai');
  return new GoogleGenerativeAI(apiKey).getGenerativeModel(
    { model: modelName },
    { timeout: TIMEOUT_MS, ...(baseUrl === undefined ? {} : { baseUrl }) },
  );
}

async function mapped(cause: unknown, signal: AbortSignal): Promise<Error> {
  if (signal.aborted) return abortReason(signal);
  const { GoogleGenerativeAIFetchError } = await import('@google/generative-ai');
  const status = cause instanceof GoogleGenerativeAIFetchError ? cause.status : undefined;
  return serviceError({ service: 'Gemini', status, cause });
}
