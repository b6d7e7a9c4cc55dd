import type { ChatAddress } from '../channel.js';
import type { HistoryMessage, Locale } from '../message.js';
import type { TurnAnswer } from '../turn.js';
import type { Page, PageRequest } from './page.js';

export interface Conversation {
  readonly id: string;
  readonly accountId: string;
  readonly channel: string;
  readonly contactId: string;
  /** Where it takes place, so that the business can speak first. */
  readonly chat: ChatAddress;
  readonly title: string;
  /** `human`: a person answers, the bot is silent. */
  readonly mode: 'bot' | 'human' | 'paused';
  readonly locale?: Locale;
  /** Position of /forget: what is older is not shown to the model. */
  readonly forgottenBefore?: Date;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export interface ConversationStore {
  /** Made on first sight; parallel calls make one. */
  ensure(
    conversation: Pick<Conversation, 'id' | 'accountId' | 'channel' | 'contactId' | 'chat' | 'title'> & {
      readonly at: Date;
    },
  ): Promise<Conversation>;
  get(id: string): Promise<Conversation | undefined>;
  update(
    id: string,
    change: {
      readonly mode?: Conversation['mode'];
      readonly locale?: Locale;
      readonly forgottenBefore?: Date;
    },
  ): Promise<Conversation | undefined>;
  list(page: PageRequest): Promise<Page<Conversation>>;
  /** One item per message of a person and one per answer, oldest first. */
  messages(id: string, page: PageRequest): Promise<Page<ConversationMessage>>;
}

export interface ConversationMessage extends HistoryMessage {
  readonly channel: string;
  readonly source?: TurnAnswer['source'];
  readonly citations?: TurnAnswer['citations'];
}
