import type { PriceOf } from '../contracts/model.js';
import type { Clock, Fetch } from '../contracts/runtime.js';
import type { Transcriber } from '../contracts/transcription.js';
import { parseModelSpec } from '../lib/model-spec.js';
import type { LlmConfig, VendorAccess } from './config.js';
import { asTokens, createGeminiTranscriber } from './gemini/transcriber.js';
import { createTranscriber } from './openai/transcriber.js';
import { NO_KEY } from './providers.js';

/** By the vendor whose own key is set; the first that has one hears. */
const DEFAULTS = [
  { provider: 'openai', model: 'gpt-4o-mini-transcribe' },
  { provider: 'gemini', model: 'gemini-3.5-flash-lite' },
] as const;

interface HearingDependencies {
  readonly fetch: Fetch;
  readonly clock: Clock;
  readonly priceOf: PriceOf;
}

/** Who writes voice messages down: as the settings say, else a vendor whose own key is set. Throws on a wrong setting. */
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

/** What stands behind another base URL need not hear. */
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
