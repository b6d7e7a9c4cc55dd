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

export interface Interruption {
  readonly signal: AbortSignal;
  /** Stops watching; the turn can no longer be interrupted. */
  end(): void;
}

/**
 * Watches the conversation while a turn runs, and interrupts the turn if one of its messages is edited or
 * deleted or, where people write in bursts, if the same person writes more.
 */
export function watchForInterruption(
  events: readonly InboxEvent[],
  joinsBursts: boolean,
  wakes: LaneWakes,
  scope: TenantScope,
  now: () => Date,
): Interruption {
  const interrupted = new AbortController();
  const stopped = new AbortController();
  const watch = async (): Promise<void> => {
    for (;;) {
      await wakes.pause(LOOK_AFTER_MS, stopped.signal);
      if (stopped.signal.aborted || wakes.stopping) return;
      const pending = await scope.inbox.pending(events[0]?.conversationId ?? '');
      const changes = changesAnswer(events, pending, joinsBursts, now());
      if (changes && !stopped.signal.aborted) {
        interrupted.abort(new Interrupted('the person changed what is answered'));
        return;
      }
    }
  };
  // If the store is briefly unreachable, an interruption may be missed, but never the answer.
  watch().catch(() => undefined);
  return { signal: interrupted.signal, end: () => stopped.abort(OVER) };
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
