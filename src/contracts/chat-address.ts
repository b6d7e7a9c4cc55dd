import type { Locale } from './message.js';

/** Where a conversation takes place on the platform. Equal addresses of one account are one conversation. */
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
  /** BCP 47 tag as the platform reports it. */
  readonly languageTag?: string;
  /** Asked for with this very message, e.g. by the page's language switch. */
  readonly locale?: Locale;
  readonly isBot: boolean;
  /** The platform itself says so now, by a role there that the business chose for its staff. */
  readonly isStaff?: true;
}
