import type { ConnectionState } from './channel.js';
import type { Contact, Conversation, TenantScope } from './stores.js';
import type { StoredFile } from './turn.js';

/** Why staff are asked to look at a conversation. */
export type HandOverReason = 'asked' | 'unanswered-twice';

/** A staff member in the chat they work from: a direct chat with the bot, or a thread. */
export interface Desk {
  readonly conversation: Conversation;
  readonly contact: Contact;
}

/** Something said in one of two connected conversations. */
export interface RelayedMessage {
  /** Derived from the inbox event, so it is the same when the message is relayed again. */
  readonly key: string;
  /** The message this one corrects: its key, if it can be edited by itself. */
  readonly corrects?: { readonly key: string | undefined };
  readonly text: string;
  readonly files: readonly StoredFile[];
}

/** Brings the business's people into conversations and back out. */
export interface HandOver {
  /**
   * Notifies all staff who can be reached in a chat. With `asked`, the bot then stays silent. Resolves to the
   * number notified; never promise the customer more than that.
   */
  ask(
    scope: TenantScope,
    conversation: Conversation,
    key: string,
    reason: HandOverReason,
  ): Promise<{ readonly notified: number }>;
  /**
   * Connects the two conversations: what is said in either reaches the other. With `once`, this ends after
   * the next staff message, and a colleague who is connected stays so. Without a desk, staff answer through
   * the API. A colleague who is replaced is told.
   */
  take(
    scope: TenantScope,
    conversation: Conversation,
    desk?: Desk,
    options?: { readonly once?: boolean },
  ): Promise<void>;
  /**
   * Returns the conversation to the bot and frees the desk. Whoever did not do this themselves is told:
   * the person, and the desk unless it is the conversation `from` which staff released it.
   */
  release(
    scope: TenantScope,
    conversation: Conversation,
    key: string,
    by: 'staff' | 'person' | 'timer',
    from?: string,
  ): Promise<void>;
  /** Reminds this staff member later if nobody has answered by then. */
  remindLater(scope: TenantScope, conversation: Conversation, desk: Desk): Promise<void>;
  /**
   * Somebody other than the bot started answering: schedules the bot's return after the business's configured
   * time.
   */
  watch(scope: TenantScope, conversationId: string): Promise<void>;
  /** Relays a person's message to the desk that took over. `false`: no desk has. */
  fromPerson(
    scope: TenantScope,
    conversation: Conversation,
    contact: Contact,
    message: RelayedMessage,
  ): Promise<boolean>;
  /** Relays a message written at a desk. `undefined`: the desk is not connected. */
  fromDesk(
    scope: TenantScope,
    desk: Desk,
    message: RelayedMessage,
  ): Promise<{ readonly type: 'passed-on' } | { readonly type: 'ended'; readonly title: string } | undefined>;
  /**
   * An account needs a person, or has been out of reach for long: staff are told through the other channels, once
   * and then once a day as long as it lasts.
   */
  channelFailed(
    scope: TenantScope,
    account: { readonly id: string; readonly channel: string },
    state: ConnectionState,
  ): Promise<void>;
  /**
   * An account is connected: if staff were told of trouble with it, they are told once that it is over.
   * `false`: there was none.
   */
  channelConnected(
    scope: TenantScope,
    account: { readonly id: string; readonly channel: string },
  ): Promise<boolean>;
}
