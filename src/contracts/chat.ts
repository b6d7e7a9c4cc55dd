import type { ChannelAccount, InboundEvent } from './channel.js';
import type { TenantScope } from './stores.js';
import type { Turn, TurnListener } from './turn.js';

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
}

/** Speaks first, or for a person: a message that answers no event. */
export interface Outreach {
  /** Queued durably when resolved; the same `key` says it once. `undefined`: no such conversation. */
  say(
    scope: TenantScope,
    conversationId: string,
    key: string,
    text: string,
    source: 'human' | 'command',
  ): Promise<Turn | undefined>;
}
