import type { ChatAddress } from '../channel.js';
import type { HistoryMessage, Locale } from '../message.js';
import type { TurnAnswer } from '../turn.js';
import type { Contact, ContactIdentity } from './contacts.js';
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
  /** Grows with each change of the mode: an answer made under an older one is not given. */
  readonly modeNumber: number;
  /** Why a person answers, or nobody; said by whoever changed the mode. */
  readonly modeReason?: string;
  readonly modeSince?: Date;
  readonly lastMessage?: LastMessage;
  /** When something was said last; before that, when it began. */
  readonly activeAt: Date;
  /** Since when the person waits for one of the team. */
  readonly waitingSince?: Date;
  /** `closed` by staff, until the person writes again. */
  readonly status: 'open' | 'waiting' | 'closed';
  /** The contact of the member of staff who looks after it. */
  readonly assigneeId?: string;
  /** What staff sort it under. */
  readonly tags: readonly string[];
  /** The chat of the member of staff who took over; absent while nobody at a desk did. */
  readonly desk?: { readonly conversationId: string; readonly contactId: string };
  /** This is the chat of a member of staff, who answers that conversation from here. */
  readonly attends?: { readonly conversationId: string; readonly once: boolean };
  readonly locale?: Locale;
  /** Name of the agent that the person chose. */
  readonly agent?: string;
  /** Position of /forget: what is older is not shown to the model. */
  readonly forgottenBefore?: Date;
  /** What was said longer ago, in short. */
  readonly summary?: ConversationSummary;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** What a model wrote of the turns from one to another, both included. */
export interface ConversationSummary {
  readonly text: string;
  readonly from: Date;
  readonly until: Date;
}

/** The newest line of a conversation, cut to 200 characters. */
export interface LastMessage {
  readonly role: HistoryMessage['role'];
  readonly text: string;
  readonly at: Date;
}

/** What a process knows of a conversation from the message before. */
export interface Recalled {
  readonly conversation: Conversation;
  readonly contact: Contact;
  /** Tells whether it is still what was recalled. */
  readonly lineage: number;
}

export interface ConversationFilter {
  readonly mode?: Conversation['mode'];
  readonly channel?: string;
  readonly contactIds?: readonly string[];
  readonly status?: Conversation['status'];
  readonly assigneeId?: string;
  readonly tag?: string;
  /** In the title or the last message, or with one of these people. */
  readonly about?: { readonly text: string; readonly contactIds: readonly string[] };
}

export interface ConversationStore {
  /** Made on first sight; parallel calls make one. */
  ensure(
    conversation: Pick<Conversation, 'id' | 'accountId' | 'channel' | 'contactId' | 'chat' | 'title'> & {
      readonly at: Date;
    },
  ): Promise<Conversation>;
  /** By its id, or by that of a conversation that was joined to it. */
  get(id: string): Promise<Conversation | undefined>;
  /**
   * What was said in the other is part of this one from now on, and so is what waits there; the
   * other id is only a name of it. Nothing happens where one of them does not exist.
   */
  join(id: string, otherId: string): Promise<void>;
  /**
   * With a `mode` other than `bot`, what waits to be sent of the bot's answers is taken back: such
   * bubbles fail. What is being sent is not touched.
   */
  update(
    id: string,
    change: {
      readonly mode?: Conversation['mode'];
      /** Goes with `mode`; without it the reason of the mode before is forgotten. */
      readonly modeReason?: string;
      readonly locale?: Locale;
      /** Empty: the bot itself. */
      readonly agent?: string;
      /** With it goes the summary. */
      readonly forgottenBefore?: Date;
      readonly summary?: ConversationSummary;
      /** `null` ends it. */
      readonly desk?: Conversation['desk'] | null;
      readonly attends?: Conversation['attends'] | null;
      /** Kept where it is earlier. With the bot nobody waits. */
      readonly waitingSince?: Date;
      readonly isClosed?: boolean;
      readonly assigneeId?: string | null;
      /** All of them. */
      readonly tags?: readonly string[];
    },
  ): Promise<Conversation | undefined>;
  /**
   * The step before an answer is committed: notes the newest message. `false`, and nothing is
   * noted, when the mode changed since it had this number, or when anything that was recalled did.
   */
  settle(
    id: string,
    step: {
      readonly modeNumber?: number;
      readonly recalled?: Recalled;
      readonly last: LastMessage;
      /** The person wrote: a closed conversation is open again, and who is not answered waits. */
      readonly isAsked?: boolean;
    },
  ): Promise<boolean>;
  /**
   * A conversation between the bot and one person, and who that is, as this process knows them from
   * the message before. They may have changed meanwhile: what is answered with them is settled with
   * what was recalled.
   */
  recall(id: string, sender: ContactIdentity, at: Date): Recalled | undefined;
  /** Whether it is still what was recalled, looked up. */
  holds(recalled: Recalled): Promise<boolean>;
  /** For the next `recall`. The contact must have been read after the conversation. */
  remember(conversation: Conversation, sender: ContactIdentity, contact: Contact): void;
  /** Whatever was said last first. */
  list(page: PageRequest, filter?: ConversationFilter): Promise<Page<Conversation>>;
  /** Those that are not with the bot, the longest waiting first; at most 100. */
  withPeople(): Promise<readonly Conversation[]>;
  /** Where this person writes to us alone, the newest first; at most 20. */
  directOf(contact: Pick<Contact, 'id' | 'formerIds'>): Promise<readonly Conversation[]>;
  /** One item per message of a person and one per answer, oldest first. */
  messages(id: string, page: PageRequest): Promise<Page<ConversationMessage>>;
  /** The newest `limit` of these, 1 to 200, oldest first. */
  newestMessages(id: string, limit: number): Promise<readonly ConversationMessage[]>;
  /**
   * Forgets what was said before `before` and is done; people, conversations and what is on its way
   * stay. Returns how many messages and answers went; asked again it goes on where it was stopped.
   */
  removeHistory(before: Date, signal: AbortSignal): Promise<number>;
  /** The same of all conversations of a person, with what was noted about them. */
  history(contact: Pick<Contact, 'id' | 'formerIds'>, page: PageRequest): Promise<Page<ConversationMessage>>;
}

export interface ConversationMessage extends Omit<HistoryMessage, 'role'> {
  /** `note`: what the business noted about the person. */
  readonly role: HistoryMessage['role'] | 'note';
  readonly channel: string;
  readonly source?: TurnAnswer['source'];
  readonly citations?: TurnAnswer['citations'];
  readonly conversationId?: string;
  /** What became of what we said, where there was something to send. */
  readonly delivery?: { readonly state: 'waiting' | 'sent' | 'failed'; readonly reason?: string };
}
