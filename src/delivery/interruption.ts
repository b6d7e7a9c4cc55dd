import type { TenantScope } from '../contracts/stores.js';
import type { InboxEvent } from '../contracts/turn.js';
import { OVER } from '../lib/clock.js';
import type { LaneWakes } from './lane-worker.js';

/** After this, in ms, an answer under way is no longer restarted because more of its burst arrives. */
const JOINED_WITHIN_MS = 20_000;
const LOOK_AFTER_MS = 60_000;

/** Why a running turn starts over: what it answers is no longer what the person said. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

export interface Interruption {
  readonly signal: AbortSignal;
  /** The turn is over: nothing interrupts it any more. */
  end(): void;
}

/**
 * Watches the conversation while a turn runs. It is interrupted when one of its messages is edited
 * or deleted and, where people write in bursts, when the same person goes on writing.
 */
export function watchForInterruption(
  events: readonly InboxEvent[],
  joinsBursts: boolean,
  wakes: LaneWakes,
  scope: TenantScope,
  now: () => Date,
): Interruption {
  const interrupted = new AbortController();
  const ended = new AbortController();
  const watch = async (): Promise<void> => {
    for (;;) {
      await wakes.pause(LOOK_AFTER_MS, ended.signal);
      if (ended.signal.aborted || wakes.stopping) return;
      const pending = await scope.inbox.pending(events[0]?.conversationId ?? '');
      const changes = changesAnswer(events, pending, joinsBursts, now());
      if (changes && !ended.signal.aborted) {
        interrupted.abort(new Interrupted('the person changed what is answered'));
        return;
      }
    }
  };
  // A store that is briefly unreachable may cost an interruption, never the answer.
  watch().catch(() => undefined);
  return { signal: interrupted.signal, end: () => ended.abort(OVER) };
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
      return events.some((own) => 'messageId' in own.event && own.event.messageId === event.messageId);
    }
    return joinsBursts && isRun && isYoung && event.type === 'message' && item.contactId === first.contactId;
  });
}
