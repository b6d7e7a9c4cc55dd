import type { ChatAddress } from '../contracts/chat-address.js';

/** The account of people who are known by the word of an API client only. */
export const API_ACCOUNT_ID = 'api';
/** What a person's channel is called where a client names none. */
export const API_CHANNEL = 'web';

/** Where a client's person reads: the same id on another channel is somebody else. */
export function apiChat(channel: string, userId: string): ChatAddress {
  const isUsual = channel === API_CHANNEL || channel === API_ACCOUNT_ID;
  return { chatId: userId, kind: 'direct', ...(isUsual ? {} : { topicId: channel }) };
}
