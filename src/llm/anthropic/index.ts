import type Anthropic from '@anthropic-ai/sdk';
import type { LanguageModel, ModelRequest, ModelStreamPart } from '../../contracts/model.js';
import type { Clock, Fetch } from '../../contracts/runtime.js';
import { SDK_TIMEOUT_MS, type RemoteModelOptions } from '../config.js';
import { aborted } from '../model-failure.js';
import { toAnthropicError } from './errors.js';
import { toMessagesRequest } from './request.js';
import { fromMessageEvents } from './stream.js';

const DEFAULT_BASE_URL = 'https://api.anthropic.com';

/** A model of Anthropic, through the Messages API. */
export function createAnthropicModel(
  options: RemoteModelOptions,
  { fetch, clock }: { readonly fetch: Fetch; readonly clock: Clock },
): LanguageModel {
  const { provider, model, contextTokens, tools, images } = options;
  let client: Promise<Anthropic> | undefined;
  const connect = async (): Promise<Anthropic> => {
    // Loaded on first use: start time and idle memory count.
    const { Anthropic: Client } = await import('@anthropic-ai/sdk');
    return new Client({
      apiKey: options.apiKey,
      // Named, so that the SDK does not look for it in the environment.
      authToken: null,
      baseURL: options.baseUrl ?? DEFAULT_BASE_URL,
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
      const events = await sdk.messages.create(toMessagesRequest(model, request), { signal });
      yield* fromMessageEvents(provider, events);
    } catch (error) {
      throw signal.aborted ? aborted(provider) : toAnthropicError(provider, error, clock.now());
    }
  }

  return { provider, model, capabilities: { tools, images, contextTokens, groundedOnly: false }, stream };
}
