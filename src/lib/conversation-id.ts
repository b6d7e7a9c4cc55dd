import type { ChatAddress } from '../contracts/channel.js';
import { derivedId } from './make-id.js';

/** The conversation at this address of the account: always the same id, so that no look-up is needed. */
export function conversationIdOf(accountId: string, chat: ChatAddress): string {
  return derivedId('c', accountId, chat.chatId, chat.topicId ?? '');
}
