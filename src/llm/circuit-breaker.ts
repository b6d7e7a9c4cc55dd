import type { ModelError } from '../contracts/model.js';
import type { Clock } from '../contracts/runtime.js';

/** Failures in a row that open the breaker. */
const MOST_FAILURES = 3;
/**
 * How long the breaker stays open before one call probes the model, unless the vendor asks for longer, in ms.
 */
const OPEN_MS = 15_000;
const LONGEST_OPEN_MS = 30_000;

/**
 * Tracks the health of one model across all turns of the process. Closed: calls pass. Open: none do.
 * Half-open: one does, and its outcome decides. Written here because the success of a stream is known only at
 * its end, which the `execute(promise)` of breaker libraries cannot express.
 */
export class CircuitBreaker {
  private failuresInARow = 0;
  private openUntilMs: number | undefined;
  private isProbing = false;
  /** Why the breaker opened. */
  lastError: ModelError | undefined;

  constructor(private readonly clock: Clock) {}

  /** Whether a call may be made now; the outcome of an admitted call must be reported. */
  admit(): boolean {
    if (this.openUntilMs === undefined) return true;
    if (this.isProbing || this.clock.monotonicMs() < this.openUntilMs) return false;
    this.isProbing = true;
    return true;
  }

  succeeded(): void {
    this.failuresInARow = 0;
    this.openUntilMs = undefined;
    this.isProbing = false;
    this.lastError = undefined;
  }

  /** The call ended for a reason that says nothing about the model. */
  released(): void {
    this.isProbing = false;
  }

  failed(error: ModelError): void {
    if (!isModelsFault(error)) {
      this.released();
      return;
    }
    this.lastError = error;
    this.failuresInARow += 1;
    const opens = this.isProbing || isLasting(error) || this.failuresInARow >= MOST_FAILURES;
    this.isProbing = false;
    if (!opens) return;
    const openMs = Math.max(OPEN_MS, error.options.retryAfterMs ?? 0);
    this.openUntilMs = this.clock.monotonicMs() + Math.min(openMs, LONGEST_OPEN_MS);
  }
}

/** Invalid or oversized requests, exhausted budgets and aborts say nothing about the model's health. */
function isModelsFault(error: ModelError): boolean {
  switch (error.kind) {
    case 'invalid-request':
    case 'context-overflow':
    case 'over-budget':
    case 'aborted':
      return false;
    case 'rate-limited':
    case 'quota-exhausted':
    case 'unauthorized':
    case 'overloaded':
    case 'unreachable':
    case 'stalled':
    case 'malformed':
      return true;
    default:
      return error.kind satisfies never;
  }
}

/** Whether the next call would certainly fail the same way. */
function isLasting(error: ModelError): boolean {
  return error.kind === 'quota-exhausted' || error.kind === 'unauthorized';
}
