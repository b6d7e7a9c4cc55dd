import type { ChatAddress } from '../../contracts/chat-address.js';

/** The account for people known only through an API client. */
export const API_ACCOUNT_ID = 'api';
/** Default channel name for people whose client gives none. */
export const API_CHANNEL = 'web';

/** Whether people read this channel in an API client or on one of our own pages. */
export function isApiChannel(channel: string): boolean {
  return channel === API_CHANNEL || channel === API_ACCOUNT_ID;
}

/**
 * The chat with one person. The API's account carries the channels of its clients, and the same id on another
 * of them is somebody else.
 */
export function directChat(accountId: string, channel: string, userId: string): ChatAddress {
  const isShared = accountId === API_ACCOUNT_ID && !isApiChannel(channel);
  return { chatId: userId, kind: 'direct', ...(isShared ? { topicId: channel } : {}) };
}
