import type { TenantScope } from '../contracts/stores.js';
import type { InboxEvent } from '../contracts/turn.js';
import { OVER } from '../lib/time/clock.js';
import type { LaneWakes } from './lane-worker.js';

/**
 * An answer that has been running for longer than this is not restarted when more of its burst arrives, in
 * ms.
 */
const JOINED_WITHIN_MS = 20_000;
const LOOK_AFTER_MS = 60_000;

/** Thrown to restart a turn because the messages it answers have changed. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

export interface InterruptionParts {
  /** The messages that the turn answers. */
  readonly events: readonly InboxEvent[];
  /** People write in bursts here: more from the same person belongs to the same question. */
  readonly joinsBursts: boolean;
  readonly wakes: LaneWakes;
  readonly scope: TenantScope;
  readonly now: () => Date;
}

/**
 * Watches the conversation while a turn runs, and interrupts the turn if one of its messages is edited or
 * deleted or, where people write in bursts, if the same person writes more.
 */
export class Interruption {
  private readonly interrupted = new AbortController();
  private readonly stopped = new AbortController();

  constructor(private readonly parts: InterruptionParts) {}

  /** Aborts with `Interrupted`. */
  get signal(): AbortSignal {
    return this.interrupted.signal;
  }

  start(): void {
    // If the store is briefly unreachable, an interruption may be missed, but never the answer.
    this.watch().catch(() => undefined);
  }

  /** From now on the turn cannot be interrupted. */
  end(): void {
    this.stopped.abort(OVER);
  }

  private async watch(): Promise<void> {
    const { events, joinsBursts, wakes, scope, now } = this.parts;
    const { signal } = this.stopped;
    for (;;) {
      await wakes.pause(LOOK_AFTER_MS, signal);
      if (signal.aborted || wakes.stopping) return;
      const pending = await scope.inbox.pending(events[0]?.conversationId ?? '');
      const changes = changesAnswer(events, pending, joinsBursts, now());
      if (changes && !this.stopped.signal.aborted) {
        this.interrupted.abort(new Interrupted('the person changed what is answered'));
        return;
      }
    }
  }
}

function changesAnswer(
  events: readonly InboxEvent[],
  pending: readonly InboxEvent[],
  joinsBursts: boolean,
  now: Date,
): boolean {
  const keys = new Set(events.map((item) => item.key));
  const [first] = events;
  const isRun = first?.event.type === 'message' && first.attempts === 0;
  const isYoung = first !== undefined && now.getTime() - first.receivedAt.getTime() < JOINED_WITHIN_MS;
  return pending.some((item) => {
    if (keys.has(item.key)) return false;
    const { event } = item;
    if (event.type === 'edit' || event.type === 'delete') {
      return events.some((item) => 'messageId' in item.event && item.event.messageId === event.messageId);
    }
    return joinsBursts && isRun && isYoung && event.type === 'message' && item.contactId === first.contactId;
  });
}
