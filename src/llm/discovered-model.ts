import {
  ModelError,
  type LanguageModel,
  type ModelRequest,
  type ModelStreamPart,
} from '../contracts/model.js';
import type { Fetch } from '../contracts/runtime.js';
import { field, modelFailure, textField, unreachable } from './model-failure.js';

export interface DiscoveredModelOptions {
  readonly provider: string;
  readonly apiKey: string;
  readonly baseUrl: string;
  readonly contextTokens: number;
  readonly tools: boolean;
  readonly images: boolean;
  readonly pdfs: boolean;
  readonly fetch: Fetch;
}

/** The name shown until the server was asked. */
const UNKNOWN_MODEL = 'first';
/** Servers list embedding, ranking and speech models next to those that write text. */
const WRITES_NOTHING = /embed|rerank|whisper|\bbge\b|\be5\b|minilm|tts|moderation/iu;

/**
 * The model of a server for which the settings name none: the server is asked before the first call, and
 * again after it rejected a request, since the model may be gone.
 */
export function createDiscoveredModel(
  options: DiscoveredModelOptions,
  make: (model: string) => LanguageModel,
): LanguageModel {
  const { provider, contextTokens, tools, images, pdfs } = options;
  let current: LanguageModel | undefined;

  async function* stream(request: ModelRequest, signal: AbortSignal): AsyncGenerator<ModelStreamPart> {
    current ??= make(await firstModel(options, signal));
    try {
      yield* current.stream(request, signal);
    } catch (error) {
      if (error instanceof ModelError && error.kind === 'invalid-request') current = undefined;
      throw error;
    }
  }

  return {
    provider,
    get model() {
      return current?.model ?? UNKNOWN_MODEL;
    },
    capabilities: { tools, images, pdfs, contextTokens, groundedOnly: false },
    mostOutputTokens: (request) => current?.mostOutputTokens?.(request) ?? request.maxOutputTokens,
    stream,
  };
}

/** The first model in the server's list that writes text. */
async function firstModel(options: DiscoveredModelOptions, signal: AbortSignal): Promise<string> {
  const { provider } = options;
  const names = await listModels(options, signal);
  const [first] = names.filter((name) => !WRITES_NOTHING.test(name));
  if (first !== undefined) return first;
  const reason = names.length === 0 ? 'the server has no model' : 'the server has no model that writes text';
  throw new ModelError('invalid-request', provider, `${provider}: ${reason}`);
}

/** Returns the names that `GET /models` of an OpenAI-compatible server lists. Throws `ModelError`. */
async function listModels(
  {
    provider,
    baseUrl,
    apiKey,
    fetch,
  }: Pick<DiscoveredModelOptions, 'provider' | 'baseUrl' | 'apiKey' | 'fetch'>,
  signal: AbortSignal,
): Promise<readonly string[]> {
  let body: unknown;
  try {
    const response = await fetch(`${baseUrl}/models`, {
      headers: { authorization: `Bearer ${apiKey}`, accept: 'application/json' },
      signal,
    });
    body = await response.json().catch(() => undefined);
    if (!response.ok) throw modelFailure(provider, { status: response.status, codes: [] });
  } catch (error) {
    if (error instanceof ModelError) throw error;
    if (signal.aborted) throw new ModelError('aborted', provider, `${provider}: aborted`);
    throw unreachable(provider, error);
  }
  const list = field(body, 'data') ?? field(body, 'models') ?? body;
  if (!Array.isArray(list)) return [];
  return list
    .map((each: unknown) => textField(each, 'id') || textField(each, 'name'))
    .filter((name) => name !== '');
}
