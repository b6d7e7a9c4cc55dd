import type { TenantScope } from '../contracts/stores.js';
import type { InboxEvent } from '../contracts/turn.js';

/** Attempts before an event is set aside as a dead letter. */
export const MAX_ATTEMPTS = 5;

/** Counts the attempts to answer some events, so that those that always fail are given up. */
export class Attempts {
  private counting: Promise<readonly InboxEvent[]> | undefined;

  constructor(
    private readonly scope: TenantScope,
    private readonly events: readonly InboxEvent[],
  ) {}

  /** Each earlier attempt ended with its process or its claim before it could report a failure. */
  get areUsedUp(): boolean {
    return triesOf(this.events) >= MAX_ATTEMPTS;
  }

  /**
   * Counts an attempt before it is made, because it may kill the process. Waits for this only if an earlier
   * one failed.
   */
  async countAhead(): Promise<void> {
    this.counting = this.record();
    this.counting.catch(() => undefined);
    if (triesOf(this.events) > 0) await this.counting;
  }

  /** Resolves once an attempt counted ahead is stored. */
  async stored(): Promise<void> {
    await this.counting;
  }

  /** An interrupted attempt does not count. */
  async forget(): Promise<void> {
    if (this.counting === undefined) return;
    await this.counting;
    await this.scope.inbox.forgetAttempt(this.keys());
  }

  /** How many attempts have been made, including the one that just failed. */
  async count(): Promise<number> {
    return Math.max(triesOf((await this.counting) ?? (await this.record())), 1);
  }

  /** Dead letters are kept apart from answered events so that people can find them. */
  async bury(corrections: readonly InboxEvent[]): Promise<void> {
    const items = await this.record();
    const settled = [...items.filter((item) => item.status === 'pending'), ...corrections];
    await this.scope.inbox.markAnswered(settled.map((item) => item.key));
  }

  private record(): Promise<readonly InboxEvent[]> {
    return this.scope.inbox.recordAttempt(this.keys(), MAX_ATTEMPTS + 1);
  }

  private keys(): string[] {
    return this.events.map((item) => item.key);
  }
}

function triesOf(events: readonly InboxEvent[]): number {
  return Math.max(0, ...events.map((item) => item.attempts));
}
