import type { LanguageModel } from '../contracts/model.js';
import type { Clock, Fetch } from '../contracts/runtime.js';
import { createAnthropicModel } from './anthropic/index.js';
import { createAskedModel } from './asked-model.js';
import type { LlmConfig, LlmServer, VendorAccess } from './config.js';
import { createExtractiveModel, type ExtractiveDependencies } from './extractive/index.js';
import { createGeminiModel } from './gemini/index.js';
import { createOpenAiModel } from './openai/index.js';

export interface ProviderDependencies {
  readonly fetch: Fetch;
  readonly clock: Clock;
  readonly extractive: ExtractiveDependencies;
}

/** One name that a chain may use before the colon. */
export interface Provider {
  readonly name: string;
  /** The settings give access to it. */
  readonly isConfigured: boolean;
  /** The setting that is missing otherwise. */
  readonly needs: string;
  /** `undefined`: the server is asked which it has. */
  readonly defaultModel: string | undefined;
  create(model: string | undefined): LanguageModel;
}

/** Cautious, because an own server is often started with a small window, tokens. */
const SERVER_CONTEXT_TOKENS = 8192;
/** Servers without a key still want the header to be there. */
const NO_KEY = 'none';

/** Windows of the vendors' models, tokens; the first match counts. */
const CONTEXT_TOKENS: readonly (readonly [model: RegExp, tokens: number])[] = [
  [/^gpt-4\.1/u, 1_000_000],
  [/^gpt-4o|^gpt-4-turbo/u, 128_000],
  [/^gpt-4/u, 8192],
  [/^gpt-3\.5/u, 16_000],
  [/^gpt-5.*chat/u, 128_000],
  [/^gpt-|^o\d/u, 200_000],
  [/^claude-/u, 200_000],
  [/^gemini-/u, 1_000_000],
];
const OTHER_CONTEXT_TOKENS = 32_000;

/** All providers, in the order an unset chain takes them. */
export function listProviders(config: LlmConfig, dependencies: ProviderDependencies): readonly Provider[] {
  return [
    vendor('openai', 'OPENAI_API_KEY', 'gpt-5-mini', config.openai, (options) =>
      createOpenAiModel({ ...options, dialect: dialectOf(config.openai) }, dependencies),
    ),
    vendor('anthropic', 'ANTHROPIC_API_KEY', 'claude-haiku-4-5', config.anthropic, (options) =>
      createAnthropicModel(options, dependencies),
    ),
    vendor('gemini', 'GEMINI_API_KEY', 'gemini-2.5-flash', config.gemini, createGeminiModel),
    ...(config.servers ?? []).map((server) => serverProvider(server, dependencies)),
    {
      name: 'extractive',
      isConfigured: true,
      needs: 'nothing',
      defaultModel: 'default',
      create: () => createExtractiveModel(dependencies.extractive),
    },
  ];
}

type VendorModelOptions = Parameters<typeof createAnthropicModel>[0];

function vendor(
  name: string,
  keySetting: string,
  defaultModel: string,
  access: VendorAccess | undefined,
  create: (options: VendorModelOptions) => LanguageModel,
): Provider {
  const { apiKey = '', baseUrl = '' } = access ?? {};
  return {
    name,
    isConfigured: apiKey !== '' || baseUrl !== '',
    needs: keySetting,
    defaultModel,
    create: (model = defaultModel) =>
      create({
        provider: name,
        model,
        apiKey: apiKey === '' ? NO_KEY : apiKey,
        baseUrl: baseUrl === '' ? undefined : baseUrl,
        contextTokens: contextTokens(model),
        tools: true,
        images: true,
      }),
  };
}

function serverProvider(server: LlmServer, dependencies: ProviderDependencies): Provider {
  const options = {
    provider: server.name,
    apiKey: server.apiKey === undefined || server.apiKey === '' ? NO_KEY : server.apiKey,
    baseUrl: server.baseUrl,
    contextTokens: server.contextTokens ?? SERVER_CONTEXT_TOKENS,
    tools: server.tools ?? true,
    images: server.images ?? false,
    fetch: dependencies.fetch,
  };
  const make = (model: string): LanguageModel =>
    createOpenAiModel({ ...options, model, dialect: 'compatible' }, dependencies);
  return {
    name: server.name,
    isConfigured: true,
    needs: 'LLM_SERVERS',
    defaultModel: server.model,
    create: (model) => (model === undefined ? createAskedModel(options, make) : make(model)),
  };
}

/** Behind another base URL may be anything that imitates OpenAI, unless it is OpenAI's own host. */
function dialectOf(access: VendorAccess | undefined): 'own' | 'compatible' {
  const { baseUrl = '' } = access ?? {};
  return baseUrl === '' || /^https:\/\/[\w.-]*openai\.com\//u.test(baseUrl) ? 'own' : 'compatible';
}

function contextTokens(model: string): number {
  return CONTEXT_TOKENS.find(([pattern]) => pattern.test(model))?.[1] ?? OTHER_CONTEXT_TOKENS;
}
