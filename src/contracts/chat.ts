import type { Button, Channel, ChannelAccount, InboundEvent } from './channel.js';
import type { TenantScope } from './stores.js';
import type { StoredFile, Turn, TurnListener, TurnOrigin } from './turn.js';

/** An account, and the channel it speaks through. */
export interface Connected {
  readonly channel: Channel;
  readonly account: ChannelAccount;
}

/** Finds the channel account that a conversation of this business belongs to. */
export type FindAccount = (tenantId: string, accountId: string, channel: string) => Connected | undefined;

export type AcceptOutcome =
  | { readonly type: 'accepted' | 'duplicate'; readonly eventKey: string; readonly conversationId: string }
  /** The same event id came with another body. */
  | { readonly type: 'conflict' }
  /** Not for us: from a bot, or said in a group without addressing us. Nothing is stored. */
  | { readonly type: 'ignored' };

/** The way into the pipeline for every channel and for the API. */
export interface Intake {
  /** Stores the event durably, marks its lane, wakes a worker. */
  accept(
    scope: TenantScope,
    account: ChannelAccount,
    event: InboundEvent,
    options?: {
      readonly bodyHash?: string;
      readonly listener?: TurnListener;
      /** An existing conversation of this account and tenant, instead of the one of `event.chat`. */
      readonly conversationId?: string;
    },
  ): Promise<AcceptOutcome>;
  /** Resolves with the turn that answers the event, from whichever process; rejects on abort. */
  answered(scope: TenantScope, eventKey: string, signal: AbortSignal): Promise<Turn>;
  /**
   * Ends the answer to the event with what is written of it. False when this process is not writing
   * one, because it is finished or another process writes it.
   */
  stop(scope: TenantScope, eventKey: string): boolean;
}

/** What is said without being asked. */
export interface OutreachContent {
  /** Markdown; may be empty where there are files. */
  readonly text: string;
  readonly buttons?: readonly (readonly Button[])[];
  readonly files?: readonly StoredFile[];
}

/** Speaks first, or for a person: a message that answers no event. */
export interface Outreach {
  /**
   * Queued durably when resolved; the same `key` says it once. `undefined`: no such conversation.
   * Whose words they are: a person's, or the bot's own.
   */
  say(
    scope: TenantScope,
    conversationId: string,
    key: string,
    content: string | OutreachContent,
    source: 'human' | 'command',
    origin?: TurnOrigin,
  ): Promise<Turn | undefined>;
  /** What was said with that key. */
  findByKey(scope: TenantScope, key: string): Promise<Turn | undefined>;
}

/**
 * Shows something new in the last message of a turn, for what changes while it is looked at, such as
 * progress. A courtesy: nothing is stored, and it never rejects. `not-yet`: the message is not sent;
 * `cannot`: the channel edits no messages, or would not edit this one.
 */
export type Rewrite = (
  scope: TenantScope,
  turnId: string,
  content: Pick<OutreachContent, 'text' | 'buttons'>,
) => Promise<'shown' | 'not-yet' | 'cannot'>;
