import type { ModelFacts, OpenAiApi } from './known-models.js';

/** Access to one vendor. A base URL without a key is an own server that asks for none. */
export interface VendorAccess {
  readonly apiKey?: string | undefined;
  readonly baseUrl?: string | undefined;
}

/** Any server that speaks OpenAI's Chat Completions: Mistral, Ollama, vLLM, ... */
export interface LlmServer extends VendorAccess {
  /** How a chain names it, `<name>:<model>`: lower-case letters, digits, `-` and `_`. */
  readonly name: string;
  readonly baseUrl: string;
  /** Taken when a chain names the server alone; also puts the server into the chain of an unset `LLM_CHAIN`. */
  readonly model?: string | undefined;
  /** Tokens of input and output together; unset means a cautious guess. */
  readonly contextTokens?: number | undefined;
  readonly tools?: boolean | undefined;
  readonly images?: boolean | undefined;
  readonly pdfs?: boolean | undefined;
  /** `responses`: it speaks OpenAI's Responses API instead. */
  readonly api?: OpenAiApi | undefined;
}

/** What the operator decided about language models. */
export interface LlmConfig {
  readonly openai?: VendorAccess | undefined;
  readonly anthropic?: VendorAccess | undefined;
  readonly gemini?: VendorAccess | undefined;
  readonly servers?: readonly LlmServer[] | undefined;
  /** What the operator knows of models, before the list that comes with Sapa. */
  readonly models?: readonly ModelFacts[] | undefined;
  /** Where the vendors' lists are kept once they were read; absent: in memory alone. */
  readonly listsFile?: string | undefined;
  /** A list of prices to read with them: an address or a file. */
  readonly prices?: string | undefined;
  /** Models that businesses may choose, as `provider:model` with `*` at the end for any; unset: all. */
  readonly tenantModels?: readonly string[] | undefined;
  /** Writes voice messages down, `provider:model` of OpenAI, Gemini or a server; `none`: nobody; unset: a vendor whose own key is set. */
  readonly transcription?: string | undefined;
  /** `provider:model` in order; unset or empty means what the keys allow, `extractive` last. */
  readonly chain?: readonly string[] | undefined;
}

/** What every model behind a network needs. */
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
 * Longest wait for response headers that an SDK is allowed, ms. The router's watchdog acts long
 * before; this only keeps a request that nobody watches from living for ever.
 */
export const SDK_TIMEOUT_MS = 30 * 60 * 1000;
