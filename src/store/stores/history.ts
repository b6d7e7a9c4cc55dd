import type { InboundEvent } from '../../contracts/channel.js';
import type { ConversationMessage, Page, PageRequest } from '../../contracts/stores.js';
import { partText } from '../../lib/text/part-text.js';
import { limitOf, pageOf, positionOf, type Position } from '../cursor.js';
import type { Database } from '../database.js';
import { contactNoteTable } from '../models/contacts.js';
import { inboxTable, type InboxRow } from '../models/inbox-events.js';
import { isOpen, turnTable, type TurnRow } from '../models/turns.js';
import { optional } from '../optional.js';

const LIST = 'messages';

/** Which end of the list to read from, as a sort direction. */
type Direction = 1 | -1;

/** One line of history and its place in the order: by time, then questions before answers, then by id. */
interface Entry {
  readonly message: ConversationMessage;
  readonly position: Position;
}

/**
 * History is built from existing records: the person's messages are inbox events, the answers are turns. All
 * sources are read from the same position, merged and cut to the page size.
 */
export async function historyPage(
  database: Database,
  conversationIds: readonly string[],
  page: PageRequest,
  contactIds: readonly string[] = [],
): Promise<Page<ConversationMessage>> {
  const limit = limitOf(page);
  const after = positionOf(LIST, page);
  const [only, ...more] = conversationIds;
  const inThese = only !== undefined && more.length === 0 ? only : { $in: [...conversationIds] };
  const sources = await Promise.all([
    messagesAfter(database, inThese, after, limit + 1),
    answeredAfter(database, inThese, after, limit + 1),
    ...(contactIds.length === 0 ? [] : [notesAfter(database, contactIds, after, limit + 1)]),
  ]);
  const merged = sources.flat().sort((a, b) => comparePositions(a.position, b.position));
  return pageOf(
    LIST,
    merged.slice(0, limit + 1),
    limit,
    (entry) => entry.message,
    (entry) => entry.position,
  );
}

/** The last lines, oldest first. */
export async function newestHistory(
  database: Database,
  conversationId: string,
  limit: number,
): Promise<readonly ConversationMessage[]> {
  const count = limitOf({ limit });
  const sources = await Promise.all([
    messagesAfter(database, conversationId, undefined, count, -1),
    answeredAfter(database, conversationId, undefined, count, -1),
  ]);
  const merged = sources.flat().sort((a, b) => comparePositions(a.position, b.position));
  return merged.slice(-count).map(({ message }) => message);
}

async function messagesAfter(
  database: Database,
  conversationId: string | { readonly $in: string[] },
  after: Position | undefined,
  limit: number,
  direction: Direction = 1,
): Promise<Entry[]> {
  const rows = await database
    .rows(inboxTable)
    .find({
      conversationId,
      'event.type': { $in: ['message', 'command'] },
      ...laterThan('receivedAt', 'q', after),
    })
    .sort({ receivedAt: direction, _id: direction })
    .limit(limit)
    .toArray();
  return rows.map(messageEntry);
}

async function answeredAfter(
  database: Database,
  conversationId: string | { readonly $in: string[] },
  after: Position | undefined,
  limit: number,
  direction: Direction = 1,
): Promise<Entry[]> {
  const rows = await database
    .rows(turnTable)
    .find({ conversationId, 'answer.text': { $ne: '' }, ...laterThan('createdAt', 'r', after) })
    .sort({ createdAt: direction, _id: direction })
    .limit(limit)
    .toArray();
  return rows.map(answeredEntry);
}

async function notesAfter(
  database: Database,
  contactIds: readonly string[],
  after: Position | undefined,
  limit: number,
): Promise<Entry[]> {
  const rows = await database
    .rows(contactNoteTable)
    .find({ contactId: { $in: contactIds }, ...laterThan('at', 'n', after) })
    .sort({ at: 1, _id: 1 })
    .limit(limit)
    .toArray();
  return rows.map(({ _id: id, text, direction, channel = '', at }) => ({
    message: { id, role: ROLE_OF[direction], text, channel, createdAt: at },
    position: { time: at.getTime(), id: `n${id}` },
  }));
}

const ROLE_OF = { in: 'user', out: 'assistant', note: 'note' } as const;

/**
 * Filter "after the position" for one of the sources. Ids in a position start with the source's letter: `n`
 * (note), `q` (question) and `r` (reply) sort in this order within the same millisecond.
 */
function laterThan(
  field: string,
  letter: 'n' | 'q' | 'r',
  after: Position | undefined,
): Record<string, unknown> {
  if (after === undefined) return {};
  const time = new Date(after.time);
  const lastLetter = after.id.charAt(0);
  if (letter < lastLetter) return { [field]: { $gt: time } };
  if (letter > lastLetter) return { [field]: { $gte: time } };
  return {
    [field]: { $gte: time },
    $or: [{ [field]: { $gt: time } }, { [field]: time, _id: { $gt: after.id.slice(1) } }],
  };
}

function comparePositions(a: Position, b: Position): number {
  // The server sorts strings by their UTF-8 bytes, so the merge must do the same.
  return a.time - b.time || Buffer.compare(Buffer.from(a.id), Buffer.from(b.id));
}

function messageEntry(row: InboxRow): Entry {
  const { _id: id, receivedAt, channel, event, conversationId } = row;
  return {
    message: { id, role: 'user', text: textOf(event), channel, createdAt: receivedAt, conversationId },
    position: { time: receivedAt.getTime(), id: `q${id}` },
  };
}

function answeredEntry(row: TurnRow): Entry {
  const { _id: id, createdAt, channel, answer, conversationId, deliveries } = row;
  const role = answer.source === 'human' ? 'staff' : 'assistant';
  const { text, source, citations } = answer;
  return {
    message: {
      id,
      role,
      text,
      channel,
      createdAt,
      source,
      citations,
      conversationId,
      ...optional('delivery', deliveryOf(deliveries)),
    },
    position: { time: createdAt.getTime(), id: `r${id}` },
  };
}

/** One failed bubble makes the whole answer failed; one waiting bubble makes it waiting. */
function deliveryOf(deliveries: TurnRow['deliveries']): ConversationMessage['delivery'] {
  if (deliveries.length === 0) return undefined;
  const failed = deliveries.find((delivery) => delivery.state === 'failed');
  if (failed?.state === 'failed') return { state: 'failed', reason: failed.reason };
  return { state: deliveries.some(isOpen) ? 'waiting' : 'sent' };
}

/** What the person wrote; a file without a caption is represented by its name or kind. */
function textOf(event: InboundEvent): string {
  switch (event.type) {
    case 'command':
      return event.argumentText === '' ? `/${event.name}` : `/${event.name} ${event.argumentText}`;
    case 'message':
    case 'edit':
      return event.parts.map(partText).join('\n');
    case 'action':
    case 'delete':
    case 'reaction':
    case 'own-message':
      return '';
    default:
      return event satisfies never;
  }
}
