import {
  ChannelError,
  type ChannelAccount,
  type ConnectionSink,
  type Reception,
} from '../../src/contracts/channel.js';
import type { Clock, Logger } from '../../src/contracts/runtime.js';
import type { Backoff } from './backoff.js';
import type { TelegramClient } from './client.js';
import type { TelegramConfig } from './config.js';

export interface ConnectionDependencies {
  readonly client: TelegramClient;
  readonly receive: (raw: unknown, account: ChannelAccount<TelegramConfig>) => Reception;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** One run of a connection. What is the same in every step travels together. */
export interface Run extends ConnectionDependencies {
  readonly sink: ConnectionSink;
  readonly backoff: Backoff;
  readonly signal: AbortSignal;
}

/** Repeats a step until it works, the run is stopped, or only a person can help. */
export async function persist<T>({ backoff, signal }: Run, step: () => Promise<T>): Promise<T | undefined> {
  while (!signal.aborted) {
    try {
      const result = await step();
      backoff.reset();
      return result;
    } catch (error) {
      if (isUnauthorized(error)) throw error;
      if (signal.aborted) break;
      await backoff.after(error, signal);
    }
  }
  return undefined;
}

export function isUnauthorized(error: unknown): error is ChannelError {
  return error instanceof ChannelError && error.kind === 'unauthorized';
}
