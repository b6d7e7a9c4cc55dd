/** The kinds of data part; each has its own fence in a prompt. */
export const DATA_KINDS = [
  'document',
  'faq',
  'contact',
  'hours',
  'now',
  'chat',
  'best',
  'said',
  'summary',
  'quoted',
] as const;

/**
 * External content shown to the model as data: never an instruction, never in the system role. Documents,
 * contact facts, hours and tool results all travel like this.
 */
export interface DataPart {
  readonly type: 'data';
  readonly kind: (typeof DATA_KINDS)[number];
  /** The number the answer cites it by, `[1]`; only documents and FAQ entries have one. */
  readonly citation?: number;
  /** One of the best matches for the question; dropped last when a request is too long. */
  readonly isBest?: true;
  /**
   * Everything up to here stays the same from turn to turn; vendors that want an explicit cache mark get it
   * here.
   */
  readonly endsPrefix?: true;
  readonly title: string;
  readonly text: string;
}

export interface ImagePart {
  readonly type: 'image';
  readonly mediaType: 'image/png' | 'image/jpeg' | 'image/webp' | 'image/gif';
  readonly data: Uint8Array;
}

/** A document that the person sent, for models that read it as it is, pictures and all. */
export interface PdfPart {
  readonly type: 'pdf';
  readonly fileName: string;
  readonly data: Uint8Array;
}

/** What has no text form. */
export type MediaPart = ImagePart | PdfPart;

export type UserPart = { readonly type: 'text'; readonly text: string } | DataPart | MediaPart;

export function isMedia(part: UserPart): part is MediaPart {
  return part.type === 'image' || part.type === 'pdf';
}

export interface ToolCall {
  readonly id: string;
  readonly name: string;
  /** A strictly parsed JSON object. */
  readonly arguments: Readonly<Record<string, unknown>>;
}

export interface ToolResult {
  readonly callId: string;
  readonly name: string;
  /** JSON or text, already cut to size. */
  readonly content: string;
  readonly isError: boolean;
}

/**
 * The model's thinking before it called tools, sealed by its vendor. It is sent back unread to the same model
 * and to no other.
 */
export interface Reasoning {
  readonly model: string;
  readonly sealed: readonly unknown[];
}

export type ModelMessage =
  | { readonly role: 'user'; readonly parts: readonly UserPart[] }
  | {
      readonly role: 'assistant';
      readonly text: string;
      readonly toolCalls?: readonly ToolCall[];
      readonly reasoning?: Reasoning;
    }
  | { readonly role: 'tool'; readonly results: readonly ToolResult[] };

export interface ToolSpec {
  readonly name: string;
  readonly description: string;
  /** JSON Schema (draft 2020-12) of an object. */
  readonly inputSchema: Readonly<Record<string, unknown>>;
}

export interface ModelRequest {
  /** Persona, SOP and rules written by the business's admin, and nothing else. */
  readonly system: string;
  /** Begins and ends with user content; roles may repeat, and adapters merge them. */
  readonly messages: readonly ModelMessage[];
  readonly tools?: readonly ToolSpec[];
  /**
   * Ways to end the turn other than with text ("there is no answer"), offered like tools. Calling one ends
   * the model's answer.
   */
  readonly outcomes?: readonly ToolSpec[];
  readonly maxOutputTokens: number;
  readonly temperature?: number;
  /** How much a thinking model may think; as little as possible when absent. */
  readonly effort?: 'low' | 'medium' | 'high';
  /** Language to answer in. */
  readonly locale: string;
}

export interface TokenUsage {
  /** The whole request, including what came from a cache. */
  readonly inputTokens: number;
  /** Everything that was written, including thinking. */
  readonly outputTokens: number;
  /** The part of the input that the vendor served from its cache. */
  readonly cachedTokens?: number;
  /** The part of the input that the vendor wrote to its cache, where that is priced separately. */
  readonly cacheWriteTokens?: number;
  /** The part of the output that is never shown. */
  readonly reasoningTokens?: number;
  /** The audio part of the input in tokens, and its length where the vendor charges by duration. */
  readonly audioTokens?: number;
  readonly audioSeconds?: number;
}

export type FinishReason = 'stop' | 'length' | 'tool-calls' | 'content-filter' | 'other';

export type ModelStreamPart =
  | { readonly type: 'text-delta'; readonly text: string }
  /** Only complete calls with parsed arguments, and only before a `finish` with `tool-calls`. */
  | { readonly type: 'tool-call'; readonly call: ToolCall }
  /** Belongs to the tool calls of this answer; comes before them. */
  | { readonly type: 'reasoning'; readonly reasoning: Reasoning }
  /** What the call has used so far, for calls that break off. Running totals. */
  | { readonly type: 'usage'; readonly usage: TokenUsage }
  /** The text so far was thinking aloud and not an answer: discard it. */
  | { readonly type: 'discard' }
  /** Exactly one, last. */
  | {
      readonly type: 'finish';
      readonly reason: FinishReason;
      /** The vendor's own name for the reason. */
      readonly rawReason: string;
      /** Zeros if the vendor reported nothing credible. */
      readonly usage: TokenUsage;
    };

export interface ModelCapabilities {
  readonly tools: boolean;
  readonly images: boolean;
  readonly pdfs: boolean;
  /** Input and output tokens together. */
  readonly contextTokens: number;
  /** Answers only from its data parts, so nothing to quote means no answer. */
  readonly groundedOnly: boolean;
}

/**
 * One model of one vendor. Makes a single attempt: retries, fallback and the watchdog belong to the router.
 */
export interface LanguageModel {
  readonly provider: string;
  readonly model: string;
  readonly capabilities: ModelCapabilities;
  /** The most it may write for a request, thinking included; `maxOutputTokens` if absent. */
  mostOutputTokens?(request: ModelRequest): number;
  /** Streams the answer. Throws only `ModelError`, also mid-stream; an abort has kind `aborted`. */
  stream(request: ModelRequest, signal: AbortSignal): AsyncIterable<ModelStreamPart>;
}

export type ModelErrorKind =
  | 'rate-limited'
  /** The account's money or quota is used up: waiting does not help. */
  | 'quota-exhausted'
  | 'unauthorized'
  | 'invalid-request'
  | 'context-overflow'
  | 'overloaded'
  | 'unreachable'
  /** No bytes for longer than the watchdog or the turn's deadline allows. */
  | 'stalled'
  /** The budget of the business, the contact or the turn does not cover the call. */
  | 'over-budget'
  /** The stream ended early, or broke the vendor's own protocol. */
  | 'malformed'
  | 'aborted';

export class ModelError extends Error {
  override readonly name = 'ModelError';
  constructor(
    readonly kind: ModelErrorKind,
    readonly provider: string,
    /** What failed and why; never contains a key or the prompt. */
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
      case 'over-budget':
      case 'aborted':
        return false;
    }
  }
}

/** What a model chain reports while it answers one request. */
export type ChainPart =
  | Exclude<ModelStreamPart, { type: 'usage' | 'discard' }>
  /** Discard what was streamed in this round: the attempt failed, or it was thinking aloud. */
  | { readonly type: 'restart'; readonly provider: string; readonly reason: ModelErrorKind | 'thinking' }
  /** Precedes the first part of each attempt; an attempt that fails earlier has none. */
  | {
      readonly type: 'attempt';
      readonly provider: string;
      readonly model: string;
      /** Taken from the model's capabilities. */
      readonly groundedOnly: boolean;
    };

/** One call to one model, however it ended; ledgers and budgets are built from these. */
export interface ModelCall {
  readonly provider: string;
  readonly model: string;
  readonly usage: TokenUsage;
  /** The vendor gave no credible count, or the call broke off first: the tokens were estimated. */
  readonly isEstimated: boolean;
  /** Micro-units of the price list's currency; absent if the price is unknown. */
  readonly costMicros?: number;
  readonly outcome: 'ok' | ModelErrorKind;
  readonly tookMs: number;
}

/** A call about to be made. */
export interface PlannedCall {
  readonly provider: string;
  readonly model: string;
  /** An estimate of the request alone: what the model will write is not known yet. */
  readonly usage: TokenUsage;
  /** The price of `usage` in micro-units; absent if unknown. */
  readonly costMicros?: number;
  /** The most the call can cost, in micro-units; 0 if the price is unknown. */
  readonly mostMicros: number;
}

/** Pays for model calls of one contact and one purpose. */
export interface ModelAccount {
  /**
   * Reserves the most a call may cost. `undefined`: the budget does not cover it, so the call must not be
   * made. Each reservation is settled once, when its call has ended; if the process dies first, the call is
   * recorded later with what was planned.
   */
  reserve(call: PlannedCall): Promise<{ settle(call: ModelCall): void } | undefined>;
}

/** What all calls of one turn share. Created by the caller and updated by the chain. */
export interface TurnSpending {
  /** Every call so far. */
  readonly calls: ModelCall[];
  /** Failed calls, and the time lost to them in ms. */
  failures: number;
  silentMs: number;
  /** A call was skipped because no budget covered it. */
  isOverBudget?: boolean;
  /** No call starts or continues after this; on the monotonic clock, ms. */
  readonly deadlineAt?: number;
  /** The most the turn may cost. */
  readonly maxMicros?: number;
  readonly account?: ModelAccount;
}

/** The models a business chose, each `provider:model`. */
export interface ModelChoice {
  /** In order; empty: those of the service. */
  readonly chain: readonly string[];
  /** What the operator allows; empty, or absent in older businesses: everything. */
  readonly allowed?: readonly string[];
}

/** The chain of what is left of a choice, or the chain of the service if nothing is. */
export type ChainFor = (choice: ModelChoice) => ModelChain;

/** The fallback chain: several models that behave as one. */
export interface ModelChain {
  /**
   * Throws the last `ModelError` when every model failed or the retry budget is spent. Calls sharing one
   * `spending` belong to one turn: they share its attempts, time and money.
   */
  stream(request: ModelRequest, signal: AbortSignal, spending?: TurnSpending): AsyncIterable<ChainPart>;
  /** The models in order, as `provider:model`. */
  readonly models: readonly string[];
  /** At least one model writes freely; otherwise answers are quotes of the business's own texts. */
  readonly writes: boolean;
  /** At least one model accepts images. */
  readonly seesImages: boolean;
  /** At least one model accepts PDF files. */
  readonly readsPdfs: boolean;
}

/** Price of one call in micro-units of `currency`; `undefined` if the price list does not have it. */
export type PriceOf = (provider: string, model: string, usage: TokenUsage) => number | undefined;
