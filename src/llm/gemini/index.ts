import type { GenerativeModel } from '@google/generative-ai';
import type { LanguageModel, ModelRequest, ModelStreamPart } from '../../contracts/model.js';
import type { RemoteModelOptions } from '../config.js';
import { aborted } from '../model-failure.js';
import { toGeminiError } from './errors.js';
import { toGenerateRequest } from './request.js';
import { fromGenerateChunks } from './stream.js';

/**
 * A model of Google, through the Gemini API. Takes no `fetch`: this SDK calls the global one.
 */
export function createGeminiModel(options: RemoteModelOptions): LanguageModel {
  const { provider, model, contextTokens, tools, images } = options;
  let client: Promise<GenerativeModel> | undefined;
  const connect = async (): Promise<GenerativeModel> => {
    // Loaded on first use: start time and idle memory count.
    const { GoogleGenerativeAI } = await import('@google/generative-ai');
    return new GoogleGenerativeAI(options.apiKey).getGenerativeModel(
      { model },
      options.baseUrl === undefined ? {} : { baseUrl: options.baseUrl },
    );
  };

  async function* stream(request: ModelRequest, signal: AbortSignal): AsyncGenerator<ModelStreamPart> {
    // The SDK listens to the signal for ever and reads the answer twice: only an abort of our
    // own closes the connection when the reader stops early.
    const connection = new AbortController();
    const onAbort = (): void => connection.abort();
    try {
      signal.throwIfAborted();
      signal.addEventListener('abort', onAbort, { once: true });
      const sdk = await (client ??= connect());
      const result = await sdk.generateContentStream(toGenerateRequest(model, request), {
        signal: connection.signal,
      });
      // Rejects as well when the stream is cut, and nobody else listens to it.
      result.response.catch(() => undefined);
      yield* fromGenerateChunks(provider, String(request.messages.length), result.stream);
    } catch (error) {
      throw signal.aborted ? aborted(provider) : toGeminiError(provider, error);
    } finally {
      signal.removeEventListener('abort', onAbort);
      connection.abort();
    }
  }

  return { provider, model, capabilities: { tools, images, contextTokens, groundedOnly: false }, stream };
}
