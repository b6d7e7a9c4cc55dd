import type { Clock } from '../../src/contracts/runtime.js';
import { systemClock } from '../../src/lib/time/clock.js';

/**
 * Shortens waits to `longestWaitMs` and records the requested ones in `waits`. The clock runs ahead by what
 * was cut, so that measured durations are unchanged.
 */
export function hurriedClock(waits: number[], longestWaitMs: number): Clock {
  let aheadMs = 0;
  return {
    now: () => new Date(Date.now() + aheadMs),
    monotonicMs: () => systemClock.monotonicMs() + aheadMs,
    async sleep(ms, signal) {
      waits.push(ms);
      await systemClock.sleep(Math.min(ms, longestWaitMs), signal);
      aheadMs += Math.max(0, ms - longestWaitMs);
    },
  };
}
