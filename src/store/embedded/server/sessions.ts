import type { Doc } from '../bson/values.js';
import { isDoc } from '../bson/values.js';
import { SESSION_MS, sessionOf } from './retryable-writes.js';

/** Most sessions listed; the oldest are dropped first. */
const MAX_SESSIONS = 10_000;

/** The clients' sessions, for `$listLocalSessions`. */
export class Sessions {
  readonly #known = new Map<string, { readonly lsid: Doc; readonly lastUse: Date }>();

  constructor(private readonly now: () => Date) {}

  note({ lsid }: Doc): void {
    const session = sessionOf(lsid);
    if (session === undefined || !isDoc(lsid)) return;
    this.#known.delete(session);
    this.#known.set(session, { lsid, lastUse: this.now() });
  }

  forget(session: string): void {
    this.#known.delete(session);
  }

  /** Least recently used first. */
  list(): Doc[] {
    return [...this.#known.values()].map(({ lsid, lastUse }) => ({ _id: lsid, lastUse }));
  }

  forgetOld(): void {
    const limit = this.now().getTime() - SESSION_MS;
    for (const [session, { lastUse }] of this.#known) {
      if (lastUse.getTime() >= limit && this.#known.size <= MAX_SESSIONS) return;
      this.#known.delete(session);
    }
  }
}
