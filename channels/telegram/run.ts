import type { ChannelAccount, ConnectionSink, Reception } from '../../src/contracts/channel.js';
import type { Clock, Logger } from '../../src/contracts/runtime.js';
import type { Backoff } from '../../src/lib/work/backoff.js';
import type { TelegramClient } from './client.js';
import type { TelegramConfig } from './config.js';
import type { MovedChats } from './moved-chats.js';

export interface ConnectionDependencies {
  readonly client: TelegramClient;
  readonly receive: (raw: unknown, account: ChannelAccount<TelegramConfig>) => Reception;
  readonly moved: MovedChats;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What every step of one connection needs. */
export interface Run extends ConnectionDependencies {
  readonly sink: ConnectionSink;
  readonly backoff: Backoff;
  readonly signal: AbortSignal;
}
