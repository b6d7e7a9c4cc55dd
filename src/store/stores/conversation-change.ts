import type {
  Conversation,
  ConversationFilter,
  ConversationStore,
  LastMessage,
} from '../../contracts/stores.js';
import { checkedText, checkedTexts } from '../checked-value.js';
import { optional } from '../optional.js';

type Change = Parameters<ConversationStore['update']>[1];

const REMOVED = 1 as const;

/** The update of one row for a change. */
export function conversationChange(change: Change, now: Date) {
  const { mode, modeReason, desk, attends, isClosed, assigneeId, waitingSince } = change;
  const fields = {
    ...optional('mode', mode),
    ...(mode === undefined ? {} : { modeSince: now }),
    ...optional('modeReason', modeReason),
    ...optional('locale', change.locale),
    ...optional('agent', change.agent),
    ...optional('forgottenBefore', change.forgottenBefore),
    ...optional('summary', change.summary),
    ...optional('desk', desk ?? undefined),
    ...optional('attends', attends ?? undefined),
    ...optional('assigneeId', assigneeId ?? undefined),
    ...(change.tags === undefined ? {} : { tags: [...new Set(change.tags)] }),
    ...(isClosed === true ? { closedAt: now } : {}),
    updatedAt: now,
  };
  const isWaitOver = mode === 'bot' || isClosed === true;
  const unset = {
    ...(mode === undefined || modeReason !== undefined ? {} : { modeReason: REMOVED }),
    ...(change.forgottenBefore === undefined ? {} : { summary: REMOVED }),
    ...(desk === null ? { desk: REMOVED } : {}),
    ...(attends === null ? { attends: REMOVED } : {}),
    ...(assigneeId === null ? { assigneeId: REMOVED } : {}),
    ...(isClosed === false ? { closedAt: REMOVED } : {}),
    ...(isWaitOver ? { waitingSince: REMOVED } : {}),
  };
  return {
    $set: fields,
    ...(Object.keys(unset).length === 0 ? {} : { $unset: unset }),
    ...(waitingSince === undefined || isWaitOver ? {} : { $min: { waitingSince } }),
    $inc: { version: 1, ...(mode === undefined ? {} : { modeNumber: 1 }) },
  };
}

/** The update that records the newest message. */
export function lastMessageChange(lastMessage: LastMessage, isAsked: boolean) {
  const { at, role, text } = lastMessage;
  const isUnanswered = isAsked && role === 'user' && text !== '';
  const unset = {
    ...(isAsked ? { closedAt: REMOVED } : {}),
    ...(role === 'staff' ? { waitingSince: REMOVED } : {}),
  };
  return {
    $set: { lastMessage, activeAt: at, updatedAt: at },
    ...(Object.keys(unset).length === 0 ? {} : { $unset: unset }),
    ...(isUnanswered ? { $min: { waitingSince: at } } : {}),
    $inc: { version: 1 },
  };
}

/** The conversation after that update. */
export function withLastMessage(
  before: Conversation,
  lastMessage: LastMessage,
  isAsked: boolean,
): Conversation {
  const { at, role, text } = lastMessage;
  const { waitingSince: previousWait, ...rest } = before;
  const newWait = isAsked && role === 'user' && text !== '' ? at : undefined;
  const waitingSince = role === 'staff' ? undefined : (previousWait ?? newWait);
  const isClosed = before.status === 'closed' && !isAsked;
  return {
    ...rest,
    lastMessage,
    activeAt: at,
    updatedAt: at,
    ...optional('waitingSince', waitingSince),
    status: waitingSince !== undefined ? 'waiting' : isClosed ? 'closed' : 'open',
  };
}

export function conditionsOf(filter: ConversationFilter): Record<string, unknown>[] {
  const { mode, channel, contactIds, status, assigneeId, tag, about } = filter;
  const isThere = { $exists: true };
  const isMissing = { $exists: false };
  const ofStatus = {
    open: { waitingSince: isMissing, closedAt: isMissing },
    waiting: { waitingSince: isThere },
    closed: { waitingSince: isMissing, closedAt: isThere },
  };
  return [
    ...(mode === undefined ? [] : [{ mode: checkedText(mode) }]),
    ...(channel === undefined ? [] : [{ channel: checkedText(channel) }]),
    ...(contactIds === undefined ? [] : [{ contactId: { $in: checkedTexts(contactIds) } }]),
    ...(status === undefined ? [] : [ofStatus[status]]),
    ...(assigneeId === undefined ? [] : [{ assigneeId: checkedText(assigneeId) }]),
    ...(tag === undefined ? [] : [{ tags: checkedText(tag) }]),
    ...(about === undefined ? [] : [aboutCondition(about)]),
  ];
}

function aboutCondition({
  text,
  contactIds,
}: NonNullable<ConversationFilter['about']>): Record<string, unknown> {
  const pattern = { $regex: checkedText(text).replace(/[.*+?^${}()|[\]\\]/g, '\\$&'), $options: 'i' };
  return {
    $or: [
      { title: pattern },
      { 'lastMessage.text': pattern },
      ...(contactIds.length === 0 ? [] : [{ contactId: { $in: checkedTexts(contactIds) } }]),
    ],
  };
}
