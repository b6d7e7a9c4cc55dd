import type { Contact } from '../../contracts/stores.js';
import type { Database } from '../database.js';
import { contactNoteTable, contactTable } from '../models/contacts.js';
import { conversationTable } from '../models/conversations.js';
import { inboxTable } from '../models/inbox-events.js';
import { turnTable } from '../models/turns.js';
import { unansweredTable } from '../models/unanswered-questions.js';
import { DocumentFiles } from './document-files.js';

/**
 * Removes all that a person wrote, was answered and is known by. Each step may be repeated; the
 * contact itself goes last, so that an interrupted erasure can be asked for again.
 */
export async function erasePerson(database: Database, contact: Contact, now: Date): Promise<void> {
  const ids = [contact.id, ...contact.formerIds];
  const theirs = { contactId: { $in: ids } };
  const conversations = await database.rows(conversationTable).find(theirs).toArray();
  const conversationIds = conversations.filter(({ chat }) => chat.kind === 'direct').map(({ _id }) => _id);
  const turns = { $or: [theirs, { conversationId: { $in: conversationIds } }] };
  await removeFiles(database, turns);
  await database.rows(turnTable).deleteMany(turns);
  await database.rows(inboxTable).deleteMany(turns);
  await database.rows(contactNoteTable).deleteMany(theirs);
  await database.rows(conversationTable).deleteMany({ _id: { $in: conversationIds } });
  // What only they asked is theirs; what others asked too stays, without them.
  await database
    .rows(unansweredTable)
    .updateMany({ askedIn: { $in: conversationIds } }, { $pull: { askedIn: { $in: conversationIds } } });
  await database.rows(unansweredTable).deleteMany({ askedIn: { $size: 0 } });
  await database.rows(contactTable).deleteMany({ _id: { $in: contact.formerIds.slice() } });
  await database
    .rows(contactTable)
    .replaceOne(
      { _id: contact.id },
      { identities: [], isStaff: false, createdAt: contact.createdAt, updatedAt: now, erasedAt: now },
    );
}

/** The files that answers held. */
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
