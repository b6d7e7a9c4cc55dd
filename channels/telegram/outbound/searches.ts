import { LRUCache } from 'lru-cache';

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
export type Searches = LRUCache<string, Search>;

export function createSearches(): Searches {
  return new LRUCache({ max: MOST_SEARCHES });
}
