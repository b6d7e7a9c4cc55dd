/** The work waited too long for its turn; it was not started and never will be. */
export class TurnTimeout extends Error {
  override readonly name = 'TurnTimeout';
}

/**
 * Runs work one piece at a time. Each may take as long as it needs, but none waits longer than `patienceMs`
 * for its turn. Without this, on a slow machine many pieces started at once would all time out and be retried
 * endlessly, and none would finish.
 */
export class OneAtATime {
  private last: Promise<void> = Promise.resolve();

  constructor(private readonly patienceMs: number) {}

  run<Result>(work: () => Promise<Result>): Promise<Result> {
    return new Promise((resolve, reject) => {
      let hasLeft = false;
      const timer = setTimeout(() => {
        hasLeft = true;
        reject(new TurnTimeout('others take too long'));
      }, this.patienceMs);
      this.last = this.last.then(async () => {
        clearTimeout(timer);
        if (!hasLeft) await work().then(resolve, reject);
      });
    });
  }
}
