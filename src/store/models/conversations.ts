import type { ChatAddress } from '../../contracts/channel.js';
import type { Locale } from '../../contracts/message.js';
import type { Conversation, ConversationSummary, LastMessage } from '../../contracts/stores.js';
import { defineTable, Mixed } from '../database.js';
import { optional } from '../optional.js';

export interface ConversationRow {
  readonly _id: string;
  readonly accountId: string;
  readonly channel: string;
  readonly contactId: string;
  readonly chat: ChatAddress;
  readonly title: string;
  readonly mode: Conversation['mode'];
  /** Absent until the mode is changed for the first time. */
  readonly modeNumber?: number;
  /** Counts changes to the conversation, its person and its messages; absent before the first. */
  readonly version?: number;
  readonly modeReason?: string;
  readonly modeSince?: Date;
  readonly lastMessage?: LastMessage;
  /** Absent in rows of earlier versions. */
  readonly activeAt?: Date;
  readonly waitingSince?: Date;
  readonly closedAt?: Date;
  readonly assigneeId?: string;
  readonly tags?: readonly string[];
  readonly desk?: Conversation['desk'];
  readonly attends?: Conversation['attends'];
  readonly locale?: Locale;
  readonly agent?: string;
  readonly forgottenBefore?: Date;
  readonly summary?: ConversationSummary;
  /** Ids of conversations that were joined to this one. */
  readonly formerIds?: readonly string[];
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export const conversationTable = defineTable<ConversationRow>(
  'conversations',
  {
    _id: String,
    accountId: String,
    channel: String,
    contactId: String,
    chat: Mixed,
    title: String,
    mode: String,
    modeNumber: Number,
    version: Number,
    modeReason: String,
    modeSince: Date,
    lastMessage: Mixed,
    activeAt: Date,
    waitingSince: Date,
    closedAt: Date,
    assigneeId: String,
    tags: { type: [String], default: undefined },
    desk: Mixed,
    attends: Mixed,
    locale: String,
    agent: String,
    forgottenBefore: Date,
    summary: Mixed,
    formerIds: { type: [String], default: undefined },
    createdAt: Date,
    updatedAt: Date,
  },
  [
    { keys: { contactId: 1 } },
    { keys: { mode: 1, modeSince: 1 } },
    { keys: { activeAt: -1, _id: -1 } },
    { keys: { formerIds: 1 }, options: { sparse: true } },
  ],
);

export function conversationOf(row: ConversationRow): Conversation {
  return {
    id: row._id,
    accountId: row.accountId,
    channel: row.channel,
    contactId: row.contactId,
    chat: row.chat,
    title: row.title,
    mode: row.mode,
    modeNumber: row.modeNumber ?? 0,
    ...optional('modeReason', row.modeReason),
    ...optional('modeSince', row.modeSince),
    ...optional('lastMessage', row.lastMessage),
    activeAt: row.activeAt ?? row.lastMessage?.at ?? row.createdAt,
    ...optional('waitingSince', row.waitingSince),
    status: row.waitingSince !== undefined ? 'waiting' : row.closedAt !== undefined ? 'closed' : 'open',
    ...optional('assigneeId', row.assigneeId),
    tags: row.tags ?? [],
    ...optional('desk', row.desk),
    ...optional('attends', row.attends),
    ...optional('locale', row.locale),
    ...optional('agent', row.agent === '' ? undefined : row.agent),
    ...optional('forgottenBefore', row.forgottenBefore),
    ...optional('summary', row.summary),
    createdAt: row.createdAt,
    updatedAt: row.updatedAt,
  };
}
