import { z } from 'zod';
import { ChannelError } from '../../../src/contracts/channel.js';
import type { Clock } from '../../../src/contracts/runtime.js';
import type { DiscordClient } from '../client.js';
import { snowflakeSchema } from '../snowflake.js';

/** Largest page size Discord allows. */
const PAGE = 100;
/** Most messages fetched per channel: in a channel with more than this, nobody is waiting for us. */
const MOST_OF_A_CHANNEL = 1_000;
const RETRY_MS = 1_000;

const pageSchema = z.array(z.looseObject({ id: snowflakeSchema }));

export interface GapDependencies {
  readonly client: DiscordClient;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Messages written in a channel after a given one, oldest first; empty if we may not read the channel. */
export async function messagesAfter(
  channelId: string,
  after: string,
  { client, clock, signal }: GapDependencies,
): Promise<readonly unknown[]> {
  const messages: unknown[] = [];
  let last = after;
  while (messages.length < MOST_OF_A_CHANNEL && !signal.aborted) {
    try {
      const query = { after: last, limit: String(PAGE) };
      const answer = await client.call(
        { method: 'GET', path: `/channels/${channelId}/messages`, query },
        signal,
      );
      // Discord lists messages newest first.
      const page = pageSchema.parse(answer).reverse();
      messages.push(...page);
      last = page.at(-1)?.id ?? last;
      if (page.length < PAGE) break;
    } catch (error) {
      if (!(error instanceof ChannelError)) break;
      if (error.kind !== 'rate-limited' && error.kind !== 'unreachable') break;
      await clock.sleep(error.retryAfterMs ?? RETRY_MS, signal).catch(() => undefined);
    }
  }
  return messages;
}
