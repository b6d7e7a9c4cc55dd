import type { Contact, ErasedPerson } from '../../contracts/stores.js';
import type { Database } from '../database.js';
import { contactNoteTable, contactTable } from '../models/contacts.js';
import { conversationTable } from '../models/conversations.js';
import { inboxTable } from '../models/inbox-events.js';
import { turnTable } from '../models/turns.js';
import { unansweredTable } from '../models/unanswered-questions.js';
import { DocumentFiles } from './document-files.js';
import { eraseMentions } from './erase-mentions.js';

/** Erases the data about a person that the rooms keep. */
export type EraseElsewhere = (person: ErasedPerson) => Promise<void>;

/**
 * Removes everything a person wrote, was answered and is known by. Every step can be repeated; the contact
 * itself is erased last, so that an interrupted erasure can be requested again. `false`: another contact was
 * merged into this one in the meantime, so the erasure must be repeated.
 */
export async function erasePerson(
  database: Database,
  contact: Contact,
  now: Date,
  eraseElsewhere: EraseElsewhere,
): Promise<boolean> {
  const ids = [contact.id, ...contact.formerIds];
  const byContact = { contactId: { $in: ids } };
  const conversationIds = await directConversations(database, byContact);
  const turns = { $or: [byContact, { conversationId: { $in: conversationIds } }] };
  await eraseInRooms(database, { ids, conversationIds, turns }, eraseElsewhere);
  const erase = (filter: Record<string, unknown>): Promise<void> => removeTurns(database, filter);
  await eraseMentions(database, contact, { contactIds: ids, conversationIds }, erase);
  await forgetLastMessages(database, ids, conversationIds);
  await eraseSaid(database, { ids, conversationIds, turns });
  await database.rows(contactTable).deleteMany({ _id: { $in: contact.formerIds.slice() } });
  const { length } = contact.formerIds;
  const { matchedCount } = await database
    .rows(contactTable)
    .replaceOne(
      { _id: contact.id, mergedInto: { $exists: false }, [`formerIds.${length}`]: { $exists: false } },
      { identities: [], isStaff: false, createdAt: contact.createdAt, updatedAt: now, erasedAt: now },
    );
  if (matchedCount === 0) return false;
  await eraseTraces(database, ids, eraseElsewhere);
  return true;
}

/**
 * Removes messages, answers, plans and exports that were in progress during an erasure and stored after it.
 */
export async function eraseTraces(
  database: Database,
  ids: readonly string[],
  eraseElsewhere: EraseElsewhere,
): Promise<void> {
  const byContact = { contactId: { $in: [...ids] } };
  const conversationIds = await directConversations(database, byContact);
  const traces = { ids, conversationIds, turns: byContact };
  await eraseInRooms(database, traces, eraseElsewhere);
  await eraseSaid(database, traces);
}

/** The direct conversations of a person. */
async function directConversations(
  database: Database,
  byContact: { readonly contactId: { readonly $in: string[] } },
): Promise<readonly string[]> {
  const conversations = await database.rows(conversationTable).find(byContact).toArray();
  return conversations.filter(({ chat }) => chat.kind === 'direct').map(({ _id }) => _id);
}

interface Traces {
  readonly ids: readonly string[];
  readonly conversationIds: readonly string[];
  readonly turns: Record<string, unknown>;
}

async function eraseInRooms(
  database: Database,
  { ids, conversationIds, turns }: Traces,
  eraseElsewhere: EraseElsewhere,
): Promise<void> {
  const rows = await database
    .rows(turnTable)
    .find(turns, { projection: { _id: 1 } })
    .toArray();
  await eraseElsewhere({ contactIds: ids, conversationIds, turnIds: rows.map(({ _id }) => _id) });
}

async function eraseSaid(database: Database, { ids, conversationIds, turns }: Traces): Promise<void> {
  await removeTurns(database, turns);
  await database.rows(inboxTable).deleteMany(turns);
  await database.rows(contactNoteTable).deleteMany({ contactId: { $in: [...ids] } });
  await database.rows(conversationTable).deleteMany({ _id: { $in: [...conversationIds] } });
  // Questions only they asked are removed; questions others asked too are kept without them.
  const questions = database.rows(unansweredTable);
  const inConversations = { $in: [...conversationIds] };
  await questions.updateMany({ askedIn: inConversations }, { $pull: { askedIn: inConversations } });
  await questions.updateMany({ people: { $in: [...ids] } }, { $pull: { people: { $in: [...ids] } } });
  await questions.deleteMany({ askedIn: { $size: 0 } });
}

async function removeTurns(database: Database, filter: Record<string, unknown>): Promise<void> {
  await removeFiles(database, filter);
  await database.rows(turnTable).deleteMany(filter);
}

/** The last message of a group may be theirs or an answer to them. */
async function forgetLastMessages(
  database: Database,
  contactIds: readonly string[],
  conversationIds: readonly string[],
): Promise<void> {
  const groups = await database.rows(inboxTable).distinct('conversationId', {
    contactId: { $in: [...contactIds] },
    conversationId: { $nin: [...conversationIds] },
  });
  await database
    .rows(conversationTable)
    .updateMany({ _id: { $in: groups.map(String) } }, { $unset: { lastMessage: 1 }, $inc: { version: 1 } });
}

/** Removes the files contained in the answers of these turns. */
export async function removeFiles(database: Database, turns: Record<string, unknown>): Promise<void> {
  const files = new DocumentFiles(database);
  const rows = await database
    .rows(turnTable)
    .find({ ...turns, 'answer.bubbles.type': 'file' })
    .toArray();
  for (const { answer } of rows) {
    for (const bubble of answer.bubbles) if (bubble.type === 'file') await files.remove(bubble.file.id);
  }
}
