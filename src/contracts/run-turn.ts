import type { ChannelCapabilities } from './channel.js';
import type { ReplyFile } from './command.js';
import type { Contact, Conversation, TenantScope } from './stores.js';
import type { InboxEvent, Turn, TurnAnswer, TurnEvent } from './turn.js';

/** Everything one turn is made from. */
export interface TurnInput {
  /** Id the turn will have, for buttons that refer to it. */
  readonly turnId: string;
  readonly scope: TenantScope;
  readonly conversation: Conversation;
  readonly contact: Contact;
  readonly capabilities: ChannelCapabilities;
  /** At least one; several only when they are messages of one burst. */
  readonly events: readonly InboxEvent[];
  /** The answer to what the person wrote before they edited it; `events` hold the edited message. */
  readonly corrects?: Turn;
  /** Tells those who listen what is going on. */
  readonly emit: (event: TurnEvent) => void;
  readonly signal: AbortSignal;
  /** Aborted when the person wants no more of this answer: it ends with what is written. */
  readonly stopped?: AbortSignal;
  /**
   * Called before anything is done that others notice. Rejects where the turn was begun with what
   * holds no longer: it is begun anew.
   */
  readonly beforeEffects?: () => Promise<void>;
  /**
   * Sends the finished beginning of the answer while the rest is still written; once, and only where
   * it is there. What is returned in the end begins with it, or is said after it. Rejects where the
   * turn is to be begun anew.
   */
  readonly sayAhead?: (beginning: TurnOutput) => Promise<void>;
}

export interface TurnOutput {
  /** The question as it was understood: the joined texts. */
  readonly input: string;
  readonly answer: TurnAnswer;
  /** Go out after the bubbles: pictures and tables that a command made. */
  readonly files?: readonly ReplyFile[];
  /** Shown briefly where a button was pressed, instead of a message. */
  readonly notice?: string;
  /** The answer itself changed who answers here, so it is given whoever that is now. */
  readonly changesMode?: boolean;
}

/** The conversation room's part: what to answer. Throws when the turn should be tried again. */
export type RunTurn = (input: TurnInput) => Promise<TurnOutput>;

/**
 * What is said instead of an answer: the turn `failed` for the last time, it was `broken-off`
 * after its beginning was sent, or the person wrote `too-much`.
 */
export type ApologyFor = (
  input: Omit<TurnInput, 'emit' | 'signal'>,
  because: 'failed' | 'broken-off' | 'too-much',
) => TurnOutput;
