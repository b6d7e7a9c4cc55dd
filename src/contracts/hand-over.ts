import type { ConnectionState } from './channel.js';
import type { Contact, Conversation, TenantScope } from './stores.js';
import type { StoredFile } from './turn.js';

/** Why staff are told of a conversation. */
export type HandOverReason = 'asked' | 'unanswered-twice';

/** A member of staff in the chat they work from: a direct chat with the bot, or a thread. */
export interface Desk {
  readonly conversation: Conversation;
  readonly contact: Contact;
}

/** Something said in one of two connected conversations. */
export interface RelayedMessage {
  /** The inbox event's: the same one when it is passed on again. */
  readonly key: string;
  /** Says anew what was said before: the key of that, where it can be changed by itself. */
  readonly corrects?: { readonly key: string | undefined };
  readonly text: string;
  readonly files: readonly StoredFile[];
}

/** Brings the people of the business into conversations, and back out. */
export interface HandOver {
  /**
   * Tells every member of staff who can be reached in a chat. The bot stays silent from then on
   * where `asked`. How many were told: nobody may be promised more than that.
   */
  ask(
    scope: TenantScope,
    conversation: Conversation,
    key: string,
    reason: HandOverReason,
  ): Promise<{ readonly told: number }>;
  /**
   * From now on what is said in either conversation reaches the other; with `once` it ends with the
   * next message of staff. Without a desk, staff answer through the API.
   */
  take(
    scope: TenantScope,
    conversation: Conversation,
    desk?: Desk,
    options?: { readonly once?: boolean },
  ): Promise<void>;
  /**
   * The bot answers again and the desk is free. Whoever did not do this themselves is told so: the
   * person, and after a timer or at the person's wish the desk.
   */
  release(
    scope: TenantScope,
    conversation: Conversation,
    key: string,
    by: 'staff' | 'person' | 'timer',
  ): Promise<void>;
  /** Tells this member of staff again in a while, should nobody have answered by then. */
  remindLater(scope: TenantScope, conversation: Conversation, desk: Desk): Promise<void>;
  /** Somebody other than the bot began to answer there: the bot comes back after the business's time. */
  watch(scope: TenantScope, conversationId: string): Promise<void>;
  /** Passes on what a person wrote to the desk of who took over. `false`: nobody at a desk did. */
  fromPerson(
    scope: TenantScope,
    conversation: Conversation,
    contact: Contact,
    message: RelayedMessage,
  ): Promise<boolean>;
  /** Passes on what was written at a desk. `undefined`: the desk is not connected. */
  fromDesk(
    scope: TenantScope,
    desk: Desk,
    message: RelayedMessage,
  ): Promise<{ readonly type: 'passed-on' } | { readonly type: 'ended'; readonly title: string } | undefined>;
  /** An account can no longer be written to, or not be heard: staff are told on the other channels. */
  channelFailed(
    scope: TenantScope,
    account: { readonly id: string; readonly channel: string },
    state: ConnectionState,
  ): Promise<void>;
}
