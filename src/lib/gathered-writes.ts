/** With more per command, the first write would wait too long for the last. */
const MOST_AT_ONCE = 100;

interface Waiting<Write, Result> {
  readonly write: Write;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

/** The result of each write, in order; the function throws if that write failed. */
export type Outcomes<Result> = readonly (() => Result)[];

/**
 * Batches writes of one kind. A single write is sent immediately; writes that arrive while one is in progress
 * wait for it and share the next command, so that many simultaneous conversations cost the database little
 * more than one. Each resolves once it is as durable as it would be alone.
 */
export class GatheredWrites<Write, Result> {
  #waiting: Waiting<Write, Result>[] = [];
  #isSending = false;

  /** @param send Rejects if the command failed as a whole. */
  constructor(private readonly send: (writes: readonly Write[]) => Promise<Outcomes<Result>>) {}

  add(write: Write): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ write, resolve, reject });
      if (!this.#isSending) void this.sendAll();
    });
  }

  private async sendAll(): Promise<void> {
    this.#isSending = true;
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, MOST_AT_ONCE);
      try {
        const outcomes = await this.send(batch.map(({ write }) => write));
        batch.forEach((one, index) => settle(one, outcomes[index]));
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.#isSending = false;
  }
}

function settle<Write, Result>(
  { resolve, reject }: Waiting<Write, Result>,
  outcome: (() => Result) | undefined,
): void {
  try {
    if (outcome === undefined) throw new Error('a write was sent and nothing is known of it');
    resolve(outcome());
  } catch (error) {
    reject(error);
  }
}
