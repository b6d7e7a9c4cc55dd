import type { Dispatch } from './gateway-link.js';

/**
 * Events that came and are not stored yet. Those of one chat are handled one after the other, chats
 * side by side; and it is known up to which number everything of a shard is stored.
 */
export class Arrivals {
  private readonly chains = new Map<string, Promise<void>>();
  private readonly waiting = new Map<number, Set<number>>();
  private readonly newest = new Map<number, number>();

  /** `handle` resolves when the event is stored or of no use; what it rejects counts as not stored. */
  constructor(private readonly handle: (dispatch: Dispatch) => Promise<void>) {}

  /** `chain`: of which events it is one; without one it waits for none. */
  add(shardId: number, dispatch: Dispatch, chain?: string): void {
    const waiting = this.waiting.get(shardId) ?? new Set();
    this.waiting.set(shardId, waiting);
    waiting.add(dispatch.s);
    this.newest.set(shardId, Math.max(dispatch.s, this.newest.get(shardId) ?? 0));
    this.queue(chain ?? `${shardId}:${dispatch.s}`, () => this.handle(dispatch)).then(
      () => waiting.delete(dispatch.s),
      () => undefined,
    );
  }

  /** An event that needs no handling counts as stored. */
  pass(shardId: number, number: number): void {
    this.newest.set(shardId, Math.max(number, this.newest.get(shardId) ?? 0));
  }

  /** Does something in a chat, after what came before it and before what comes next. */
  queue(chat: string, work: () => Promise<void>): Promise<void> {
    const next = (this.chains.get(chat) ?? Promise.resolve()).then(work, work);
    this.chains.set(chat, next);
    const settled = (): void => {
      if (this.chains.get(chat) === next) this.chains.delete(chat);
    };
    next.then(settled, settled);
    return next;
  }

  /** Every event of the shard up to this number is stored; `undefined`: there was none. */
  storedUpTo(shardId: number): number | undefined {
    const waiting = this.waiting.get(shardId);
    return waiting === undefined || waiting.size === 0 ? this.newest.get(shardId) : Math.min(...waiting) - 1;
  }

  /** A new session counts anew. */
  restart(shardId: number): void {
    this.waiting.delete(shardId);
    this.newest.delete(shardId);
  }

  /** Resolves when nothing waits any more. */
  async settled(): Promise<void> {
    while (this.chains.size > 0) await Promise.allSettled(this.chains.values());
  }
}
