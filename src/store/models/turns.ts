import type { ChatAddress } from '../../contracts/channel.js';
import type { Feedback, TurnFacts } from '../../contracts/stores.js';
import type { BubbleDelivery, Turn, TurnAnswer, TurnOrigin } from '../../contracts/turn.js';
import { checkedDate, checkedId, checkedText } from '../checked-value.js';
import { defineTable, Mixed } from '../database.js';
import { optional } from '../optional.js';

export interface TurnRow {
  readonly _id: string;
  readonly conversationId: string;
  readonly contactId: string;
  readonly accountId: string;
  readonly channel: string;
  readonly chat: ChatAddress;
  /** Absent in rows from before there were origins other than `events`. */
  readonly origin?: TurnOrigin;
  readonly modeNumber?: number;
  /** Absent if the turn answers no event, because a unique index would treat two empty arrays as equal. */
  readonly eventIds?: readonly string[];
  readonly input: string;
  readonly replyToMessageId?: string;
  readonly interaction?: Turn['interaction'];
  readonly answer: TurnAnswer;
  readonly deliveries: readonly BubbleDelivery[];
  /**
   * Number of bubbles neither sent nor failed. Updated together with the bubble, so that the turn is complete
   * in the same step as its last bubble.
   */
  readonly openBubbles: number;
  /** More bubbles will follow. */
  readonly isOpen?: true;
  readonly createdAt: Date;
  readonly tookMs: number;
  readonly feedback?: Feedback;
}

export const turnTable = defineTable<TurnRow>(
  'turns',
  {
    _id: String,
    conversationId: String,
    contactId: String,
    accountId: String,
    channel: String,
    chat: Mixed,
    origin: Mixed,
    modeNumber: Number,
    eventIds: { type: [String], default: undefined },
    input: String,
    replyToMessageId: String,
    interaction: Mixed,
    answer: Mixed,
    deliveries: { type: [Mixed], default: undefined },
    openBubbles: Number,
    isOpen: Boolean,
    createdAt: Date,
    tookMs: Number,
    feedback: Mixed,
  },
  [
    // Prevents two answers to one event.
    { keys: { eventIds: 1 }, options: { unique: true, sparse: true } },
    { keys: { conversationId: 1, openBubbles: 1 } },
    { keys: { conversationId: 1, createdAt: 1, _id: 1 } },
    // Reports count the turns of a day, and the newest turns are listed.
    { keys: { createdAt: 1, _id: 1 } },
  ],
);

export function isOpen(delivery: Pick<BubbleDelivery, 'state'>): boolean {
  return delivery.state === 'pending' || delivery.state === 'sending';
}

export function newTurnRow(turn: Turn): TurnRow {
  return {
    _id: checkedId(turn.id),
    conversationId: checkedId(turn.conversationId),
    contactId: checkedText(turn.contactId),
    accountId: checkedText(turn.accountId),
    channel: checkedText(turn.channel),
    chat: turn.chat,
    origin: turn.origin,
    ...optional('modeNumber', turn.modeNumber),
    ...optional('eventIds', turn.eventIds.length === 0 ? undefined : turn.eventIds.map(checkedId)),
    input: turn.input,
    ...optional('replyToMessageId', turn.replyToMessageId),
    ...optional('interaction', turn.interaction),
    answer: turn.answer,
    deliveries: turn.deliveries,
    openBubbles: turn.deliveries.filter(isOpen).length,
    ...optional('isOpen', turn.status === 'open' ? (true as const) : undefined),
    createdAt: checkedDate(turn.createdAt),
    tookMs: turn.tookMs,
  };
}

export function turnOf(row: TurnRow): Turn {
  return {
    id: row._id,
    conversationId: row.conversationId,
    contactId: row.contactId,
    accountId: row.accountId,
    channel: row.channel,
    chat: row.chat,
    origin: row.origin ?? { type: 'events' },
    ...optional('modeNumber', row.modeNumber),
    eventIds: row.eventIds ?? [],
    input: row.input,
    ...optional('replyToMessageId', row.replyToMessageId),
    ...optional('interaction', row.interaction),
    answer: row.answer,
    deliveries: row.deliveries,
    status: row.isOpen === true ? 'open' : row.openBubbles > 0 ? 'waiting' : 'done',
    createdAt: row.createdAt,
    tookMs: row.tookMs,
  };
}

/** The fields that `factsOf` reads. */
export const FACT_FIELDS = {
  conversationId: 1,
  contactId: 1,
  'origin.type': 1,
  eventIds: 1,
  'answer.source': 1,
  'answer.model': 1,
  'answer.choices.label': 1,
  'deliveries.state': 1,
  'feedback.rating': 1,
  createdAt: 1,
} as const;

export function factsOf(row: TurnRow): TurnFacts {
  const { conversationId, contactId, origin, eventIds = [], answer, deliveries, feedback, createdAt } = row;
  return {
    conversationId,
    contactId,
    origin: origin?.type ?? 'events',
    source: answer.source,
    model: answer.model,
    asksBack: answer.choices !== undefined,
    messages: eventIds.length,
    isFailed: deliveries.some(({ state }) => state === 'failed'),
    ...optional('rating', feedback?.rating),
    createdAt,
  };
}
