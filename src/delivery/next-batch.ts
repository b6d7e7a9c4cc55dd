import type { TenantSettings } from '../contracts/settings.js';
import type { InboxEvent } from '../contracts/turn.js';

const HOUR_MS = 60 * 60 * 1000;

/** How the tenant wants waiting events to be taken. */
export interface BatchRules {
  /** Absent where people do not write in bursts. */
  readonly bursts?: TenantSettings['bursts'];
  /** A message the platform held back for longer than this is stored but not answered. */
  readonly answerWithinHours: number;
}

/** What the lane should do with its waiting events. */
export type NextBatch =
  | { readonly type: 'nothing' }
  /** An already answered message was edited and may need a new answer. */
  | { readonly type: 'late-edit'; readonly edit: InboxEvent }
  /** The business itself wrote in this chat. */
  | { readonly type: 'own-message'; readonly item: InboxEvent }
  /** These events form one turn, which also settles the `corrections` already applied to them. */
  | {
      readonly type: 'turn';
      readonly events: readonly InboxEvent[];
      readonly corrections: readonly InboxEvent[];
    }
  /** These events need no answer: mark them as answered. */
  | { readonly type: 'drop'; readonly events: readonly InboxEvent[] }
  /** More of the burst may come: look again later. */
  | { readonly type: 'wait'; readonly untilMs: number };

/**
 * Chooses the events of the next turn: a command or button press alone, or a run of messages one person sent
 * in a burst. Edits and deletions of waiting messages are applied first; deleting an answered message has no
 * effect. Events that failed before are retried without newer ones, so that a poisonous message takes no
 * others down with it.
 */
export function nextBatch(
  pending: readonly InboxEvent[],
  nowMs: number,
  { bursts, answerWithinHours }: BatchRules,
): NextBatch {
  const { live, superseded, corrections } = applyCorrections(pending);
  const dropped = [...superseded, ...live.filter((item) => heldForMs(item) > answerWithinHours * HOUR_MS)];
  if (dropped.length > 0) return { type: 'drop', events: dropped };
  const [first] = live;
  if (first === undefined) return { type: 'nothing' };
  if (first.event.type === 'edit') return { type: 'late-edit', edit: first };
  if (first.event.type === 'own-message') return { type: 'own-message', item: first };
  if (first.event.type !== 'message') return { type: 'turn', events: [first], corrections: [] };

  // Without bursts, each message has its own caller waiting for an answer.
  const run = bursts === undefined ? [first] : leadingMessages(live);
  const turn = { type: 'turn', events: run, corrections: correctionsOf(run, corrections) } as const;
  const endedByOther = run.length < live.length;
  if (bursts === undefined || endedByOther || wasTried(first)) return turn;
  const newest = Math.max(...run.map((item) => item.receivedAt.getTime()));
  const oldest = Math.min(...run.map((item) => item.receivedAt.getTime()));
  const untilMs = Math.min(newest + bursts.quiet_ms, oldest + bursts.max_wait_ms);
  return untilMs > nowMs ? { type: 'wait', untilMs } : turn;
}

/** How long the platform held a message back. A clock that is wrong must not make the bot deaf to others. */
function heldForMs({ event, receivedAt }: InboxEvent): number {
  const isAsked = event.type === 'message' || event.type === 'command' || event.type === 'edit';
  return isAsked && event.wasKept === true ? receivedAt.getTime() - event.sentAt.getTime() : 0;
}

function leadingMessages(events: readonly InboxEvent[]): readonly InboxEvent[] {
  const [first] = events;
  const end = events.findIndex(
    (item) =>
      item.event.type !== 'message' ||
      (first !== undefined && (item.contactId !== first.contactId || wasTried(item) !== wasTried(first))),
  );
  return end === -1 ? events : events.slice(0, end);
}

function wasTried(item: InboxEvent): boolean {
  return item.attempts > 0;
}

function correctionsOf(
  run: readonly InboxEvent[],
  corrections: readonly InboxEvent[],
): readonly InboxEvent[] {
  const messageIds = new Set(run.map((item) => messageIdOf(item)));
  return corrections.filter((item) => messageIds.has(messageIdOf(item)));
}

function messageIdOf(item: InboxEvent): string | undefined {
  const { event } = item;
  return event.type === 'message' || event.type === 'edit' ? event.messageId : undefined;
}

function applyCorrections(pending: readonly InboxEvent[]): {
  live: readonly InboxEvent[];
  superseded: readonly InboxEvent[];
  corrections: readonly InboxEvent[];
} {
  const live: InboxEvent[] = [];
  const superseded: InboxEvent[] = [];
  const corrections: InboxEvent[] = [];
  for (const item of pending) {
    const { event } = item;
    if (event.type !== 'edit' && event.type !== 'delete') {
      live.push(item);
      continue;
    }
    const index = live.findIndex(
      (other) =>
        (other.event.type === 'message' || other.event.type === 'edit') &&
        other.event.messageId === event.messageId,
    );
    const target = live[index];
    if (event.type === 'delete') {
      superseded.push(item);
      if (target !== undefined) superseded.push(...live.splice(index, 1));
    } else if (target?.event.type === 'message') {
      live[index] = { ...target, event: { ...target.event, parts: event.parts } };
      corrections.push(item);
    } else {
      // Of several edits to an answered message, only the last one counts.
      if (target !== undefined) superseded.push(...live.splice(index, 1));
      live.push(item);
    }
  }
  return { live, superseded, corrections };
}
