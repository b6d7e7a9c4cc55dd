import type { GenerativeModel } from '@google/generative-ai';
import type { LanguageModel, ModelRequest, ModelStreamPart } from '../../contracts/model.js';
import type { RemoteModelOptions } from '../config.js';
import { createSdkModel } from '../sdk-model.js';
import { loadGemini } from './client.js';
import { toGeminiError } from './errors.js';
import { mostOutputTokens, toGenerateRequest } from './request.js';
import { fromGenerateChunks } from './stream.js';

/** A Google model, called through the Gemini API. Takes no `fetch`: this SDK calls the global one. */
export function createGeminiModel(options: RemoteModelOptions): LanguageModel {
  const { provider, model } = options;
  return createSdkModel<GenerativeModel>(options, {
    mostOutputTokens: (request) => mostOutputTokens(model, request),
    load: () => loadGemini(options),
    call: (client, request, signal) => generate(client, options, request, signal),
    toError: (error) => toGeminiError(provider, error),
  });
}

/**
 * The SDK never removes its listener from the signal and reads the response twice, so only aborting our own
 * controller closes the connection when the consumer stops early.
 */
async function* generate(
  client: GenerativeModel,
  { provider, model }: RemoteModelOptions,
  request: ModelRequest,
  signal: AbortSignal,
): AsyncGenerator<ModelStreamPart> {
  const connection = new AbortController();
  const onAbort = (): void => connection.abort();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    const result = await client.generateContentStream(toGenerateRequest(model, request), {
      signal: connection.signal,
    });
    // Also rejects if the stream is cut, and nothing else handles it.
    result.response.catch(() => undefined);
    yield* fromGenerateChunks(provider, model, String(request.messages.length), result.stream);
  } finally {
    signal.removeEventListener('abort', onAbort);
    connection.abort();
  }
}
