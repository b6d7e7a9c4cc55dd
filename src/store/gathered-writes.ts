/** More in one command would keep the first of them waiting for the last. */
const MOST_AT_ONCE = 100;

interface Waiting<Write, Result> {
  readonly write: Write;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

/** What became of each write, in their order; a function where it failed by itself. */
export type Outcomes<Result> = readonly (() => Result)[];

/**
 * Writes of one kind: one that comes alone is sent at once; those that come while it is under way
 * wait for its end and share the next command, so that many conversations at a time cost the
 * database little more than one. Each resolves when it is as durable as it would be alone.
 */
export class GatheredWrites<Write, Result> {
  #waiting: Waiting<Write, Result>[] = [];
  #isSending = false;

  /** @param send Rejects when the command failed as a whole. */
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
