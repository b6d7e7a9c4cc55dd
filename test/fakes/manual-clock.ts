import type { Clock } from '../../src/contracts/runtime.js';
import { abortReason } from '../../src/lib/time/clock.js';

interface Sleeper {
  readonly untilMs: number;
  wake(): void;
}

/** A clock that stands still until a test advances it. Starts at the real time. */
export class ManualClock implements Clock {
  #elapsedMs = 0;
  readonly #startedAt = Date.now();
  readonly #sleepers = new Set<Sleeper>();

  now(): Date {
    return new Date(this.#startedAt + this.#elapsedMs);
  }

  monotonicMs(): number {
    return this.#elapsedMs;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(abortReason(signal));
        return;
      }
      const onAbort = (): void => {
        this.#sleepers.delete(sleeper);
        reject(abortReason(signal));
      };
      const wake = (): void => {
        this.#sleepers.delete(sleeper);
        signal?.removeEventListener('abort', onAbort);
        resolve();
      };
      const sleeper: Sleeper = { untilMs: this.#elapsedMs + ms, wake };
      this.#sleepers.add(sleeper);
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  advance(ms: number): void {
    this.#elapsedMs += ms;
    for (const sleeper of [...this.#sleepers]) if (sleeper.untilMs <= this.#elapsedMs) sleeper.wake();
  }
}
