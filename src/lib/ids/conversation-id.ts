import type { ChatAddress } from '../../contracts/channel.js';
import { derivedId } from './make-id.js';

/** The conversation's id, derived from its account and address so that no lookup is needed. */
export function conversationIdOf(accountId: string, chat: ChatAddress): string {
  return derivedId('c', accountId, chat.chatId, chat.topicId ?? '');
}
