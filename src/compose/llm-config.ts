import type { Settings } from '../config/index.js';
import type { LlmConfig } from '../llm/index.js';

/** What the settings say about language models, in the words of the llm room. */
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
    })),
    chain: settings.LLM_CHAIN,
  };
}

function access(apiKey: string | undefined, baseUrl: string | undefined): LlmConfig['openai'] {
  return apiKey === undefined && baseUrl === undefined ? undefined : { apiKey, baseUrl };
}
