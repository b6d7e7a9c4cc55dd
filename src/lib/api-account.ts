import type { ChatAddress } from '../contracts/chat-address.js';

/** The account for people known only through an API client. */
export const API_ACCOUNT_ID = 'api';
/** Default channel name for people whose client gives none. */
export const API_CHANNEL = 'web';

/** The chat of a client's person; the same id on another channel is somebody else. */
export function apiChat(channel: string, userId: string): ChatAddress {
  const isUsual = channel === API_CHANNEL || channel === API_ACCOUNT_ID;
  return { chatId: userId, kind: 'direct', ...(isUsual ? {} : { topicId: channel }) };
}
