import type { ChannelAccount, ConnectionSink, Reception } from '../../src/contracts/channel.js';
import type { Clock, Logger } from '../../src/contracts/runtime.js';
import type { Backoff } from '../../src/lib/work/backoff.js';
import type { DiscordClient } from './client.js';
import type { DiscordConfig } from './config.js';
import type { FirstResponses } from './first-responses.js';

export interface ConnectionDependencies {
  readonly client: DiscordClient;
  readonly receive: (raw: unknown, account: ChannelAccount<DiscordConfig>) => Reception;
  readonly firstResponses: FirstResponses;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** One run of a connection: the values that every step needs. */
export interface Run extends ConnectionDependencies {
  readonly account: ChannelAccount<DiscordConfig>;
  readonly sink: ConnectionSink;
  readonly backoff: Backoff;
  readonly signal: AbortSignal;
}
