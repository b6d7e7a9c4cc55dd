import { ChannelError, type ConnectionState } from '../../contracts/channel.js';
import type { Clock, Logger } from '../../contracts/runtime.js';

const FIRST_WAIT_MS = 500;
/** A connection must recover within a minute of the end of a disturbance. */
const LONGEST_WAIT_MS = 30_000;
/** Rolling restarts overlap for seconds; longer trouble needs a person. */
const ALARM_AFTER_MS = 120_000;

/** Waits between the attempts of one connection, and reports why. */
export interface Backoff {
  /** Waits as long as the failure requires; returns early on abort. */
  after(failure: unknown, signal: AbortSignal): Promise<void>;
  /** Call after a successful attempt: the next failure starts with the shortest wait. */
  reset(): void;
}

export interface BackoffDependencies {
  /** Name of the platform, for the log. */
  readonly platform: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly changed: (state: ConnectionState) => void;
}

export function createBackoff({ platform, clock, logger, changed }: BackoffDependencies): Backoff {
  let failures = 0;
  let troubledSinceMs = 0;
  return {
    async after(failure, signal) {
      if (failures === 0) troubledSinceMs = clock.monotonicMs();
      const waitMs = waitAfter(failure, failures++);
      const reason = failure instanceof Error ? failure.message : 'unknown failure';
      const until = new Date(clock.now().getTime() + waitMs);
      const troubledMs = clock.monotonicMs() - troubledSinceMs;
      if (troubledMs > ALARM_AFTER_MS)
        logger.error({ reason, troubledMs }, `${platform} is out of reach for long`);
      else logger.warn({ reason, waitMs }, `${platform} is out of reach, trying again`);
      changed({ state: 'backing-off', reason, until });
      await clock.sleep(waitMs, signal).catch(() => undefined);
    },
    reset() {
      failures = 0;
    },
  };
}

/**
 * The platform's own wait, or else one that doubles up to the cap; half of it is random to spread competing
 * processes.
 */
function waitAfter(failure: unknown, failures: number): number {
  if (failure instanceof ChannelError && failure.retryAfterMs !== undefined) return failure.retryAfterMs;
  const ceiling = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** failures);
  return ceiling / 2 + Math.random() * (ceiling / 2);
}

/** Repeats a step until it succeeds, the run is stopped, or only a person can help. */
export async function persist<T>(
  { backoff, signal }: { readonly backoff: Backoff; readonly signal: AbortSignal },
  step: () => Promise<T>,
): Promise<T | undefined> {
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
