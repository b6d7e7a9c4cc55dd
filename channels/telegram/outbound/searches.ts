/** Above this, the oldest of the searches that were interrupted are forgotten. */
const MOST_SEARCHES = 1_000;

/** Progress of the search for a lost send. */
export interface Search {
  readonly beganMs: number;
  /** The message id checked last. */
  readonly lastId: number;
  /** How many ids have been checked. */
  readonly probed: number;
}

/**
 * The interrupted searches of one bot. A rate limit may interrupt a search, which later resumes where it
 * stopped.
 */
export class Searches {
  private readonly left = new Map<string, Search>();

  goOn(key: string, newly: Search): Search {
    return this.left.get(key) ?? newly;
  }

  keep(key: string, search: Search): void {
    this.left.set(key, search);
    const [oldest] = this.left.keys();
    if (this.left.size > MOST_SEARCHES && oldest !== undefined) this.left.delete(oldest);
  }

  end(key: string): void {
    this.left.delete(key);
  }
}
