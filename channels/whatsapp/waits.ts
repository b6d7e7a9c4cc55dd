import type { ConnectionState } from '../../src/contracts/channel.js';
import type { Clock, Logger } from '../../src/contracts/runtime.js';

const FIRST_WAIT_MS = 1_000;
/** Longest wait between attempts: reconnecting too often draws attention, and late is better than banned. */
const LONGEST_WAIT_MS = 5 * 60_000;
/** Wait after a refusal that time alone rarely resolves, such as an outdated version. */
const LONG_WAIT_MS = 15 * 60_000;

export interface WaitsDependencies {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  readonly changed: (state: ConnectionState) => void;
}

/** Pauses between attempts; reports each with its reason and end. */
export class Waits {
  private failures = 0;

  constructor(private readonly deps: WaitsDependencies) {}

  /** Exponential backoff up to the cap; half of it is random, so that competing connections spread out. */
  backOff(reason: string): Promise<void> {
    const ceiling = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** this.failures++);
    return this.wait(reason, ceiling / 2 + Math.random() * (ceiling / 2));
  }

  long(reason: string): Promise<void> {
    return this.wait(reason, LONG_WAIT_MS);
  }

  /** Resolves when the connection is stopped, e.g. because somebody asks for pairing. */
  forever(): Promise<void> {
    const { signal } = this.deps;
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  }

  /** Called after a success: the next failure starts from the shortest wait. */
  reset(): void {
    this.failures = 0;
  }

  private async wait(reason: string, waitMs: number): Promise<void> {
    const { clock, logger, signal, changed } = this.deps;
    logger.warn({ reason, waitMs }, 'WhatsApp cannot be reached, trying again');
    changed({ state: 'backing-off', reason, until: new Date(clock.now().getTime() + waitMs) });
    await clock.sleep(waitMs, signal).catch(() => undefined);
  }
}
