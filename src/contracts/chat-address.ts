import type { Locale } from './message.js';

/**
 * Where a conversation takes place on its platform. Within an account, equal addresses mean the same
 * conversation.
 */
export interface ChatAddress {
  readonly chatId: string;
  readonly kind: 'direct' | 'group';
  /** A topic or thread inside the chat. */
  readonly topicId?: string;
}

export interface Sender {
  /** The platform's immutable id; never a user name. */
  readonly id: string;
  readonly name?: string;
  /** BCP 47 tag, as reported by the platform. */
  readonly languageTag?: string;
  /** The language this message asked for, e.g. with the page's language switch. */
  readonly locale?: Locale;
  readonly isBot: boolean;
  /** The platform confirms a role that the business has chosen for its staff. */
  readonly isStaff?: true;
}
