import type { LanguageModel } from '../contracts/model.js';
import type { Clock, Fetch } from '../contracts/runtime.js';
import { createAnthropicModel } from './anthropic/index.js';
import { createDiscoveredModel } from './discovered-model.js';
import type { LlmConfig, LlmServer, VendorAccess } from './config.js';
import { createExtractiveModel, type ExtractiveDependencies } from './extractive/index.js';
import { factsIn, type OpenAiApi } from './known-models.js';
import type { ModelCatalogue } from './catalogue/catalogue.js';
import { createGeminiModel } from './gemini/index.js';
import { createOpenAiModel } from './openai/index.js';
import { isReasoningModel } from './openai/request.js';

export interface ProviderDependencies {
  readonly fetch: Fetch;
  readonly clock: Clock;
  readonly extractive: ExtractiveDependencies;
}

/** A provider: one of the names a chain may use before the colon. */
export interface Provider {
  readonly name: string;
  /** Whether the settings give access to it. */
  readonly isConfigured: boolean;
  /** The setting that is missing if it is not configured. */
  readonly needs: string;
  /** `undefined`: the server is asked which models it has. */
  readonly defaultModel: string | undefined;
  create(model: string | undefined): LanguageModel;
}

/** In tokens; cautious, because self-hosted servers often start with a small context window. */
const SERVER_CONTEXT_TOKENS = 8192;
/** Servers that need no key still expect the header. */
export const NO_KEY = 'none';

/** For models found in no list. */
const OTHER_CONTEXT_TOKENS = 32_000;

/** Lists all providers, in the order of the default chain. */
export function listProviders(
  config: LlmConfig,
  dependencies: ProviderDependencies,
  { factsOf }: Pick<ModelCatalogue, 'factsOf'>,
): readonly Provider[] {
  return [
    vendor('openai', 'OPENAI_API_KEY', 'gpt-5-mini', config.openai, factsOf, (options) =>
      createOpenAiModel(
        { ...options, dialect: dialectOf(config.openai), api: apiOf(options.model, config) },
        dependencies,
      ),
    ),
    vendor('anthropic', 'ANTHROPIC_API_KEY', 'claude-haiku-5-5', config.anthropic, factsOf, (options) =>
      createAnthropicModel(options, dependencies),
    ),
    vendor('gemini', 'GEMINI_API_KEY', 'gemini-3.5-flash-lite', config.gemini, factsOf, createGeminiModel),
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
  factsOf: ModelCatalogue['factsOf'],
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
        contextTokens: factsOf(name, model)?.context_tokens ?? OTHER_CONTEXT_TOKENS,
        tools: true,
        images: true,
        pdfs: true,
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
    pdfs: server.pdfs ?? false,
    fetch: dependencies.fetch,
  };
  const make = (model: string): LanguageModel =>
    createOpenAiModel({ ...options, model, dialect: 'compatible', api: server.api }, dependencies);
  return {
    name: server.name,
    isConfigured: true,
    needs: 'LLM_SERVERS',
    defaultModel: server.model,
    create: (model) => (model === undefined ? createDiscoveredModel(options, make) : make(model)),
  };
}

/**
 * OpenAI's own reasoning models are called through the API that keeps their thoughts. Compatible servers
 * seldom have it, so there the operator has to ask for it.
 */
function apiOf(model: string, { openai, models = [] }: LlmConfig): OpenAiApi {
  const statedApi = factsIn(models, 'openai', model)?.api;
  if (statedApi !== undefined) return statedApi;
  return dialectOf(openai) === 'own' && isReasoningModel(model) ? 'responses' : 'chat';
}

/** Another base URL may belong to anything that imitates OpenAI, unless the host is OpenAI's own. */
function dialectOf(access: VendorAccess | undefined): 'own' | 'compatible' {
  const { baseUrl = '' } = access ?? {};
  return baseUrl === '' || /^https:\/\/[\w.-]*openai\.com\//u.test(baseUrl) ? 'own' : 'compatible';
}
