import { join } from 'node:path';
import type { Settings } from '../config/index.js';
import type { EmbeddingModel } from '../contracts/embedding.js';
import type { Clock, Fetch, Logger } from '../contracts/runtime.js';
import { createGeminiEmbedding, createLocalEmbedding, createOpenAiEmbedding } from '../knowledge/index.js';

const DEFAULT_NAMES = {
  openai: 'text-embedding-3-small',
  gemini: 'gemini-embedding-001',
  local: 'Xenova/multilingual-e5-small',
} as const;

/** The embedding model the settings ask for. Throws when what it needs is missing. */
export async function makeEmbedding(
  settings: Settings,
  deps: { readonly clock: Clock; readonly fetch: Fetch; readonly logger: Logger },
): Promise<EmbeddingModel | undefined> {
  const provider = settings.EMBEDDING_PROVIDER;
  if (provider === 'none') return undefined;
  const modelName = settings.EMBEDDING_MODEL_NAME ?? DEFAULT_NAMES[provider];
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
        modelsDir: settings.MODELS_DIR ?? join(settings.DATA_DIR, 'models'),
        downloadAllowed: settings.MODELS_DOWNLOAD,
      });
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
