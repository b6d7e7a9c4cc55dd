/**
 * A piece of the outside world shown to the model as data: never an instruction, never in the
 * system role. Documents, contact facts, hours and tool results all travel like this.
 */
export interface DataPart {
  readonly type: 'data';
  readonly kind: 'document' | 'faq' | 'contact' | 'hours' | 'summary';
  /** Number the answer cites it by, `[1]`; documents and FAQ have one, the rest do not. */
  readonly citation?: number;
  readonly title: string;
  readonly text: string;
}

export interface ImagePart {
  readonly type: 'image';
  readonly mediaType: 'image/png' | 'image/jpeg' | 'image/webp' | 'image/gif';
  readonly data: Uint8Array;
}

export type UserPart = { readonly type: 'text'; readonly text: string } | DataPart | ImagePart;

export interface ToolCall {
  readonly id: string;
  readonly name: string;
  /** Strictly parsed JSON object. */
  readonly arguments: Readonly<Record<string, unknown>>;
}

export interface ToolResult {
  readonly callId: string;
  readonly name: string;
  /** JSON or text, already cut to size. */
  readonly content: string;
  readonly isError: boolean;
}

export type ModelMessage =
  | { readonly role: 'user'; readonly parts: readonly UserPart[] }
  | { readonly role: 'assistant'; readonly text: string; readonly toolCalls?: readonly ToolCall[] }
  | { readonly role: 'tool'; readonly results: readonly ToolResult[] };

export interface ToolSpec {
  readonly name: string;
  readonly description: string;
  /** JSON Schema (draft 2020-12) of an object. */
  readonly inputSchema: Readonly<Record<string, unknown>>;
}

export interface ModelRequest {
  /** Persona, SOP and rules of the business: text its admin wrote, nothing else. */
  readonly system: string;
  /** Begins and ends with something of the user's side; roles may repeat, adapters merge them. */
  readonly messages: readonly ModelMessage[];
  readonly tools?: readonly ToolSpec[];
  readonly maxOutputTokens: number;
  readonly temperature?: number;
  /** Language the answer is to be written in. */
  readonly locale: string;
}

export interface TokenUsage {
  readonly inputTokens: number;
  readonly outputTokens: number;
}

export type FinishReason = 'stop' | 'length' | 'tool-calls' | 'content-filter' | 'other';

export type ModelStreamPart =
  | { readonly type: 'text-delta'; readonly text: string }
  /** Only complete calls whose arguments parsed, and only before a `finish` with `tool-calls`. */
  | { readonly type: 'tool-call'; readonly call: ToolCall }
  /** Exactly one, last. */
  | {
      readonly type: 'finish';
      readonly reason: FinishReason;
      /** The vendor's own word for the reason. */
      readonly rawReason: string;
      readonly usage: TokenUsage;
    };

export interface ModelCapabilities {
  readonly tools: boolean;
  readonly images: boolean;
  /** Tokens of input and output together. */
  readonly contextTokens: number;
  /** Answers only from the data parts it is given, so nothing to quote means no answer. */
  readonly groundedOnly: boolean;
}

/** One model of one vendor. Makes one attempt: retry, fallback and watchdog are the router's. */
export interface LanguageModel {
  readonly provider: string;
  readonly model: string;
  readonly capabilities: ModelCapabilities;
  /** Streams the answer; throws only `ModelError`, also in the middle. An abort is kind `aborted`. */
  stream(request: ModelRequest, signal: AbortSignal): AsyncIterable<ModelStreamPart>;
}

export type ModelErrorKind =
  | 'rate-limited'
  /** Money or quota is used up: waiting does not help. */
  | 'quota-exhausted'
  | 'unauthorized'
  | 'invalid-request'
  | 'context-overflow'
  | 'overloaded'
  | 'unreachable'
  /** No bytes for longer than the watchdog allows. */
  | 'stalled'
  /** The stream ended before it was finished, or was not what the vendor promises. */
  | 'malformed'
  | 'aborted';

export class ModelError extends Error {
  override readonly name = 'ModelError';
  constructor(
    readonly kind: ModelErrorKind,
    readonly provider: string,
    /** What failed and why; never a key, never the prompt. */
    message: string,
    readonly options: {
      readonly status?: number;
      readonly retryAfterMs?: number;
      readonly cause?: unknown;
    } = {},
  ) {
    super(message, { cause: options.cause });
  }
  /** The same request to the same model may succeed later. */
  get isRetryable(): boolean {
    switch (this.kind) {
      case 'rate-limited':
      case 'overloaded':
      case 'unreachable':
      case 'stalled':
      case 'malformed':
        return true;
      case 'quota-exhausted':
      case 'unauthorized':
      case 'invalid-request':
      case 'context-overflow':
      case 'aborted':
        return false;
    }
  }
}

/** What a chain of models reports while it answers one request. */
export type ChainPart =
  | ModelStreamPart
  /** The attempt before this one failed after it had sent text: forget that text. */
  | { readonly type: 'restart'; readonly provider: string; readonly reason: ModelErrorKind }
  /** Comes before the first part of each attempt. */
  | { readonly type: 'attempt'; readonly provider: string; readonly model: string };

/** The fallback chain: several models that behave as one. */
export interface ModelChain {
  /** Throws the last `ModelError` when every model failed or the retry budget is spent. */
  stream(request: ModelRequest, signal: AbortSignal): AsyncIterable<ChainPart>;
  /** The models in order, as `provider:model`. */
  readonly models: readonly string[];
}

/** Price of one call in micro-units of `currency`, by the list of prices known here; 0 when unknown. */
export type PriceOf = (provider: string, model: string, usage: TokenUsage) => number;
