import type { Clock } from '../../../src/contracts/runtime.js';

/** Unreadable messages of one sender that are requested again within the window below. */
const MOST_REQUESTED = 100;
const WINDOW_MS = 60_000;
/** Above this, senders whose window is over are forgotten. */
const MOST_SENDERS = 1_000;

interface Failures {
  readonly sinceMs: number;
  count: number;
}

/**
 * Notices who sends nothing but unreadable messages. Each is tried and requested again, which takes time that
 * everybody else on the number has to wait.
 */
export class UnreadableSenders {
  private readonly failures = new Map<string, Failures>();

  constructor(private readonly clock: Pick<Clock, 'monotonicMs'>) {}

  /** Whether this sender's messages are refused unread until the window is over. */
  isFlooding(sender: string): boolean {
    return (this.current(sender)?.count ?? 0) >= MOST_REQUESTED;
  }

  /** Returns whether this failure is the one from which on messages are refused. */
  failed(sender: string): boolean {
    const current = this.current(sender) ?? { sinceMs: this.clock.monotonicMs(), count: 0 };
    current.count++;
    this.failures.set(sender, current);
    if (this.failures.size > MOST_SENDERS) for (const each of this.failures.keys()) this.current(each);
    return current.count === MOST_REQUESTED;
  }

  succeeded(sender: string): void {
    this.failures.delete(sender);
  }

  private current(sender: string): Failures | undefined {
    const failures = this.failures.get(sender);
    if (failures === undefined || this.clock.monotonicMs() - failures.sinceMs < WINDOW_MS) return failures;
    this.failures.delete(sender);
    return undefined;
  }
}
