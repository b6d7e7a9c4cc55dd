import type { TenantScope } from '../contracts/stores.js';
import type { InboxEvent, Turn } from '../contracts/turn.js';
import type { Batch } from './answering.js';
import { partText } from '../lib/text/part-text.js';

/** Edits to messages older than this are not answered again, in ms. */
const ANSWERED_AGAIN_WITHIN_MS = 60 * 60_000;

/**
 * What to answer after a message was edited following its answer: the message as it reads now. `undefined` if
 * there is nothing to answer: the message was not for us, is too old, or kept its words, since platforms also
 * report edits when only a preview or a reaction changed.
 */
export async function correctionOf(
  edit: InboxEvent,
  scope: TenantScope,
  now: Date,
): Promise<Batch | undefined> {
  if (edit.event.type !== 'edit') return undefined;
  const { messageId, parts } = edit.event;
  const versions = await scope.inbox.versions(edit.conversationId, messageId);
  const earlier = versions.filter((item) => item.key !== edit.key && item.status !== 'pending');
  const before = earlier.at(-1);
  if (before === undefined) return undefined;
  const { event } = before;
  if (event.type !== 'message' && event.type !== 'edit') return undefined;
  const isOld = now.getTime() - before.receivedAt.getTime() > ANSWERED_AGAIN_WITHIN_MS;
  const textOf = (messageParts: typeof parts): string => messageParts.map(partText).join('\n');
  if (isOld || textOf(event.parts) === textOf(parts)) return undefined;
  const { eventId, sequence, sentAt, chat, sender } = edit.event;
  const edited = {
    ...edit,
    event: {
      type: 'message',
      eventId,
      sequence,
      sentAt,
      chat,
      sender,
      messageId,
      parts,
      addressed: true,
    } as const,
  };
  return { events: [edited], corrections: [], corrects: await newestAnswer(earlier, scope) };
}

/** An edit that changed no words has no answer of its own. */
async function newestAnswer(versions: readonly InboxEvent[], scope: TenantScope): Promise<Turn | undefined> {
  for (const { key } of versions.toReversed()) {
    const turn = await scope.turns.answering(key);
    if (turn !== undefined) return turn;
  }
  return undefined;
}
