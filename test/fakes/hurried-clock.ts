import type { Clock } from '../../src/contracts/runtime.js';
import { systemClock } from '../../src/lib/clock.js';

/**
 * Cuts waits to `longestWaitMs` and notes in `waits` what was asked for. Runs ahead by what it cut,
 * so that durations are what they would have been.
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
