import type { Database } from '../database.js';
import { contactTable } from '../models/contacts.js';
import { conversationOf, conversationTable } from '../models/conversations.js';
import { piecesOf } from './contact-search.js';

/** Rows per write. */
const BATCH = 500;

/** Adds the fields that newer indexes need to rows of earlier versions. Repeating it changes nothing. */
export async function upgradeRows(database: Database): Promise<void> {
  await giveTimes(database);
  const contacts = database.rows(contactTable);
  const unfindable = {
    pieces: { $exists: false },
    mergedInto: { $exists: false },
    erasedAt: { $exists: false },
  };
  for (;;) {
    const rows = await contacts.find(unfindable).limit(BATCH).toArray();
    if (rows.length === 0) return;
    await contacts.bulkWrite(
      rows.map((row) => ({
        updateOne: { filter: { _id: row._id }, update: { $set: { pieces: piecesOf(row) } } },
      })),
    );
  }
}

/** Conversations are listed by the time of their last message. */
async function giveTimes(database: Database): Promise<void> {
  const conversations = database.rows(conversationTable);
  for (;;) {
    const rows = await conversations
      .find({ activeAt: { $exists: false } })
      .limit(BATCH)
      .toArray();
    if (rows.length === 0) return;
    await conversations.bulkWrite(
      rows.map((row) => ({
        updateOne: { filter: { _id: row._id }, update: { $max: { activeAt: conversationOf(row).activeAt } } },
      })),
    );
  }
}
