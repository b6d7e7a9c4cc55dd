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
  /** Where it takes place, so that the business can write first. */
  readonly chat: ChatAddress;
  readonly title: string;
  /** `human`: a person answers and the bot is silent. */
  readonly mode: 'bot' | 'human' | 'paused';
  /** Increases with every change of the mode; an answer made under an older number is discarded. */
  readonly modeNumber: number;
  /** Why a person is answering, or nobody; set by whoever changed the mode. */
  readonly modeReason?: string;
  readonly modeSince?: Date;
  readonly lastMessage?: LastMessage;
  /** Time of the last message, or of the start if there is none. */
  readonly activeAt: Date;
  /** Since when the person has been waiting for the team. */
  readonly waitingSince?: Date;
  /** `closed` by staff, until the person writes again. */
  readonly status: 'open' | 'waiting' | 'closed';
  /** Contact id of the staff member responsible for it. */
  readonly assigneeId?: string;
  /** Labels set by staff. */
  readonly tags: readonly string[];
  /** The chat of the staff member who took over; absent unless somebody did from a chat. */
  readonly desk?: { readonly conversationId: string; readonly contactId: string };
  /** Set in a staff member's own chat: the conversation they are answering from here. */
  readonly attends?: { readonly conversationId: string; readonly once: boolean };
  readonly locale?: Locale;
  /** Name of the agent the person chose. */
  readonly agent?: string;
  /** Set by /forget: older messages are not shown to the model. */
  readonly forgottenBefore?: Date;
  /** A summary of older messages. */
  readonly summary?: ConversationSummary;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** A model's summary of a range of turns, both ends included. */
export interface ConversationSummary {
  readonly text: string;
  readonly from: Date;
  readonly until: Date;
}

/** The newest message of a conversation, cut to 200 characters. */
export interface LastMessage {
  readonly role: HistoryMessage['role'];
  readonly text: string;
  readonly at: Date;
}

/** What a process remembers of a conversation from the previous message. */
export interface Recalled {
  readonly conversation: Conversation;
  readonly contact: Contact;
  /** Shows whether the remembered state is still current. */
  readonly lineage: number;
}

export interface ConversationFilter {
  readonly mode?: Conversation['mode'];
  readonly channel?: string;
  readonly contactIds?: readonly string[];
  readonly status?: Conversation['status'];
  readonly assigneeId?: string;
  readonly tag?: string;
  /** Matches the title, the last message, or any of these people. */
  readonly about?: { readonly text: string; readonly contactIds: readonly string[] };
}

export interface ConversationStore {
  /** Created on first contact; concurrent calls create only one. */
  ensure(
    conversation: Pick<Conversation, 'id' | 'accountId' | 'channel' | 'contactId' | 'chat' | 'title'> & {
      readonly at: Date;
    },
  ): Promise<Conversation>;
  /** By its own id, or the id of a conversation joined to it. */
  get(id: string): Promise<Conversation | undefined>;
  /**
   * Joins the other conversation to this one: its history and pending messages belong here from now on, and
   * its id becomes an alias. Does nothing if either does not exist.
   */
  join(id: string, otherId: string): Promise<void>;
  /**
   * Changing the `mode` to anything but `bot` withdraws the bot's unsent answers: their bubbles fail. Bubbles
   * already being sent are left alone.
   */
  update(
    id: string,
    change: {
      readonly mode?: Conversation['mode'];
      /** Set together with `mode`; omitting it clears the previous reason. */
      readonly modeReason?: string;
      readonly locale?: Locale;
      /** Empty string: the bot itself. */
      readonly agent?: string;
      /** Also drops the summary. */
      readonly forgottenBefore?: Date;
      readonly summary?: ConversationSummary;
      /** `null` clears it. */
      readonly desk?: Conversation['desk'] | null;
      readonly attends?: Conversation['attends'] | null;
      /** Ignored if an earlier time is set. Cleared when the bot answers again. */
      readonly waitingSince?: Date;
      readonly isClosed?: boolean;
      readonly assigneeId?: string | null;
      /** The complete new list. */
      readonly tags?: readonly string[];
    },
  ): Promise<Conversation | undefined>;
  /**
   * The step before an answer is committed: records the newest message. `false`, with nothing recorded, if
   * the mode changed since it had this number or anything recalled has changed.
   */
  settle(
    id: string,
    step: {
      readonly modeNumber?: number;
      readonly recalled?: Recalled;
      readonly last: LastMessage;
      /** A person wrote: reopens a closed conversation, and starts the wait if nobody answers. */
      readonly isAsked?: boolean;
    },
  ): Promise<boolean>;
  /**
   * A direct conversation and the person in it, as this process remembers them from the previous message.
   * They may have changed since, so an answer based on them must be settled with the same `Recalled`.
   */
  recall(id: string, sender: ContactIdentity, at: Date): Recalled | undefined;
  /** Looks up whether the recalled state is still current. */
  holds(recalled: Recalled): Promise<boolean>;
  /** Stores both for the next `recall`. The contact must have been read after the conversation. */
  remember(conversation: Conversation, sender: ContactIdentity, contact: Contact): void;
  /** Most recently active first. */
  list(page: PageRequest, filter?: ConversationFilter): Promise<Page<Conversation>>;
  /** Conversations not handled by the bot, longest waiting first; at most 100. */
  withPeople(): Promise<readonly Conversation[]>;
  /** Direct conversations with this person, newest first; at most 20. */
  directOf(contact: Pick<Contact, 'id' | 'formerIds'>): Promise<readonly Conversation[]>;
  /** One item per message from a person and one per answer, oldest first. */
  messages(id: string, page: PageRequest): Promise<Page<ConversationMessage>>;
  /** The newest `limit` messages, 1 to 200, oldest first. */
  newestMessages(id: string, limit: number): Promise<readonly ConversationMessage[]>;
  /**
   * Deletes finished messages and answers from before `before`; people, conversations and pending work stay.
   * Returns how many were deleted; calling it again continues where it stopped.
   */
  removeHistory(before: Date, signal: AbortSignal): Promise<number>;
  /** The same across all conversations of a person, including notes about them. */
  history(contact: Pick<Contact, 'id' | 'formerIds'>, page: PageRequest): Promise<Page<ConversationMessage>>;
}

export interface ConversationMessage extends Omit<HistoryMessage, 'role'> {
  /** `note`: something the business noted about the person. */
  readonly role: HistoryMessage['role'] | 'note';
  readonly channel: string;
  readonly source?: TurnAnswer['source'];
  readonly citations?: TurnAnswer['citations'];
  readonly conversationId?: string;
  /** Delivery state of our message, if there was something to send. */
  readonly delivery?: { readonly state: 'waiting' | 'sent' | 'failed'; readonly reason?: string };
}
