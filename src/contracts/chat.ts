import type { Button, Channel, ChannelAccount, InboundEvent } from './channel.js';
import type { TenantScope } from './stores.js';
import type { StoredFile, Turn, TurnListener, TurnOrigin } from './turn.js';

/** An account, and the channel it speaks through. */
export interface Connected {
  readonly channel: Channel;
  readonly account: ChannelAccount;
}

/** Finds the channel account a conversation of this business belongs to. */
export type FindAccount = (tenantId: string, accountId: string, channel: string) => Connected | undefined;

/** A stored event, and where it is answered. */
export interface AcceptedEvent {
  readonly eventKey: string;
  readonly conversationId: string;
}

export type AcceptOutcome =
  | ({ readonly type: 'accepted' | 'duplicate' } & AcceptedEvent)
  /** The same event id arrived with a different body. */
  | { readonly type: 'conflict' }
  /** Not for us: from a bot, or said in a group without addressing us. Nothing is stored. */
  | { readonly type: 'ignored' };

/** The entry to the pipeline for all channels and the API. */
export interface Intake {
  /** Stores the event durably, marks its lane and wakes a worker. */
  accept(
    scope: TenantScope,
    account: ChannelAccount,
    event: InboundEvent,
    options?: {
      readonly bodyHash?: string;
      readonly listener?: TurnListener;
      /** An existing conversation of this account and tenant, to use instead of the one for `event.chat`. */
      readonly conversationId?: string;
    },
  ): Promise<AcceptOutcome>;
  /** Resolves with the turn that answers the event, whichever process made it; rejects on abort. */
  answered(scope: TenantScope, event: AcceptedEvent, signal: AbortSignal): Promise<Turn>;
  /**
   * Ends the answer to the event with what is written of it, whichever process writes it: this one
   * at once, another within a second. False when there is nothing left to end.
   */
  stop(scope: TenantScope, eventKey: string): Promise<boolean>;
}

/** A message sent without being asked. */
export interface OutreachContent {
  /** Markdown; may be empty if there are files. */
  readonly text: string;
  readonly buttons?: readonly (readonly Button[])[];
  readonly files?: readonly StoredFile[];
}

/** Sends messages that answer no event, on behalf of the bot or a person. */
export interface Outreach {
  /**
   * Durably queued once resolved; the same `key` is sent only once. `undefined`: no such conversation.
   * `author`: a person, or the bot itself.
   */
  say(
    scope: TenantScope,
    conversationId: string,
    key: string,
    content: string | OutreachContent,
    source: 'human' | 'command',
    origin?: TurnOrigin,
  ): Promise<Turn | undefined>;
  /** The turn sent under that key. */
  findByKey(scope: TenantScope, key: string): Promise<Turn | undefined>;
}

/**
 * Updates the last message of a turn, for content such as progress that changes while it is on screen. Best
 * effort: nothing is stored, and it never rejects. `not-yet`: the message has not been sent; `cannot`: the
 * channel does not edit messages, or refused to edit this one.
 */
export type Rewrite = (
  scope: TenantScope,
  turnId: string,
  content: Pick<OutreachContent, 'text' | 'buttons'>,
) => Promise<'shown' | 'not-yet' | 'cannot'>;
