import type OpenAI from 'openai';
import type { LanguageModel } from '../../contracts/model.js';
import type { Clock, Fetch } from '../../contracts/runtime.js';
import type { RemoteModelOptions } from '../config.js';
import { createSdkModel } from '../sdk-model.js';
import { createOpenAiClient } from './client.js';
import { toOpenAiError } from './errors.js';
import { mostOutputTokens, toChatRequest, type OpenAiDialect } from './request.js';
import { ThoughtFilter } from '../thought-filter.js';
import type { OpenAiApi } from '../known-models.js';
import { toResponsesRequest } from './responses-request.js';
import { fromResponseEvents } from './responses-stream.js';
import { fromChatChunks } from './stream.js';

/** Open models whose chat template often swallows the tag that opens their first thought. */
const THINKS_ALOUD = /deepseek-r\d|\bqwq|qwen3|magistral|thinking|reason(?:er|ing)/iu;

export interface OpenAiModelOptions extends RemoteModelOptions {
  readonly dialect: OpenAiDialect;
  /** The API to call it through; absent: `chat`. */
  readonly api?: OpenAiApi | undefined;
}

/** A model of OpenAI, or of any server with the same Chat Completions or Responses API. */
export function createOpenAiModel(
  options: OpenAiModelOptions,
  { fetch, clock }: { readonly fetch: Fetch; readonly clock: Clock },
): LanguageModel {
  const { provider, model, dialect } = options;
  // Also set by the first answer that began in the middle of a thought.
  let beginsInThought = dialect === 'compatible' && THINKS_ALOUD.test(model);
  return createSdkModel<OpenAI>(options, {
    mostOutputTokens: (request) => mostOutputTokens(model, request),
    load: () => createOpenAiClient(options, fetch),
    async *call(client, request, signal) {
      if (options.api === 'responses') {
        const events = await client.responses.create(toResponsesRequest(model, request), { signal });
        yield* fromResponseEvents(provider, model, events);
        return;
      }
      const body = toChatRequest(model, request, dialect);
      const chunks = await client.chat.completions.create(body, { signal });
      const thoughts = new ThoughtFilter(beginsInThought);
      try {
        yield* fromChatChunks({ provider, idPrefix: String(request.messages.length), thoughts }, chunks);
      } finally {
        beginsInThought ||= thoughts.beganInside;
      }
    },
    toError: (error) => toOpenAiError(provider, error, clock.now()),
  });
}
