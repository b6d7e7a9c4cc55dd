import type { PlatformWaits } from '../../contracts/platform-waits.js';
import type { Clock } from '../../contracts/runtime.js';

/** Waits that are over are removed once there are more than this. */
const MOST_WAITS = 10_000;

/** Waits known to this process alone. */
export class LocalWaits implements PlatformWaits {
  private readonly ends = new Map<string, number>();

  constructor(private readonly clock: Pick<Clock, 'monotonicMs'>) {}

  leftMs(name: string): number {
    const end = this.ends.get(name);
    if (end === undefined) return 0;
    const leftMs = end - this.clock.monotonicMs();
    if (leftMs > 0) return Math.ceil(leftMs);
    this.ends.delete(name);
    return 0;
  }

  impose(name: string, ms: number): Promise<void> {
    this.learn(name, ms);
    return Promise.resolve();
  }

  learn(name: string, ms: number): void {
    const now = this.clock.monotonicMs();
    this.ends.set(name, Math.max(now + ms, this.ends.get(name) ?? 0));
    if (this.ends.size <= MOST_WAITS) return;
    for (const [each, end] of this.ends) if (end <= now) this.ends.delete(each);
  }
}
