/** What data parts can be; each has a fence of its own in a prompt. */
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
 * A piece of the outside world shown to the model as data: never an instruction, never in the
 * system role. Documents, contact facts, hours and tool results all travel like this.
 */
export interface DataPart {
  readonly type: 'data';
  readonly kind: (typeof DATA_KINDS)[number];
  /** Number the answer cites it by, `[1]`; documents and FAQ have one, the rest do not. */
  readonly citation?: number;
  /** Among those that fit the question best: of a request that is too long they go last. */
  readonly isBest?: true;
  /** All up to here is the same from turn to turn: where a vendor's cache wants a mark, it is put here. */
  readonly endsPrefix?: true;
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

/**
 * What a model thought before it called tools, sealed by its vendor. It goes back, unread, to the
 * very model that made it, and to no other.
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
  /** Persona, SOP and rules of the business: text its admin wrote, nothing else. */
  readonly system: string;
  /** Begins and ends with something of the user's side; roles may repeat, adapters merge them. */
  readonly messages: readonly ModelMessage[];
  readonly tools?: readonly ToolSpec[];
  /**
   * Ways to end the turn other than with text ("there is no answer"), for the model to call like
   * a tool. A model that calls one has said all it has to say.
   */
  readonly outcomes?: readonly ToolSpec[];
  readonly maxOutputTokens: number;
  readonly temperature?: number;
  /** How much a model that thinks may think; as little as it can where absent. */
  readonly effort?: 'low' | 'medium' | 'high';
  /** Language the answer is to be written in. */
  readonly locale: string;
}

export interface TokenUsage {
  /** All of the request, also what came out of a cache. */
  readonly inputTokens: number;
  /** All that was written, also thinking. */
  readonly outputTokens: number;
  /** Part of the input that the vendor had in its cache. */
  readonly cachedTokens?: number;
  /** Part of the input that the vendor put into its cache, where that has a price of its own. */
  readonly cacheWriteTokens?: number;
  /** Part of the output that nobody sees. */
  readonly reasoningTokens?: number;
  /** Part of the input that is sound, and how long it is where that is what is paid for. */
  readonly audioTokens?: number;
  readonly audioSeconds?: number;
}

export type FinishReason = 'stop' | 'length' | 'tool-calls' | 'content-filter' | 'other';

export type ModelStreamPart =
  | { readonly type: 'text-delta'; readonly text: string }
  /** Only complete calls whose arguments parsed, and only before a `finish` with `tool-calls`. */
  | { readonly type: 'tool-call'; readonly call: ToolCall }
  /** Belongs to the tool calls of this answer; comes before them. */
  | { readonly type: 'reasoning'; readonly reasoning: Reasoning }
  /** What the call has used up so far, for those that break off. Running totals. */
  | { readonly type: 'usage'; readonly usage: TokenUsage }
  /** The text so far was no answer but thinking aloud: forget it. */
  | { readonly type: 'discard' }
  /** Exactly one, last. */
  | {
      readonly type: 'finish';
      readonly reason: FinishReason;
      /** The vendor's own word for the reason. */
      readonly rawReason: string;
      /** A zero where the vendor told nothing that can be believed. */
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
  /** Most that it may write for a request, thinking included; `maxOutputTokens` where absent. */
  mostOutputTokens?(request: ModelRequest): number;
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
  /** No bytes for longer than the watchdog or the turn's deadline allows. */
  | 'stalled'
  /** Nobody pays for the call: the budget of the business, the contact or the turn is used up. */
  | 'over-budget'
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
      case 'over-budget':
      case 'aborted':
        return false;
    }
  }
}

/** What a chain of models reports while it answers one request. */
export type ChainPart =
  | Exclude<ModelStreamPart, { type: 'usage' | 'discard' }>
  /** What was sent of this round counts no more: the attempt failed, or it was thinking aloud. */
  | { readonly type: 'restart'; readonly provider: string; readonly reason: ModelErrorKind | 'thinking' }
  /** Comes before the first part of each attempt; an attempt that fails before has none. */
  | {
      readonly type: 'attempt';
      readonly provider: string;
      readonly model: string;
      /** As the model's capabilities say. */
      readonly groundedOnly: boolean;
    };

/** One call of one model, however it ended: what ledgers and budgets are made from. */
export interface ModelCall {
  readonly provider: string;
  readonly model: string;
  readonly usage: TokenUsage;
  /** The vendor told no count that can be believed, or the call broke off before: counted here. */
  readonly isEstimated: boolean;
  /** Micro-units of the currency of the price list; absent where no price is known. */
  readonly costMicros?: number;
  readonly outcome: 'ok' | ModelErrorKind;
  readonly tookMs: number;
}

/** Pays for the calls of one contact and one purpose. */
export interface ModelAccount {
  /**
   * Puts aside the most that a call may cost. `undefined`: the budget does not reach that far,
   * so the call must not be made. What is put aside is settled once, when the call has ended.
   */
  reserve(micros: number): Promise<{ settle(call: ModelCall): void } | undefined>;
}

/** What all calls of one turn share. Made by whoever asks, changed by the chain. */
export interface TurnSpending {
  /** Every call so far. */
  readonly calls: ModelCall[];
  /** Calls that failed, and how long nobody heard anything because of them, ms. */
  failures: number;
  silentMs: number;
  /** A call was not made because nobody pays for it. */
  isOverBudget?: boolean;
  /** No call begins after this, and none goes on; by the clock's monotonic time, ms. */
  readonly deadlineAt?: number;
  /** Most that the turn may cost. */
  readonly maxMicros?: number;
  readonly account?: ModelAccount;
}

/** The fallback chain: several models that behave as one. */
export interface ModelChain {
  /**
   * Throws the last `ModelError` when every model failed or the retry budget is spent. Calls
   * with one `spending` are one turn: they share its tries, time and money.
   */
  stream(request: ModelRequest, signal: AbortSignal, spending?: TurnSpending): AsyncIterable<ChainPart>;
  /** The models in order, as `provider:model`. */
  readonly models: readonly string[];
  /** One of them writes in its own words; without one, answers are the business's own. */
  readonly writes: boolean;
  /** One of them sees pictures. */
  readonly seesImages: boolean;
}

/** Price of one call in micro-units of `currency`; `undefined` where the list of prices has none. */
export type PriceOf = (provider: string, model: string, usage: TokenUsage) => number | undefined;
