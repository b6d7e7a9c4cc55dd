import {
  ChannelError,
  type AccountState,
  type Channel,
  type ChannelAccount,
  type ChannelErrorKind,
  type OutboundMessage,
  type SendTarget,
} from '../../../src/contracts/channel.js';

/** What people see in the chat of the testbed. */
export interface SeenMessage {
  readonly messageId: string;
  readonly text: string;
}

/**
 * One channel with its platform, created anew for each test. Optional members are absent if the platform
 * lacks the ability; the tests that need them are then skipped.
 */
export interface ChannelTestbed<Config> {
  readonly channel: Channel<Config>;
  readonly account: ChannelAccount<Config>;
  /** The persisted state of the account's connection, if it has any. */
  readonly state?: AccountState;
  /** Parts of the config that must not appear in any error. */
  readonly secrets: readonly string[];
  readonly target: SendTarget;
  /** A raw update as the platform delivers it when a person writes `text` in a direct chat. */
  rawText(text: string): unknown;
  /** The raw update for a typed or chosen command, e.g. `/note buy milk`. */
  rawCommand?(name: string, argumentText: string): unknown;
  /** What people see in `target.chat`, oldest first. For channels that push. */
  seen?(): Promise<readonly SeenMessage[]>;
  /**
   * Makes the next `send` fail the way the platform reports this kind of error; `false` if it has no such
   * error.
   */
  failNextSend?(kind: ChannelErrorKind): boolean;
  /** A person writes while a connection may or may not be open. For channels with a connection. */
  write?(text: string): Promise<void>;
  /** From now on, the platform rejects the credential. */
  revoke?(): void;
  /** Provides a file sent by a person; returns its reference. */
  putFile?(bytes: Uint8Array): Promise<string>;
  /** The next text is delivered, but its reply is lost. */
  loseNextReply?(): void;
  close(): Promise<void>;
}

/** Returns the testbed of the running test. */
export type Bed<Config> = () => ChannelTestbed<Config>;

export function textMessage(text: string): OutboundMessage {
  return { type: 'text', key: `turn_1:${text}`, text };
}

export function kindOf(error: unknown): ChannelErrorKind | 'not a ChannelError' {
  return error instanceof ChannelError ? error.kind : 'not a ChannelError';
}
