import type { Clock } from '../contracts/runtime.js';

/**
 * How many calls one receiver gets at the same time from one process. All the hooks one business may have
 * (20) together leave some of the 64 that deliver at the same time to others.
 */
const MOST_AT_ONCE = 3;
/** A receiver whose last call took longer than this is slow, in ms. */
const SLOW_MS = 2_000;
/** Distance between two postponed deliveries to one receiver, in ms. */
const APART_MS = { quick: 5, slow: 1_000 } as const;
/** A postponed delivery is checked again within this, because the receiver may have recovered; in ms. */
const LATEST_MS = 2 * 60_000;

interface Load {
  calls: number;
  isSlow: boolean;
  /** The time given to the last postponed delivery. */
  postponedMs: number;
}

/** Limits the calls to each receiver, so that a slow one does not delay the others. */
export class ReceiverLoad {
  private readonly loads = new Map<string, Load>();

  constructor(private readonly clock: Pick<Clock, 'now' | 'monotonicMs'>) {}

  /** When to try a receiver again that has enough calls already; `undefined`: it may be called now. */
  busyUntil(hookId: string): Date | undefined {
    const load = this.loads.get(hookId);
    if (load === undefined || load.calls < MOST_AT_ONCE) return undefined;
    const nowMs = this.clock.now().getTime();
    const apartMs = load.isSlow ? APART_MS.slow : APART_MS.quick;
    load.postponedMs = Math.min(Math.max(load.postponedMs, nowMs) + apartMs, nowMs + LATEST_MS);
    return new Date(load.postponedMs);
  }

  async call<Result>(hookId: string, work: () => Promise<Result>): Promise<Result> {
    const load = this.loads.get(hookId) ?? { calls: 0, isSlow: false, postponedMs: 0 };
    this.loads.set(hookId, load);
    load.calls += 1;
    const beganMs = this.clock.monotonicMs();
    try {
      return await work();
    } finally {
      load.calls -= 1;
      load.isSlow = this.clock.monotonicMs() - beganMs > SLOW_MS;
      if (load.calls === 0) this.loads.delete(hookId);
    }
  }
}
