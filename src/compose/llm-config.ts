import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SettingsError, type Settings } from '../config/index.js';
import { modelList, type LlmConfig, type ModelFacts } from '../llm/index.js';

/** Translates the settings into the llm room's configuration. */
export function llmConfig(settings: Settings): LlmConfig {
  return {
    openai: access(settings.OPENAI_API_KEY, settings.OPENAI_BASE_URL),
    anthropic: access(settings.ANTHROPIC_API_KEY, settings.ANTHROPIC_BASE_URL),
    gemini: access(settings.GEMINI_API_KEY, settings.GEMINI_BASE_URL),
    servers: settings.LLM_SERVERS.map((server) => ({
      name: server.name,
      baseUrl: server.base_url,
      apiKey: server.api_key,
      model: server.model,
      contextTokens: server.context_tokens,
      tools: server.tools,
      images: server.images,
      pdfs: server.pdfs,
      api: server.api,
    })),
    chain: settings.LLM_CHAIN,
    transcription: settings.TRANSCRIPTION_MODEL,
    tenantModels: settings.LLM_TENANT_MODELS,
    listsFile: join(settings.DATA_DIR, 'models.json'),
    prices: settings.LLM_PRICES,
    models: settings.LLM_MODELS_FILE === undefined ? undefined : readModels(settings.LLM_MODELS_FILE),
  };
}

function access(apiKey: string | undefined, baseUrl: string | undefined): LlmConfig['openai'] {
  return apiKey === undefined && baseUrl === undefined ? undefined : { apiKey, baseUrl };
}

/**
 * The operator's own model facts and prices. Throws a `SettingsError` that lists every problem in the file.
 */
function readModels(path: string): readonly ModelFacts[] {
  let list: unknown;
  try {
    list = JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    throw new SettingsError([`LLM_MODELS_FILE: there is no readable JSON at ${path}`]);
  }
  const parsed = modelList.safeParse(list);
  if (parsed.success) return parsed.data;
  throw new SettingsError(
    parsed.error.issues.map(({ path: at, message }) => `LLM_MODELS_FILE: ${at.join('.')}: ${message}`),
  );
}
