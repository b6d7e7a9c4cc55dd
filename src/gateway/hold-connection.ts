import type { ChannelAccount } from '../contracts/channel.js';
import type { Clock, Logger } from '../contracts/runtime.js';
import type { Lane, LaneStore } from '../contracts/stores.js';
import { keepLease, LEASE_MS } from '../lib/work/keep-lease.js';

/** How often a process without the connection checks whether it is free, in ms. */
const ASK_EVERY_MS = 3_000;
/** A connection's lane is never due: no worker has anything to do in it. */
const NEVER_DUE = new Date(8.64e15);

export interface HoldDependencies {
  readonly lanes: LaneStore;
  readonly owner: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Waits until this process alone may hold the account's connection, runs `work`, and releases it. The signal
 * passed to `work` aborts when the lease is lost. Platforms allow one session per account: two processes
 * polling with one token throw each other out.
 */
export async function holdConnection(
  account: ChannelAccount,
  signal: AbortSignal,
  deps: HoldDependencies,
  work: (lease: AbortSignal, fence: number) => Promise<void>,
): Promise<void> {
  const { lanes, clock, logger } = deps;
  const lane = await take(account, signal, deps);
  if (lane === undefined) return;
  const lease = keepLease(lane, { lanes, clock, logger });
  try {
    await work(AbortSignal.any([signal, lease.lost]), lane.fence);
  } finally {
    lease.stop();
    await lanes.release(lane).catch((error: unknown) => {
      logger.warn({ error, accountId: account.id }, 'a connection was not given back; its lease runs out');
    });
  }
}

async function take(
  account: ChannelAccount,
  signal: AbortSignal,
  deps: HoldDependencies,
): Promise<Lane | undefined> {
  const { lanes, owner, clock, logger } = deps;
  const { tenantId } = account;
  const conversationId = `connection:${account.id}`;
  while (!signal.aborted) {
    try {
      await lanes.mark(tenantId, conversationId, NEVER_DUE);
      const lane = await lanes.claim(tenantId, conversationId, owner, LEASE_MS);
      if (lane !== undefined) return lane;
    } catch (error) {
      logger.warn({ error, accountId: account.id }, 'the lease of a connection could not be requested');
    }
    await clock.sleep(ASK_EVERY_MS, signal).catch(() => undefined);
  }
  return undefined;
}
