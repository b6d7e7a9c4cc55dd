/** With more per command, the first write would wait too long for the last. */
const MOST_AT_ONCE = 100;

interface Waiting<Write, Result> {
  readonly write: Write;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

/** The result of each write, in order; the function throws if that write failed. */
export type Outcomes<Result> = readonly (() => Result)[];

export interface GatheringOptions {
  /** Commands in progress before writes have to wait; 1 by default. */
  readonly commandsAtOnce?: number;
  /** Awaited before each command, so that more writes can join it; by default it is sent immediately. */
  readonly beforeEach?: () => Promise<void>;
}

/**
 * Batches writes. Those that arrive while a command is in progress wait for it and share the next one, so that
 * many simultaneous conversations cost the database little more than one. Each resolves once it is as durable
 * as it would be alone.
 */
export class GatheredWrites<Write, Result> {
  #waiting: Waiting<Write, Result>[] = [];
  #commands = 0;

  /** @param send Rejects if the command failed as a whole. */
  constructor(
    private readonly send: (writes: readonly Write[]) => Promise<Outcomes<Result>>,
    private readonly options: GatheringOptions = {},
  ) {}

  add(write: Write): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ write, resolve, reject });
      void this.sendAll();
    });
  }

  private async sendAll(): Promise<void> {
    const { commandsAtOnce = 1, beforeEach } = this.options;
    if (this.#commands === commandsAtOnce) return;
    this.#commands += 1;
    while (this.#waiting.length > 0) {
      await beforeEach?.();
      await this.sendBatch();
    }
    this.#commands -= 1;
  }

  private async sendBatch(): Promise<void> {
    const batch = this.#waiting.splice(0, MOST_AT_ONCE);
    if (batch.length === 0) return;
    try {
      const outcomes = await this.send(batch.map(({ write }) => write));
      batch.forEach((one, index) => settle(one, outcomes[index]));
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
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
