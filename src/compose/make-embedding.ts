import { join } from 'node:path';
import type { Settings } from '../config/index.js';
import type { EmbeddingModel } from '../contracts/embedding.js';
import type { Clock, Fetch, Logger } from '../contracts/runtime.js';
import {
  createBuiltinEmbedding,
  createGeminiEmbedding,
  createLocalEmbedding,
  createOpenAiEmbedding,
  findLocalModel,
  type EmbeddingBilling,
} from '../knowledge/index.js';

const DEFAULT_NAMES = {
  openai: 'text-embedding-3-small',
  gemini: 'gemini-embedding-001',
  local: 'Xenova/multilingual-e5-small',
  builtin: 'builtin',
} as const;

/** An embedding model, with the name HTTP clients request it by. */
export interface ChosenEmbedding {
  readonly name: string;
  readonly model: EmbeddingModel;
}

interface Deps {
  readonly clock: Clock;
  readonly fetch: Fetch;
  readonly logger: Logger;
  readonly billing?: EmbeddingBilling;
}
type Choice = { readonly provider: 'openai' | 'gemini' | 'local' | 'builtin'; readonly modelName: string };

/** The embedding model the settings ask for. Throws if something it needs is missing. */
export async function makeEmbedding(settings: Settings, deps: Deps): Promise<ChosenEmbedding | undefined> {
  const choice = await choose(settings);
  return choice && { name: choice.modelName, model: await makeModel(choice, settings, deps) };
}

/**
 * Automatic choice: an installed local model, otherwise the provider whose key is set, otherwise the built-in
 * one.
 */
async function choose(settings: Settings): Promise<Choice | undefined> {
  const { EMBEDDING_PROVIDER: providerSetting, EMBEDDING_MODEL_NAME: name } = settings;
  switch (providerSetting) {
    case 'none':
      return undefined;
    case 'auto': {
      const local = await findLocalModel(
        modelsDir(settings),
        name ?? DEFAULT_NAMES.local,
        name !== undefined,
      );
      if (local !== undefined) return { provider: 'local', modelName: local };
      const { OPENAI_API_KEY, GEMINI_API_KEY } = settings;
      const provider =
        OPENAI_API_KEY !== undefined ? 'openai' : GEMINI_API_KEY !== undefined ? 'gemini' : undefined;
      if (provider === undefined) return { provider: 'builtin', modelName: DEFAULT_NAMES.builtin };
      return { provider, modelName: name ?? DEFAULT_NAMES[provider] };
    }
    case 'builtin':
      return { provider: providerSetting, modelName: DEFAULT_NAMES.builtin };
    default:
      return { provider: providerSetting, modelName: name ?? DEFAULT_NAMES[providerSetting] };
  }
}

function modelsDir({ MODELS_DIR, DATA_DIR }: Settings): string {
  return MODELS_DIR ?? join(DATA_DIR, 'models');
}

async function makeModel(
  { provider, modelName }: Choice,
  settings: Settings,
  deps: Deps,
): Promise<EmbeddingModel> {
  switch (provider) {
    case 'openai': {
      const apiKey = required(settings.OPENAI_API_KEY, 'OPENAI_API_KEY');
      const baseUrl = settings.OPENAI_BASE_URL;
      return createOpenAiEmbedding({
        ...deps,
        apiKey,
        modelName,
        ...(baseUrl === undefined ? {} : { baseUrl }),
      });
    }
    case 'gemini': {
      const apiKey = required(settings.GEMINI_API_KEY, 'GEMINI_API_KEY');
      const baseUrl = settings.GEMINI_BASE_URL;
      return createGeminiEmbedding({
        ...deps,
        apiKey,
        modelName,
        ...(baseUrl === undefined ? {} : { baseUrl }),
      });
    }
    case 'local':
      return createLocalEmbedding({
        ...deps,
        modelName,
        modelsDir: modelsDir(settings),
        downloadAllowed: settings.MODELS_DOWNLOAD,
      });
    case 'builtin':
      return createBuiltinEmbedding();
    default: {
      const unknown: never = provider;
      throw new Error(`unknown embedding provider ${String(unknown)}`);
    }
  }
}

function required(value: string | undefined, name: string): string {
  if (value === undefined) throw new Error(`${name} is needed by EMBEDDING_PROVIDER`);
  return value;
}
