import type { ModelFacts, OpenAiApi } from './known-models.js';

/** Access to one vendor. A base URL without a key means a self-hosted server that requires none. */
export interface VendorAccess {
  readonly apiKey?: string | undefined;
  readonly baseUrl?: string | undefined;
}

/** Any server that speaks OpenAI's Chat Completions API: Mistral, Ollama, vLLM, ... */
export interface LlmServer extends VendorAccess {
  /** Its name in a chain, `<name>:<model>`: lower-case letters, digits, `-` and `_`. */
  readonly name: string;
  readonly baseUrl: string;
  /** Used if a chain names only the server. Absent: the server is asked for its first model. */
  readonly model?: string | undefined;
  /** Input and output tokens together; absent: a cautious guess. */
  readonly contextTokens?: number | undefined;
  readonly tools?: boolean | undefined;
  readonly images?: boolean | undefined;
  readonly pdfs?: boolean | undefined;
  /** `responses`: the server speaks OpenAI's Responses API instead. */
  readonly api?: OpenAiApi | undefined;
}

/** The operator's settings for language models. */
export interface LlmConfig {
  readonly openai?: VendorAccess | undefined;
  readonly anthropic?: VendorAccess | undefined;
  readonly gemini?: VendorAccess | undefined;
  readonly servers?: readonly LlmServer[] | undefined;
  /** Model facts from the operator; they take precedence over the list that comes with Sapa. */
  readonly models?: readonly ModelFacts[] | undefined;
  /** Where the vendors' lists are stored after reading; absent: in memory only. */
  readonly listsFile?: string | undefined;
  /** An additional price list to read: a URL or a file. */
  readonly prices?: string | undefined;
  /**
   * Models that businesses may choose, as `provider:model`, optionally ending in `*` for any; absent: all.
   */
  readonly tenantModels?: readonly string[] | undefined;
  /**
   * The model that transcribes voice messages, `provider:model` of OpenAI, Gemini or a server; `none`:
   * nobody; absent: a vendor whose own key is set.
   */
  readonly transcription?: string | undefined;
  /** `provider:model` in order; absent or empty: everything the keys allow, `extractive` last. */
  readonly chain?: readonly string[] | undefined;
}

/** What every remote model needs. */
export interface RemoteModelOptions {
  readonly provider: string;
  readonly model: string;
  readonly apiKey: string;
  readonly baseUrl?: string | undefined;
  readonly contextTokens: number;
  readonly tools: boolean;
  readonly images: boolean;
  readonly pdfs: boolean;
}

/**
 * The SDK's limit for waiting for response headers, in ms. The router's watchdog acts much earlier; this only
 * stops an unwatched request from staying open for ever.
 */
export const SDK_TIMEOUT_MS = 30 * 60 * 1000;
