import type { Button, ChatAddress, InboundEvent, Receipt } from './channel.js';
import type { Locale } from './message.js';
import type { ModelErrorKind, TokenUsage } from './model.js';

/** Where an answer came from. */
export type AnswerSource = 'faq' | 'knowledge' | 'model' | 'tool' | 'command' | 'fallback' | 'human';

/** A passage an answer rests on, numbered as the text cites it. */
export interface Citation {
  readonly n: number;
  readonly documentId: string;
  readonly chunkId: string;
  readonly title: string;
  /** The sentence or passage, at most 300 characters. */
  readonly quote: string;
  readonly score: number;
}

/** One message of an answer, as it is sent. Its key is `<turnId>:<index>`. */
export interface Bubble {
  readonly type: 'text';
  readonly text: string;
  readonly buttons?: readonly (readonly Button[])[];
}

/** What happened to one bubble. */
export type BubbleDelivery =
  | { readonly state: 'pending'; readonly notBefore?: Date }
  /** Handed to the platform by `owner`; without a receipt nobody knows whether it arrived. */
  | { readonly state: 'sending'; readonly owner: string; readonly since: Date; readonly attempt: number }
  | { readonly state: 'sent'; readonly receipt: Receipt; readonly wasInDoubt: boolean }
  | { readonly state: 'failed'; readonly reason: string };

export interface TurnAnswer {
  /** The whole text, before it was cut to bubbles. Empty when there is nothing to say. */
  readonly text: string;
  readonly bubbles: readonly Bubble[];
  readonly source: AnswerSource;
  readonly citations: readonly Citation[];
  readonly locale: Locale;
  /** `provider:model`, or `faq`, `command`, `none`. */
  readonly model: string;
  readonly usage: TokenUsage & { readonly costMicros: number };
}

/**
 * The single record of "these events were answered like this": written once, in one step, with
 * a unique index on `eventIds`, so that no event can have two answers.
 */
export interface Turn {
  /** Derived from the first event: a second attempt makes the same id. */
  readonly id: string;
  readonly conversationId: string;
  readonly contactId: string;
  readonly accountId: string;
  readonly channel: string;
  readonly chat: ChatAddress;
  /** Keys of the inbox events this turn answers. */
  readonly eventIds: readonly string[];
  /** Question as understood: the joined texts. */
  readonly input: string;
  readonly replyToMessageId?: string;
  readonly answer: TurnAnswer;
  readonly deliveries: readonly BubbleDelivery[];
  /** `waiting` until each bubble is sent or failed. */
  readonly status: 'waiting' | 'done';
  readonly createdAt: Date;
  readonly tookMs: number;
}

/** What a listener hears while a turn runs. Deltas may restart; the answer in `done` counts. */
export type TurnEvent =
  | { readonly type: 'status'; readonly state: 'accepted' | 'thinking' | 'searching' | 'answering' }
  /** What was streamed so far counts no more; `no-answer`: the model had none in the end. */
  | { readonly type: 'status'; readonly state: 'restart'; readonly reason: ModelErrorKind | 'no-answer' }
  | { readonly type: 'delta'; readonly text: string }
  | { readonly type: 'bubble'; readonly index: number; readonly bubble: Bubble }
  | { readonly type: 'citation'; readonly citation: Citation };

export type TurnListener = (event: TurnEvent) => void;

/** Stored form of an inbound event: the inbox row. */
export interface InboxEvent {
  /** `<accountId>:<platform event id>`: unique in the tenant. */
  readonly key: string;
  readonly accountId: string;
  readonly channel: string;
  readonly conversationId: string;
  readonly contactId: string;
  readonly event: InboundEvent;
  readonly receivedAt: Date;
  readonly attempts: number;
  readonly status: 'pending' | 'answered' | 'dead';
  /** Hash of the request body, where a repeated key with another body must be told apart. */
  readonly bodyHash?: string;
}
