import type Anthropic from '@anthropic-ai/sdk';
import type { LanguageModel } from '../../contracts/model.js';
import type { Clock, Fetch } from '../../contracts/runtime.js';
import { SDK_TIMEOUT_MS, type RemoteModelOptions } from '../config.js';
import { createSdkModel } from '../sdk-model.js';
import { toAnthropicError } from './errors.js';
import { mostOutputTokens, toMessagesRequest } from './request.js';
import { fromMessageEvents } from './stream.js';

const DEFAULT_BASE_URL = 'https://api.anthropic.com';

/** An Anthropic model, called through the Messages API. */
export function createAnthropicModel(
  options: RemoteModelOptions,
  { fetch, clock }: { readonly fetch: Fetch; readonly clock: Clock },
): LanguageModel {
  const { provider, model } = options;
  return createSdkModel<Anthropic>(options, {
    mostOutputTokens: (request) => mostOutputTokens(model, request),
    async load() {
      const { Anthropic: Client } = await import('@anthropic-ai/sdk');
      return new Client({
        apiKey: options.apiKey,
        // Set explicitly, so that the SDK does not read it from the environment.
        authToken: null,
        baseURL: options.baseUrl ?? DEFAULT_BASE_URL,
        maxRetries: 0,
        timeout: SDK_TIMEOUT_MS,
        logLevel: 'off',
        fetch,
      });
    },
    async *call(client, request, signal) {
      const body = toMessagesRequest(model, request);
      yield* fromMessageEvents(provider, model, await client.messages.create(body, { signal }));
    },
    toError: (error) => toAnthropicError(provider, error, clock.now()),
  });
}
