import type { InboundEvent } from '../channel.js';

/** A person in a private chat with a bot that serves several businesses. */
export interface SharedChatKey {
  /** The bot's id, as its channel reports it. */
  readonly bot: string;
  readonly userId: string;
}

/** Which business a person is talking to, where one bot serves several; ids are not stored in plain text. */
export interface SharedChatStore {
  /** The chosen account, and the messages written before one was chosen, oldest first. */
  read(
    key: SharedChatKey,
  ): Promise<{ readonly accountId: string | undefined; readonly held: readonly InboundEvent[] }>;
  /**
   * Keeps an event until a business is chosen, for at most a day; each event once, and only a limited number.
   */
  hold(key: SharedChatKey, event: InboundEvent): Promise<void>;
  choose(key: SharedChatKey, accountId: string): Promise<void>;
  /** The held events have been handed on. */
  release(key: SharedChatKey): Promise<void>;
}
