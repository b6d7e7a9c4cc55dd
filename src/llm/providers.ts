import type { LanguageModel } from '../contracts/model.js';
import type { Clock, Fetch } from '../contracts/runtime.js';
import { createAnthropicModel } from './anthropic/index.js';
import { createAskedModel } from './asked-model.js';
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
export const NO_KEY = 'none';

/** Of models that are in no list. */
const OTHER_CONTEXT_TOKENS = 32_000;

/** All providers, in the order an unset chain takes them. */
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
    create: (model) => (model === undefined ? createAskedModel(options, make) : make(model)),
  };
}

/**
 * OpenAI's own models that think are called by the API that keeps their thoughts. What imitates
 * OpenAI seldom has it, so there it takes the operator's word.
 */
function apiOf(model: string, { openai, models = [] }: LlmConfig): OpenAiApi {
  const statedApi = factsIn(models, 'openai', model)?.api;
  if (statedApi !== undefined) return statedApi;
  return dialectOf(openai) === 'own' && isReasoningModel(model) ? 'responses' : 'chat';
}

/** Behind another base URL may be anything that imitates OpenAI, unless it is OpenAI's own host. */
function dialectOf(access: VendorAccess | undefined): 'own' | 'compatible' {
  const { baseUrl = '' } = access ?? {};
  return baseUrl === '' || /^https:\/\/[\w.-]*openai\.com\//u.test(baseUrl) ? 'own' : 'compatible';
}
