import type { PlatformWaits } from '../contracts/platform-waits.js';
import type { Clock, Logger } from '../contracts/runtime.js';
import type { WaitStore } from '../contracts/stores.js';
import { LocalWaits } from '../lib/work/local-waits.js';
import { Poll } from '../lib/work/poll.js';

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
  private readonly poll: Poll;
  private readonly stopping = new AbortController();
  private following: Promise<void> | undefined;

  constructor(private readonly deps: SharedWaitsDependencies) {
    const { store, clock, logger } = deps;
    this.known = new LocalWaits(clock);
    const look = async (): Promise<void> => {
      for (const { name, leftMs } of await store.current()) this.known.learn(name, leftMs);
    };
    const failure = 'the waits of other processes cannot be read';
    this.poll = new Poll(look, { everyMs: LOOK_EVERY_MS, failure, clock, logger });
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
  catchUp(): Promise<void> {
    return this.poll.once();
  }

  /** Knows all current waits once resolved, and follows new ones until stopped. */
  async start(): Promise<void> {
    await this.catchUp();
    this.following = this.poll.keepLooking(this.stopping.signal);
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.following;
  }
}
