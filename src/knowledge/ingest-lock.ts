/** Runs work for the same key one at a time, in order; other keys are not held up. */
export class IngestLock {
  private readonly tails = new Map<string, Promise<unknown>>();

  run<Result>(key: string, work: () => Promise<Result>): Promise<Result> {
    const before = this.tails.get(key) ?? Promise.resolve();
    const current = before.then(work, work);
    // The stored promise never rejects: a failure concerns only its caller.
    const tail: Promise<void> = current.then(
      () => this.forget(key, tail),
      () => this.forget(key, tail),
    );
    this.tails.set(key, tail);
    return current;
  }

  private forget(key: string, tail: Promise<unknown>): void {
    if (this.tails.get(key) === tail) this.tails.delete(key);
  }
}
