/** Searches that were left in the middle and never came back are forgotten beyond these. */
const MOST_SEARCHES = 1_000;

/** How far the search for a lost send got. */
export interface Search {
  readonly beganMs: number;
  /** The message id asked for last. */
  readonly lastId: number;
  /** So many were asked for. */
  readonly probed: number;
}

/** The searches of one bot: Telegram may make one wait in the middle, and then it goes on from there. */
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
