import type { InboundEvent } from '../contracts/channel.js';
import type { ConversationStore } from '../contracts/stores.js';
import type { InboxEvent } from '../contracts/turn.js';
import { partText } from '../lib/text/part-text.js';

const TITLE_LENGTH = 80;

/** The conversation to create for an event if it does not exist yet. */
export function conversationOf(
  item: Pick<InboxEvent, 'accountId' | 'channel' | 'conversationId' | 'contactId' | 'event' | 'receivedAt'>,
): Parameters<ConversationStore['ensure']>[0] {
  const { accountId, channel, conversationId, contactId, event, receivedAt } = item;
  const { chat } = event;
  return { id: conversationId, accountId, channel, contactId, chat, title: titleOf(event), at: receivedAt };
}

/** What was written or, if nothing was, e.g. with a command or a button, who began. */
function titleOf(event: InboundEvent): string {
  const isWritten = event.type === 'message' || event.type === 'edit';
  const text = isWritten ? oneLine(event.parts.map(partText).join(' ')) : '';
  return (text === '' ? oneLine(event.sender.name ?? '') : text).slice(0, TITLE_LENGTH);
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
