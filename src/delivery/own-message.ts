import type { Conversation, TenantScope } from '../contracts/stores.js';
import type { InboxEvent } from '../contracts/turn.js';
import { derivedId } from '../lib/ids/make-id.js';
import { partText } from '../lib/text/part-text.js';

/** The mode reason when the owner answered from their own device. */
export const ANSWERED_FROM_DEVICE = 'own-device';

/**
 * Records that the business answered in the chat itself, which counts as a take-over; its message becomes
 * part of the history. Returns the conversation if the bot was answering there until now.
 */
export async function recordOwnMessage(
  item: InboxEvent,
  scope: TenantScope,
  now: Date,
): Promise<Conversation | undefined> {
  if (item.event.type !== 'own-message') return undefined;
  const { key, conversationId, contactId, accountId, channel, event } = item;
  const conversation = await scope.conversations.get(conversationId);
  if (conversation === undefined) return undefined;
  if (conversation.mode === 'bot') {
    await scope.conversations.update(conversationId, { mode: 'human', modeReason: ANSWERED_FROM_DEVICE });
  }
  const text = event.parts.map(partText).join('\n');
  await scope.turns.commit({
    id: derivedId('t', scope.tenantId, key),
    conversationId,
    contactId: conversation.contactId,
    accountId,
    channel,
    chat: event.chat,
    origin: { type: 'staff', contactId },
    eventIds: [key],
    input: '',
    answer: {
      text,
      bubbles: [{ type: 'text', text }],
      source: 'human',
      citations: [],
      locale: conversation.locale ?? scope.settings.locale,
      model: 'none',
      usage: { inputTokens: 0, outputTokens: 0, costMicros: 0 },
    },
    deliveries: [
      { state: 'sent', receipt: { messageId: event.messageId, sentAt: event.sentAt }, wasInDoubt: false },
    ],
    status: 'done',
    createdAt: now,
    tookMs: 0,
  });
  await scope.conversations.settle(conversationId, { last: { role: 'staff', text, at: now } });
  return conversation.mode === 'bot' ? conversation : undefined;
}
