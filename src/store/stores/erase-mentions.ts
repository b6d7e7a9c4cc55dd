import type { Contact } from '../../contracts/stores.js';
import { escapeMarkdown } from '../../lib/text/escape-markdown.js';
import { partText } from '../../lib/text/part-text.js';
import { shortId } from '../../lib/ids/short-id.js';
import type { Database } from '../database.js';
import { conversationTable } from '../models/conversations.js';
import { idempotencyTable } from '../models/small-tables.js';
import { inboxTable, type InboxRow } from '../models/inbox-events.js';
import { turnTable } from '../models/turns.js';

/** Precedes the event's key in the event ids of messages forwarded to a desk. */
const PASSED_ON = 'say:desk:';
const CHUNK = 200;
/** Shorter messages could be anybody's, in characters. */
const SHORTEST_TEXT = 12;
const SHORTEST_NAME = 3;
/** How much of a message to look for, in characters: a quotation includes the beginning. */
const QUOTED_LENGTH = 40;
/** How many of the newest messages are searched for in quotations. */
const MOST_QUOTED = 500;

/**
 * Removes what other people's chats contain about a person: messages forwarded to a desk, notifications to
 * staff and answers to commands of staff; also API responses kept for repeated requests.
 */
export async function eraseMentions(
  database: Database,
  contact: Contact,
  their: { readonly contactIds: readonly string[]; readonly conversationIds: readonly string[] },
  removeTurns: (filter: Record<string, unknown>) => Promise<void>,
): Promise<void> {
  const wrote = {
    $or: [
      { contactId: { $in: [...their.contactIds] } },
      { conversationId: { $in: [...their.conversationIds] } },
    ],
  };
  const events = await database.rows(inboxTable).find(wrote).sort({ receivedAt: -1 }).toArray();
  for (let at = 0; at < events.length; at += CHUNK) {
    const keys = events.slice(at, at + CHUNK).map(({ _id }) => `${PASSED_ON}${_id}`);
    await removeTurns({ eventIds: { $in: keys } });
  }
  const ids = [...their.contactIds, ...their.conversationIds];
  const patterns = patternsOf(contact, ids, events.slice(0, MOST_QUOTED));
  for (let at = 0; at < patterns.length; at += CHUNK) {
    await blank(database, their.conversationIds, patterns.slice(at, at + CHUNK).join('|'));
  }
  const pattern = ids.map(escaped).join('|');
  await database.rows(idempotencyTable).deleteMany({ 'response.body': { $regex: pattern } });
}

/** Keeps the turn, so that the events it answers stay answered, but removes its text. */
async function blank(database: Database, conversationIds: readonly string[], pattern: string): Promise<void> {
  const mentions = { $regex: pattern, $options: 'i' };
  await database.rows(turnTable).updateMany(
    {
      conversationId: { $nin: [...conversationIds] },
      // Only commands and their answers, buttons, and notifications to staff, not other people's
      // conversations.
      input: { $regex: '^(?:/|$)' },
      'answer.source': 'command',
      $or: [{ 'answer.text': mentions }, { input: mentions }],
    },
    { $set: { input: '', 'answer.text': '', 'answer.bubbles': [], deliveries: [], openBubbles: 0 } },
  );
  await database
    .rows(conversationTable)
    .updateMany({ 'lastMessage.text': mentions }, { $unset: { lastMessage: 1 }, $inc: { version: 1 } });
}

function patternsOf(
  { name, phone, email }: Pick<Contact, 'name' | 'phone' | 'email'>,
  ids: readonly string[],
  events: readonly InboxRow[],
): string[] {
  const words = [
    ...(name === undefined || name.length < SHORTEST_NAME ? [] : [name]),
    ...[phone, email].filter((value) => value !== undefined),
  ];
  const quoted = [...new Set(events.map(textOf))]
    .filter((text) => text.length >= SHORTEST_TEXT && !text.startsWith('/'))
    .map((text) => text.slice(0, QUOTED_LENGTH));
  const both = (text: string): string[] => [...new Set([text, escapeMarkdown(text)])].map(escaped);
  return [
    ...words.flatMap(both).map((text) => `(?:^|[^A-Za-z0-9])${text}(?:$|[^A-Za-z0-9])`),
    ...quoted.flatMap(both),
    ...[...new Set(ids.map(shortId))].map((id) => `\`${escaped(id)}\``),
  ];
}

function textOf({ event }: InboxRow): string {
  return event.type === 'message' || event.type === 'edit' ? event.parts.map(partText).join(' ') : '';
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
