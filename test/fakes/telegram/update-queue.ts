import { BotApiError } from './bot-api-error.js';

/** Why a long poll ended: an update arrived, the client left, or there was a conflict with this reason. */
type WaitEnd = 'update' | 'closed' | { readonly conflict: string };

export type FakeUpdate = { readonly update_id: number } & Readonly<Record<string, unknown>>;

/** Keeps unconfirmed updates and lets one long poll wait for more. */
export class UpdateQueue {
  private waiting: ((outcome: WaitEnd) => void) | undefined;
  private watcher: () => void = () => undefined;
  private pending: FakeUpdate[] = [];
  private lastId: number;
  /** The `offset` of each getUpdates, in order; shows what was confirmed when. */
  readonly offsets: number[] = [];
  private allowed: readonly string[] | undefined;

  constructor(firstId: number) {
    this.lastId = firstId - 1;
  }

  push(content: Readonly<Record<string, unknown>>): FakeUpdate {
    const update = { update_id: ++this.lastId, ...content };
    this.deliver(update);
    return update;
  }

  /** Delivers exactly this update, for repeated and broken ones. */
  deliver(update: FakeUpdate): void {
    this.pending.push(update);
    this.waiting?.('update');
    this.watcher();
  }

  /** Calls `watcher` on each new update. */
  watch(watcher: () => void): void {
    this.watcher = watcher;
  }

  /** Sets the kinds delivered from now on, by polling or webhook. */
  allow(kinds: readonly string[]): void {
    this.allowed = kinds;
  }

  /** Removes an update that its receiver has accepted. */
  confirm(update: FakeUpdate): void {
    this.pending = this.pending.filter((other) => other !== update);
  }

  drop(): void {
    this.pending = [];
  }

  /** Ends a waiting long poll. */
  interrupt(conflict: string): void {
    this.waiting?.({ conflict });
  }

  /** Updates that were not confirmed yet. */
  get unconfirmed(): readonly FakeUpdate[] {
    return this.pending;
  }

  async poll(
    query: {
      readonly offset: number;
      readonly limit: number;
      readonly timeoutSeconds: number;
      readonly allowed: readonly string[] | undefined;
    },
    closed: AbortSignal,
  ): Promise<readonly FakeUpdate[]> {
    this.interrupt(RIVAL);
    this.offsets.push(query.offset);
    if (query.allowed) this.allowed = query.allowed;
    if (query.offset > 0) this.pending = this.pending.filter((update) => update.update_id >= query.offset);
    if (this.deliverable().length === 0 && query.timeoutSeconds > 0)
      await this.wait(query.timeoutSeconds, closed);
    return this.deliverable().slice(0, query.limit);
  }

  /** A second poller or a webhook ends the first poll. */
  private async wait(timeoutSeconds: number, closed: AbortSignal): Promise<void> {
    const outcome = await new Promise<WaitEnd | 'timeout'>((resolve) => {
      const timer = setTimeout(() => resolve('timeout'), timeoutSeconds * 1000);
      const finish = (result: WaitEnd): void => {
        clearTimeout(timer);
        resolve(result);
      };
      this.waiting = finish;
      closed.addEventListener('abort', () => finish('closed'), { once: true });
    });
    if (typeof outcome === 'object') throw new BotApiError(409, `Conflict: ${outcome.conflict}`);
    this.waiting = undefined;
  }

  /** Unconfirmed updates of the requested kinds. */
  deliverable(): readonly FakeUpdate[] {
    const { allowed } = this;
    if (!allowed || allowed.length === 0) return this.pending;
    return this.pending.filter((update) => {
      const kind = Object.keys(update).find((key) => key !== 'update_id');
      return kind === undefined || !KNOWN_KINDS.has(kind) || allowed.includes(kind);
    });
  }
}

const RIVAL = 'terminated by other getUpdates request; make sure that only one bot instance is running';

/** Kinds that `allowed_updates` filters; unknown ones always pass, like those of a newer Bot API. */
const KNOWN_KINDS = new Set([
  'message',
  'edited_message',
  'channel_post',
  'edited_channel_post',
  'callback_query',
  'my_chat_member',
]);
