import type { InboundEvent } from '../../contracts/channel.js';
import type { InboxEvent } from '../../contracts/turn.js';
import { checkedDate, checkedId, checkedNumber, checkedText } from '../checked-value.js';
import { defineTable, Mixed } from '../database.js';
import { optional } from '../optional.js';

export interface InboxRow {
  readonly _id: string;
  readonly accountId: string;
  readonly channel: string;
  readonly conversationId: string;
  readonly contactId: string;
  readonly event: InboundEvent;
  /** Copied from the event for the index. */
  readonly sequence: number;
  readonly receivedAt: Date;
  readonly attempts: number;
  readonly status: InboxEvent['status'];
  readonly bodyHash?: string;
}

export const inboxTable = defineTable<InboxRow>(
  'inbox',
  {
    _id: String,
    accountId: String,
    channel: String,
    conversationId: String,
    contactId: String,
    event: Mixed,
    sequence: Number,
    receivedAt: Date,
    attempts: Number,
    status: String,
    bodyHash: String,
  },
  [
    { keys: { conversationId: 1, status: 1, sequence: 1 } },
    { keys: { conversationId: 1, receivedAt: 1, _id: 1 } },
  ],
);

export function newInboxRow(event: Omit<InboxEvent, 'attempts' | 'status'>): InboxRow {
  return {
    _id: checkedId(event.key),
    accountId: checkedText(event.accountId),
    channel: checkedText(event.channel),
    conversationId: checkedId(event.conversationId),
    contactId: checkedText(event.contactId),
    event: event.event,
    sequence: checkedNumber(event.event.sequence),
    receivedAt: checkedDate(event.receivedAt),
    attempts: 0,
    status: 'pending',
    ...optional('bodyHash', event.bodyHash),
  };
}

export function inboxEventOf(row: InboxRow): InboxEvent {
  return {
    key: row._id,
    accountId: row.accountId,
    channel: row.channel,
    conversationId: row.conversationId,
    contactId: row.contactId,
    event: row.event,
    receivedAt: row.receivedAt,
    attempts: row.attempts,
    status: row.status,
    ...optional('bodyHash', row.bodyHash),
  };
}
