import type { Clock, Logger } from '../../contracts/runtime.js';

export interface PollOptions {
  readonly everyMs: number;
  /** What is logged when an outage begins. */
  readonly failure: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Looks again and again, through outages of whatever it looks at. */
export class Poll {
  private isFailing = false;

  constructor(
    private readonly look: () => Promise<void>,
    private readonly options: PollOptions,
  ) {}

  /** Never rejects: a failure is logged, once per outage. */
  async once(signal?: AbortSignal): Promise<void> {
    try {
      await this.look();
      this.isFailing = false;
    } catch (error) {
      if (signal?.aborted === true) return;
      const { logger, failure } = this.options;
      if (!this.isFailing) logger.warn({ error }, failure);
      this.isFailing = true;
    }
  }

  /** Looks every `everyMs` until `signal` aborts, for the first time after that long. */
  async keepLooking(signal: AbortSignal): Promise<void> {
    const { clock, everyMs } = this.options;
    for (;;) {
      await clock.sleep(everyMs, signal).catch(() => undefined);
      if (signal.aborted) return;
      await this.once(signal);
    }
  }
}
