import type { PriceOf } from '../contracts/model.js';
import type { Clock, Fetch } from '../contracts/runtime.js';
import type { Transcriber } from '../contracts/transcription.js';
import { parseModelSpec } from '../lib/model-spec.js';
import type { LlmConfig, VendorAccess } from './config.js';
import { asTokens, createGeminiTranscriber } from './gemini/transcriber.js';
import { createTranscriber } from './openai/transcriber.js';
import { NO_KEY } from './providers.js';

/** Default models by vendor; the first vendor whose own key is set is used. */
const DEFAULTS = [
  { provider: 'openai', model: 'gpt-4o-mini-transcribe' },
  { provider: 'gemini', model: 'gemini-3.5-flash-lite' },
] as const;

interface HearingDependencies {
  readonly fetch: Fetch;
  readonly clock: Clock;
  readonly priceOf: PriceOf;
}

/**
 * Chooses what transcribes voice messages: as configured, or else a vendor whose own key is set. Throws if
 * the setting is wrong.
 */
export function chooseTranscriber(config: LlmConfig, deps: HearingDependencies): Transcriber | undefined {
  const { transcription } = config;
  if (transcription === 'none') return undefined;
  if (transcription === undefined) {
    const choice = DEFAULTS.find(({ provider }) => isOwn(config[provider]));
    return choice && open({ ...choice, ...config[choice.provider] }, deps);
  }
  const { provider, model } = parseModelSpec(transcription);
  const access = accessTo(provider, config);
  if (access === undefined || model === undefined || model === '') {
    throw new Error(`"${transcription}" is no model of OpenAI, Gemini or of a server in LLM_SERVERS`);
  }
  const { baseUrl, apiKey = '' } = access;
  return open({ provider, model, baseUrl, apiKey: apiKey === '' ? NO_KEY : apiKey }, deps);
}

/** Behind another base URL may be a server that cannot transcribe. */
function isOwn(access: VendorAccess | undefined): boolean {
  return (access?.apiKey ?? '') !== '' && (access?.baseUrl ?? '') === '';
}

function accessTo(provider: string, { openai, gemini, servers = [] }: LlmConfig): VendorAccess | undefined {
  if (provider === 'openai') return openai;
  return provider === 'gemini' ? gemini : servers.find(({ name }) => name === provider);
}

function open(access: Parameters<typeof createTranscriber>[0], deps: HearingDependencies): Transcriber {
  const { provider, model } = access;
  if (provider === 'gemini') {
    const priceOf: Transcriber['priceOf'] = (usage) => deps.priceOf(provider, model, asTokens(usage));
    return { ...createGeminiTranscriber(access), priceOf };
  }
  return {
    ...createTranscriber(access, deps),
    priceOf: (usage) => deps.priceOf(provider, model, usage),
  };
}
