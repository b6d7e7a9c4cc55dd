import type { ChannelCapabilities } from './channel.js';
import type { ReplyFile } from './command.js';
import type { Contact, Conversation, TenantScope } from './stores.js';
import type { InboxEvent, Turn, TurnAnswer, TurnEvent } from './turn.js';

/** What a turn answers, and to whom. */
export interface TurnSubject {
  /** The id the turn will have, so that buttons can refer to it. */
  readonly turnId: string;
  readonly scope: TenantScope;
  readonly conversation: Conversation;
  readonly contact: Contact;
  readonly capabilities: ChannelCapabilities;
  /** At least one; several only when they are messages of one burst. */
  readonly events: readonly InboxEvent[];
  /** The answer to what the person wrote before they edited it; `events` hold the edited message. */
  readonly corrects?: Turn;
}

/** Everything a turn needs. */
export interface TurnInput extends TurnSubject {
  /** Reports progress to listeners. */
  readonly emit: (event: TurnEvent) => void;
  readonly signal: AbortSignal;
  /** Aborted when the person presses Stop: the answer ends with what has been written. */
  readonly stopped?: AbortSignal;
  /**
   * Must be called before any effect that others can notice. Rejects if the turn was started from outdated
   * state; it is then restarted.
   */
  readonly beforeEffects?: () => Promise<void>;
  /**
   * Sends the finished beginning of the answer while the rest is still being written; at most once. The final
   * answer starts with it or is sent after it. Rejects if the turn must be restarted.
   */
  readonly sayAhead?: (beginning: TurnOutput) => Promise<void>;
}

export interface TurnOutput {
  /** The question as understood: the texts joined together. */
  readonly input: string;
  readonly answer: TurnAnswer;
  /** Sent after the bubbles: pictures and tables that a command made. */
  readonly files?: readonly ReplyFile[];
  /** Shown briefly at the pressed button instead of a message. */
  readonly notice?: string;
  /**
   * The answer itself changed who answers in this conversation, so it is sent regardless of who that is now.
   */
  readonly changesMode?: boolean;
}

/** Implemented by the conversation room: decides what to answer. Throws when the turn should be retried. */
export type RunTurn = (input: TurnInput) => Promise<TurnOutput>;

/**
 * The message sent instead of an answer: the turn `failed` for the last time, it was `broken-off` after its
 * beginning was sent, or the person wrote `too-much`.
 */
export type ApologyFor = (subject: TurnSubject, because: 'failed' | 'broken-off' | 'too-much') => TurnOutput;
