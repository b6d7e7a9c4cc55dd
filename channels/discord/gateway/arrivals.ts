import type { Dispatch } from './gateway-link.js';

/**
 * Events received but not stored yet. Handles those of one chat in order and different chats in parallel, and
 * tracks up to which sequence number everything of a shard is stored.
 */
export class Arrivals {
  private readonly chains = new Map<string, Promise<void>>();
  private readonly waiting = new Map<number, Set<number>>();
  private readonly newest = new Map<number, number>();

  /**
   * `handle` resolves when the event is stored or irrelevant; if it rejects, the event counts as not stored.
   */
  constructor(private readonly handle: (dispatch: Dispatch) => Promise<void>) {}

  /** `chain`: events with the same chain run in order; without one the event does not wait for any other. */
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

  /** Runs `work` in a chat, after everything queued before it. */
  queue(chat: string, work: () => Promise<void>): Promise<void> {
    const next = (this.chains.get(chat) ?? Promise.resolve()).then(work, work);
    this.chains.set(chat, next);
    const settled = (): void => {
      if (this.chains.get(chat) === next) this.chains.delete(chat);
    };
    next.then(settled, settled);
    return next;
  }

  /**
   * The sequence number up to which every event of the shard is stored; `undefined`: there were no events.
   */
  storedUpTo(shardId: number): number | undefined {
    const waiting = this.waiting.get(shardId);
    return waiting === undefined || waiting.size === 0 ? this.newest.get(shardId) : Math.min(...waiting) - 1;
  }

  /** A new session starts its sequence numbers again. */
  restart(shardId: number): void {
    this.waiting.delete(shardId);
    this.newest.delete(shardId);
  }

  /** Resolves when nothing is waiting any more. */
  async settled(): Promise<void> {
    while (this.chains.size > 0) await Promise.allSettled(this.chains.values());
  }
}
