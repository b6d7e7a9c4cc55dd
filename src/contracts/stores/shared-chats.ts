import type { InboundEvent } from '../channel.js';

/** A person in a private chat with a bot that serves several businesses. */
export interface SharedChatKey {
  /** Of the bot, as its channel names it. */
  readonly bot: string;
  readonly userId: string;
}

/** Which business a person talks to, where one bot serves several of them; nobody's id is kept in clear. */
export interface SharedChatStore {
  /** The account that was chosen, and what was written while nobody had chosen, oldest first. */
  read(
    key: SharedChatKey,
  ): Promise<{ readonly accountId: string | undefined; readonly held: readonly InboundEvent[] }>;
  /** Keeps an event until somebody chooses, at most a day; the same event once, and only so many. */
  hold(key: SharedChatKey, event: InboundEvent): Promise<void>;
  choose(key: SharedChatKey, accountId: string): Promise<void>;
  /** What was held has been handed on. */
  release(key: SharedChatKey): Promise<void>;
}
