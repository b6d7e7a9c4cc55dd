import type { PlatformWaits } from '../contracts/platform-waits.js';
import type { Clock, Logger } from '../contracts/runtime.js';
import type { WaitStore } from '../contracts/stores.js';
import { LocalWaits } from '../lib/work/local-waits.js';

/** How often this process looks for waits that others were told of, in ms. */
const LOOK_EVERY_MS = 250;
/** A refused call waits no longer than this for the store to record its wait, in ms. */
const PATIENCE_MS = 2_000;

export interface SharedWaitsDependencies {
  readonly store: WaitStore;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Waits shared through the store and read from memory, so that a call costs no look into the store. */
export class SharedWaits implements PlatformWaits {
  private readonly known: LocalWaits;
  private readonly stopping = new AbortController();
  private following: Promise<void> | undefined;
  private isFailing = false;

  constructor(private readonly deps: SharedWaitsDependencies) {
    this.known = new LocalWaits(deps.clock);
  }

  leftMs(name: string): number {
    return this.known.leftMs(name);
  }

  async impose(name: string, ms: number): Promise<void> {
    const { store, clock, logger } = this.deps;
    this.known.learn(name, ms);
    const put = store.put(name, ms).catch((error: unknown) => {
      logger.warn({ error }, 'other processes could not be told of a wait');
    });
    const late = new AbortController();
    await Promise.race([put, clock.sleep(PATIENCE_MS, late.signal).catch(() => undefined)]);
    late.abort();
  }

  /** Learns what other processes were told. Never rejects: without the store nothing is sent either. */
  async catchUp(): Promise<void> {
    try {
      for (const { name, leftMs } of await this.deps.store.current()) this.known.learn(name, leftMs);
      this.isFailing = false;
    } catch (error) {
      // Logged once per outage of the store.
      if (!this.isFailing) this.deps.logger.warn({ error }, 'the waits of other processes cannot be read');
      this.isFailing = true;
    }
  }

  /** Knows all current waits once resolved, and follows new ones until stopped. */
  async start(): Promise<void> {
    await this.catchUp();
    this.following = this.follow();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.following;
  }

  private async follow(): Promise<void> {
    const { signal } = this.stopping;
    for (;;) {
      await this.deps.clock.sleep(LOOK_EVERY_MS, signal).catch(() => undefined);
      if (signal.aborted) return;
      await this.catchUp();
    }
  }
}
