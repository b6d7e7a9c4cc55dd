/** Somebody waited too long for their turn: their work was not begun, and never will be. */
export class TurnNeverCame extends Error {
  override readonly name = 'TurnNeverCame';
}

/**
 * Does one thing after the other. Each takes as long as it takes, but nobody waits longer than
 * `patienceMs` for others: on a slow machine many at once would all be given up, and tried again
 * for ever, while none of them gets done.
 */
export class OneAtATime {
  private last: Promise<void> = Promise.resolve();

  constructor(private readonly patienceMs: number) {}

  run<Result>(work: () => Promise<Result>): Promise<Result> {
    return new Promise((resolve, reject) => {
      let hasLeft = false;
      const timer = setTimeout(() => {
        hasLeft = true;
        reject(new TurnNeverCame('others take too long'));
      }, this.patienceMs);
      this.last = this.last.then(async () => {
        clearTimeout(timer);
        if (!hasLeft) await work().then(resolve, reject);
      });
    });
  }
}
