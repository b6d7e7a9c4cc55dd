import type { TenantScope } from '../contracts/stores.js';
import type { InboxEvent, Turn } from '../contracts/turn.js';
import type { Batch } from './answering.js';
import { partText } from '../lib/part-text.js';

/** An older message that is edited is no longer what the person waits for, in ms. */
const ANSWERED_AGAIN_WITHIN_MS = 60 * 60_000;

/**
 * What is to be answered because a message was edited after its answer: the message as it reads
 * now. `undefined` when nothing is: it was never for us, it is old, or its words are the same, for
 * platforms also report an edit when only a preview or a reaction changed.
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
  const words = (of: typeof parts): string => of.map(partText).join('\n');
  if (isOld || words(event.parts) === words(parts)) return undefined;
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
