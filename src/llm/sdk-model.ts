import type { LanguageModel, ModelError, ModelRequest, ModelStreamPart } from '../contracts/model.js';
import type { RemoteModelOptions } from './config.js';
import { aborted } from './model-failure.js';

/** What differs between the vendors' SDKs. */
export interface Sdk<Client> {
  /** Loads the SDK on first use, to save start-up time and idle memory. */
  load(): Promise<Client>;
  call(client: Client, request: ModelRequest, signal: AbortSignal): AsyncIterable<ModelStreamPart>;
  toError(error: unknown): ModelError;
  mostOutputTokens?(request: ModelRequest): number;
}

/** A model behind a vendor's SDK, with one client that is created on first use. */
export function createSdkModel<Client>(options: RemoteModelOptions, sdk: Sdk<Client>): LanguageModel {
  const { provider, model, contextTokens, tools, images, pdfs } = options;
  let client: Promise<Client> | undefined;

  async function* stream(request: ModelRequest, signal: AbortSignal): AsyncGenerator<ModelStreamPart> {
    try {
      const loaded = await (client ??= sdk.load());
      signal.throwIfAborted();
      yield* sdk.call(loaded, request, signal);
    } catch (error) {
      throw signal.aborted ? aborted(provider) : sdk.toError(error);
    }
  }

  return {
    provider,
    model,
    capabilities: { tools, images, pdfs, contextTokens, groundedOnly: false },
    ...(sdk.mostOutputTokens === undefined ? {} : { mostOutputTokens: sdk.mostOutputTokens }),
    stream,
  };
}
