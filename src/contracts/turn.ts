import type { AnswerReference, RestOfList } from './document.js';
import type { Button, ChatAddress, InboundEvent, Receipt } from './channel.js';
import type { FileKind, Locale } from './message.js';
import type { ModelErrorKind, TokenUsage } from './model.js';

/** Where an answer came from. */
export type AnswerSource = 'faq' | 'knowledge' | 'model' | 'tool' | 'command' | 'fallback' | 'human';

/** A passage the answer is based on, numbered as in the text. */
export interface Citation {
  readonly n: number;
  readonly documentId: string;
  readonly chunkId: string;
  readonly title: string;
  /** The sentence or passage, at most 300 characters. */
  readonly quote: string;
  readonly score: number;
}

/** One message of an answer, as sent. Its key is `<turnId>:<index>`. */
export type Bubble = BubbleBase &
  (
    | { readonly type: 'text' }
    /** `text` is the caption, and may be empty. */
    | { readonly type: 'file'; readonly file: StoredFile }
    /** The text replaces a message we sent earlier. */
    | { readonly type: 'edit'; readonly messageId: string }
  );

interface BubbleBase {
  readonly text: string;
  readonly buttons?: readonly (readonly Button[])[];
}

/** A file in the business's own storage. */
export interface StoredFile {
  readonly id: string;
  readonly kind: FileKind;
  readonly fileName: string;
  readonly mediaType: string;
  readonly sizeBytes: number;
}

/** Why the turn exists. Its keys are stored in `Turn.eventIds`, so that no second turn is made for it. */
export type TurnOrigin =
  /** A person wrote, or pressed a button. */
  | { readonly type: 'events' }
  /** The business started the conversation. */
  | { readonly type: 'outreach' }
  | { readonly type: 'job' }
  /** A staff member wrote it; without `contactId`, a holder of one of the business's keys. */
  | { readonly type: 'staff'; readonly contactId?: string }
  /** The outcome of a confirmed action. */
  | { readonly type: 'confirmation'; readonly actionId: string };

/** The delivery state of one bubble. */
export type BubbleDelivery =
  | { readonly state: 'pending'; readonly notBefore?: Date }
  /** Handed to the platform by `owner`; until there is a receipt, nobody knows whether it arrived. */
  | {
      readonly state: 'sending';
      readonly owner: string;
      readonly since: Date;
      readonly attempt: number;
      /** The sent message's id is newer than this, where the platform can be searched for it. */
      readonly after?: string;
    }
  | { readonly state: 'sent'; readonly receipt: Receipt; readonly wasInDoubt: boolean }
  /** `cause`: absent if the business withdrew it, or if it was stored before causes were recorded. */
  | { readonly state: 'failed'; readonly reason: string; readonly cause?: DeliveryFailure };

/**
 * Why a bubble never arrived: the chat is gone or has blocked us, the platform rejected the message, never
 * confirmed it, or the file no longer exists.
 */
export type DeliveryFailure = 'gone' | 'rejected' | 'unconfirmed' | 'no-file';

/** One of the answers offered to a person. */
export interface Choice {
  readonly label: string;
  /** What to send as the next message to choose it. */
  readonly send: string;
  readonly reference: AnswerReference | RestOfList;
}

/** An action that waits for confirmation. */
export interface PendingAction {
  readonly id: string;
  readonly tool: string;
  readonly arguments: Readonly<Record<string, unknown>>;
  /** In the person's language; Markdown. */
  readonly summary: string;
  /** Who must confirm. */
  readonly confirmation: 'person' | 'staff';
  readonly expiresAt: Date;
}

export interface TurnAnswer {
  /** The whole text, before it was split into bubbles. Empty when there is nothing to say. */
  readonly text: string;
  readonly bubbles: readonly Bubble[];
  readonly source: AnswerSource;
  readonly citations: readonly Citation[];
  /**
   * Set by a command that needs more input: the next message is appended to this line and read as the
   * command.
   */
  readonly asks?: string;
  /** Set when the bot asks which answer was meant. */
  readonly choices?: readonly Choice[];
  /** Set when the bot asks for confirmation. */
  readonly confirmation?: PendingAction;
  /** The single source of the answer, if there is one; a follow-up question may refer to it. */
  readonly reference?: AnswerReference;
  /** The other rows that it shows together with `reference`. */
  readonly otherRows?: readonly AnswerReference[];
  readonly locale: Locale;
  /** `provider:model`, or `faq`, `command`, `none`. */
  readonly model: string;
  /** Total of all calls made for the turn, including failed ones. */
  readonly usage: TokenUsage & {
    readonly costMicros: number;
    /** Calls to models without a known price, which `costMicros` leaves out. */
    readonly unpricedCalls?: number;
  };
}

/**
 * The single record that these events were answered this way: written in one step, with a unique index on
 * `eventIds`, so that no event can have two answers.
 */
export interface Turn {
  /** Derived from the first event, so a second attempt gets the same id. */
  readonly id: string;
  readonly conversationId: string;
  readonly contactId: string;
  readonly accountId: string;
  readonly channel: string;
  readonly chat: ChatAddress;
  readonly origin: TurnOrigin;
  /**
   * The conversation's mode number when the answer was made; absent: the answer is sent whoever is answering
   * there now.
   */
  readonly modeNumber?: number;
  /** Keys of the inbox events this turn answers, or of whatever else it was made for. */
  readonly eventIds: readonly string[];
  /** The question as understood: the texts joined together. */
  readonly input: string;
  readonly replyToMessageId?: string;
  /** The platform interaction being answered, if there is one. */
  readonly interaction?: { readonly token: string; readonly receivedAt: Date };
  readonly answer: TurnAnswer;
  readonly deliveries: readonly BubbleDelivery[];
  /** `open`: more bubbles may follow; `waiting`: not every bubble is sent or failed yet. */
  readonly status: 'open' | 'waiting' | 'done';
  readonly createdAt: Date;
  readonly tookMs: number;
}

/**
 * Why the streamed text must be discarded: a model failed, there was no answer in the end (`no-answer`), it
 * was thinking aloud (`thinking`), the model is correcting itself (`correction`), or the person changed the
 * question (`interrupted`).
 */
export type RestartReason = ModelErrorKind | 'no-answer' | 'thinking' | 'correction' | 'interrupted';

/** What listeners receive while a turn runs. Deltas may restart; the answer in `done` is authoritative. */
export type TurnEvent =
  | { readonly type: 'status'; readonly state: 'accepted' | 'thinking' | 'searching' | 'answering' }
  | { readonly type: 'status'; readonly state: 'restart'; readonly reason: RestartReason }
  | { readonly type: 'delta'; readonly text: string }
  | { readonly type: 'bubble'; readonly index: number; readonly bubble: Bubble }
  | { readonly type: 'citation'; readonly citation: Citation };

export type TurnListener = (event: TurnEvent) => void;

/** The stored form of an inbound event: a row of the inbox. */
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
  /** Hash of the request body, to detect a reused key with a different body. */
  readonly bodyHash?: string;
}
