import type { AnswerReference } from './document.js';
import type { Button, ChatAddress, InboundEvent, Receipt } from './channel.js';
import type { FileKind, Locale } from './message.js';
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
export type Bubble = BubbleBase &
  (
    | { readonly type: 'text' }
    /** `text` is the caption, and may be empty. */
    | { readonly type: 'file'; readonly file: StoredFile }
    /** The text takes the place of what we sent before. */
    | { readonly type: 'edit'; readonly messageId: string }
  );

interface BubbleBase {
  readonly text: string;
  readonly buttons?: readonly (readonly Button[])[];
}

/** A file that the business's own store holds. */
export interface StoredFile {
  readonly id: string;
  readonly kind: FileKind;
  readonly fileName: string;
  readonly mediaType: string;
  readonly sizeBytes: number;
}

/** Why there is a turn. Its keys stand in `Turn.eventIds`, so that none is made twice. */
export type TurnOrigin =
  /** A person wrote, or pressed a button. */
  | { readonly type: 'events' }
  /** The business speaks first. */
  | { readonly type: 'outreach' }
  | { readonly type: 'job' }
  /** A member of staff wrote it; absent: whoever holds a key of the business. */
  | { readonly type: 'staff'; readonly contactId?: string }
  /** The outcome of an action that a person confirmed. */
  | { readonly type: 'confirmation'; readonly actionId: string };

/** What happened to one bubble. */
export type BubbleDelivery =
  | { readonly state: 'pending'; readonly notBefore?: Date }
  /** Handed to the platform by `owner`; without a receipt nobody knows whether it arrived. */
  | {
      readonly state: 'sending';
      readonly owner: string;
      readonly since: Date;
      readonly attempt: number;
      /** What it makes has a newer message id than this; where the platform can be asked for it. */
      readonly after?: string;
    }
  | { readonly state: 'sent'; readonly receipt: Receipt; readonly wasInDoubt: boolean }
  /** `cause`: absent where the business itself took it back, or it was stored before causes were. */
  | { readonly state: 'failed'; readonly reason: string; readonly cause?: DeliveryFailure };

/**
 * Why a bubble never reached its person: the chat is gone or blocks us, the platform refused this
 * message, never said that it took it, or the file to send is no longer there.
 */
export type DeliveryFailure = 'gone' | 'rejected' | 'unconfirmed' | 'no-file';

/** One of the answers a person is asked to choose from. */
export interface Choice {
  readonly label: string;
  /** What the next message says to choose it. */
  readonly send: string;
  readonly reference: AnswerReference;
}

/** Something that is done when it is agreed to. */
export interface PendingAction {
  readonly id: string;
  readonly tool: string;
  readonly arguments: Readonly<Record<string, unknown>>;
  /** In the language of the person; Markdown. */
  readonly summary: string;
  /** Who must agree. */
  readonly confirmation: 'person' | 'staff';
  readonly expiresAt: Date;
}

export interface TurnAnswer {
  /** The whole text, before it was cut to bubbles. Empty when there is nothing to say. */
  readonly text: string;
  readonly bubbles: readonly Bubble[];
  readonly source: AnswerSource;
  readonly citations: readonly Citation[];
  /** A command that asks for more: the next message is read as this line followed by it. */
  readonly asks?: string;
  /** Where the bot asks which is meant. */
  readonly choices?: readonly Choice[];
  /** Where the bot asks whether it may. */
  readonly confirmation?: PendingAction;
  /** What the answer rests on, where it is one thing: what the next question may go on from. */
  readonly reference?: AnswerReference;
  readonly locale: Locale;
  /** `provider:model`, or `faq`, `command`, `none`. */
  readonly model: string;
  /** Of all calls that were made for the turn, failed ones too. */
  readonly usage: TokenUsage & {
    readonly costMicros: number;
    /** Calls of models without a known price: `costMicros` does not hold them. */
    readonly unpricedCalls?: number;
  };
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
  readonly origin: TurnOrigin;
  /**
   * Number of the conversation's mode that the answer was made under; absent: it is sent whoever
   * answers there now.
   */
  readonly modeNumber?: number;
  /** Keys of the inbox events this turn answers, or of what else it was made for. */
  readonly eventIds: readonly string[];
  /** Question as understood: the joined texts. */
  readonly input: string;
  readonly replyToMessageId?: string;
  /** The call of the platform that is answered, where it has such calls. */
  readonly interaction?: { readonly token: string; readonly receivedAt: Date };
  readonly answer: TurnAnswer;
  readonly deliveries: readonly BubbleDelivery[];
  /** `open`: more bubbles may come; `waiting`: until each bubble is sent or failed. */
  readonly status: 'open' | 'waiting' | 'done';
  readonly createdAt: Date;
  readonly tookMs: number;
}

/**
 * Why what was streamed counts no more: a model failed, had no answer in the end (`no-answer`),
 * thought aloud (`thinking`), is made to correct itself (`correction`), or the person changed the
 * question (`interrupted`).
 */
export type RestartReason = ModelErrorKind | 'no-answer' | 'thinking' | 'correction' | 'interrupted';

/** What a listener hears while a turn runs. Deltas may restart; the answer in `done` counts. */
export type TurnEvent =
  | { readonly type: 'status'; readonly state: 'accepted' | 'thinking' | 'searching' | 'answering' }
  | { readonly type: 'status'; readonly state: 'restart'; readonly reason: RestartReason }
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
