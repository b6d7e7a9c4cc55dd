import type OpenAI from 'openai';
import type { LanguageModel, ModelRequest, ModelStreamPart } from '../../contracts/model.js';
import type { Clock, Fetch } from '../../contracts/runtime.js';
import { SDK_TIMEOUT_MS, type RemoteModelOptions } from '../config.js';
import { aborted } from '../model-failure.js';
import { toOpenAiError } from './errors.js';
import { toChatRequest, type OpenAiDialect } from './request.js';
import { fromChatChunks } from './stream.js';

const DEFAULT_BASE_URL = 'https://api.openai.com/v1';

/** A model of OpenAI, or of any server with the same Chat Completions API. */
export function createOpenAiModel(
  options: RemoteModelOptions & { readonly dialect: OpenAiDialect },
  { fetch, clock }: { readonly fetch: Fetch; readonly clock: Clock },
): LanguageModel {
  const { provider, model, contextTokens, tools, images } = options;
  let client: Promise<OpenAI> | undefined;
  const connect = async (): Promise<OpenAI> => {
    // Loaded on first use: start time and idle memory count.
    const { OpenAI: Client } = await import('openai');
    return new Client({
      apiKey: options.apiKey,
      baseURL: options.baseUrl ?? DEFAULT_BASE_URL,
      // Named, so that the SDK does not look for them in the environment.
      organization: null,
      project: null,
      adminAPIKey: null,
      maxRetries: 0,
      timeout: SDK_TIMEOUT_MS,
      logLevel: 'off',
      fetch,
    });
  };

  async function* stream(request: ModelRequest, signal: AbortSignal): AsyncGenerator<ModelStreamPart> {
    try {
      signal.throwIfAborted();
      const sdk = await (client ??= connect());
      const chunks = await sdk.chat.completions.create(toChatRequest(model, request, options.dialect), {
        signal,
      });
      yield* fromChatChunks(provider, chunks);
    } catch (error) {
      throw signal.aborted ? aborted(provider) : toOpenAiError(provider, error, clock.now());
    }
  }

  return { provider, model, capabilities: { tools, images, contextTokens, groundedOnly: false }, stream };
}
