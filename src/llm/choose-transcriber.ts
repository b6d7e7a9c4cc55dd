import type { PriceOf } from '../contracts/model.js';
import type { Clock, Fetch } from '../contracts/runtime.js';
import type { Transcriber } from '../contracts/transcription.js';
import { parseModelSpec } from '../lib/model-spec.js';
import type { LlmConfig } from './config.js';
import { createTranscriber } from './openai/transcriber.js';
import { NO_KEY } from './providers.js';

const DEFAULT_MODEL = 'gpt-4o-mini-transcribe';

interface HearingDependencies {
  readonly fetch: Fetch;
  readonly clock: Clock;
  readonly priceOf: PriceOf;
}

/** Who writes voice messages down: as the settings say, else OpenAI where its own key is set. Throws on a wrong setting. */
export function chooseTranscriber(
  { transcription, openai, servers = [] }: LlmConfig,
  deps: HearingDependencies,
): Transcriber | undefined {
  if (transcription === 'none') return undefined;
  if (transcription === undefined) {
    const isOwn = (openai?.apiKey ?? '') !== '' && (openai?.baseUrl ?? '') === '';
    return isOwn ? priced({ provider: 'openai', model: DEFAULT_MODEL, ...openai }, deps) : undefined;
  }
  const { provider, model } = parseModelSpec(transcription);
  const access = provider === 'openai' ? openai : servers.find(({ name }) => name === provider);
  if (access === undefined || model === undefined || model === '') {
    throw new Error(`"${transcription}" is no model of OpenAI or of a server in LLM_SERVERS`);
  }
  const { baseUrl, apiKey = '' } = access;
  return priced({ provider, model, baseUrl, apiKey: apiKey === '' ? NO_KEY : apiKey }, deps);
}

function priced(access: Parameters<typeof createTranscriber>[0], deps: HearingDependencies): Transcriber {
  const { provider, model } = access;
  return {
    ...createTranscriber(access, deps),
    priceOf: (usage) => deps.priceOf(provider, model, usage),
  };
}
