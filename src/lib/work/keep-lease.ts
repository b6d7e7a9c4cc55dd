import type { Clock, Logger } from '../../contracts/runtime.js';
import type { Lane, LaneStore } from '../../contracts/stores.js';
import { OVER } from '../time/clock.js';

/** How long a lane remains assigned to a process that has stopped responding, in ms. */
export const LEASE_MS = 15_000;
const RENEW_EVERY_MS = 4_000;

export interface KeptLease {
  /** Aborts when another owner has taken the lane, or before one could because renewals kept failing. */
  readonly lost: AbortSignal;
  /** Stops renewing; the lane itself is unchanged. */
  stop(): void;
}

/** Renews a claimed lane until it is stopped or lost. */
export function keepLease(
  lane: Lane,
  deps: { readonly lanes: LaneStore; readonly clock: Clock; readonly logger: Logger },
): KeptLease {
  const { lanes, clock, logger } = deps;
  const lost = new AbortController();
  const stopped = new AbortController();
  let heldUntilMs = clock.monotonicMs() + LEASE_MS;
  const renew = async (): Promise<void> => {
    const askedMs = clock.monotonicMs();
    try {
      if (await lanes.renew(lane, LEASE_MS)) heldUntilMs = askedMs + LEASE_MS;
      else lost.abort(new Error('the lane was taken over'));
    } catch (error) {
      logger.warn({ error }, 'a lane could not be renewed');
    }
  };
  const keep = async (): Promise<void> => {
    for (;;) {
      await clock.sleep(RENEW_EVERY_MS, stopped.signal);
      if (lost.signal.aborted) return;
      // Without a renewal, stop while the lane is still ours: afterwards nobody could tell us it was lost.
      if (clock.monotonicMs() + RENEW_EVERY_MS > heldUntilMs) lost.abort(new Error('the lease ran out'));
      else void renew();
    }
  };
  keep().catch(() => undefined);
  return { lost: lost.signal, stop: () => stopped.abort(OVER) };
}
