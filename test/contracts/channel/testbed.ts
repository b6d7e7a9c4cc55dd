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
 * One channel with a platform behind it, made anew for each test. What a platform cannot do is
 * left out, and the promises about it with it.
 */
export interface ChannelTestbed<Config> {
  readonly channel: Channel<Config>;
  readonly account: ChannelAccount<Config>;
  /** What the account's connection keeps over restarts, where it keeps something. */
  readonly state?: AccountState;
  /** Parts of the config that no error may show. */
  readonly secrets: readonly string[];
  readonly target: SendTarget;
  /** A raw update as the platform hands it over when a person writes `text` in a direct chat. */
  rawText(text: string): unknown;
  /** The raw update for a typed or chosen command, e.g. `/note buy milk`. */
  rawCommand?(name: string, argumentText: string): unknown;
  /** What people see in `target.chat`, oldest first. For channels that push. */
  seen?(): Promise<readonly SeenMessage[]>;
  /** Makes the next `send` fail the way the platform fails with this kind; `false` where it cannot. */
  failNextSend?(kind: ChannelErrorKind): boolean;
  /** A person writes while a connection may or may not be open. For channels with a connection. */
  write?(text: string): Promise<void>;
  /** The credential is refused from now on. */
  revoke?(): void;
  /** A file a person sent; returns its reference. */
  putFile?(bytes: Uint8Array): Promise<string>;
  /** The next text is delivered, and its reply lost. */
  loseNextReply?(): void;
  close(): Promise<void>;
}

/** The testbed of the test that runs. */
export type Bed<Config> = () => ChannelTestbed<Config>;

export function textMessage(text: string): OutboundMessage {
  return { type: 'text', key: `turn_1:${text}`, text };
}

export function kindOf(error: unknown): ChannelErrorKind | 'not a ChannelError' {
  return error instanceof ChannelError ? error.kind : 'not a ChannelError';
}
