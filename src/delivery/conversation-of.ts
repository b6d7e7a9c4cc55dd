import type { InboundEvent } from '../contracts/channel.js';
import type { ConversationStore } from '../contracts/stores.js';
import type { InboxEvent } from '../contracts/turn.js';
import { partText } from '../lib/part-text.js';

const TITLE_LENGTH = 80;

/** The conversation to create for an event if it does not exist yet. */
export function conversationOf(
  item: Pick<InboxEvent, 'accountId' | 'channel' | 'conversationId' | 'contactId' | 'event' | 'receivedAt'>,
): Parameters<ConversationStore['ensure']>[0] {
  const { accountId, channel, conversationId, contactId, event, receivedAt } = item;
  const { chat } = event;
  return { id: conversationId, accountId, channel, contactId, chat, title: titleOf(event), at: receivedAt };
}

function titleOf(event: InboundEvent): string {
  const text =
    event.type === 'message' || event.type === 'edit'
      ? event.parts.map(partText).join(' ')
      : event.type === 'command'
        ? `/${event.name}`
        : '';
  return text.replace(/\s+/g, ' ').trim().slice(0, TITLE_LENGTH);
}
