import type { Database } from '../database.js';
import { conversationTable } from '../models/conversations.js';
import { inboxTable } from '../models/inbox-events.js';
import { turnTable } from '../models/turns.js';
import { removeFiles } from './erase-person.js';

/** Conversations looked at together. */
const BATCH = 200;

/**
 * Removes old messages and answers that are done, conversation by conversation along their indexes,
 * so that no index is kept for this alone and nobody waits for a long scan.
 */
export async function removeHistory(database: Database, before: Date, signal: AbortSignal): Promise<number> {
  let removed = 0;
  for (let last = ''; !signal.aborted;) {
    const batch = await database
      .rows(conversationTable)
      .find({ _id: { $gt: last }, createdAt: { $lt: before } })
      .sort({ _id: 1 })
      .limit(BATCH)
      .toArray();
    for (const { _id: conversationId } of batch) {
      if (signal.aborted) return removed;
      const turns = { conversationId, createdAt: { $lt: before }, openBubbles: 0 };
      await removeFiles(database, turns);
      removed += (await database.rows(turnTable).deleteMany(turns)).deletedCount;
      const events = { conversationId, receivedAt: { $lt: before }, status: { $ne: 'pending' as const } };
      removed += (await database.rows(inboxTable).deleteMany(events)).deletedCount;
    }
    const end = batch.at(-1);
    if (end === undefined) break;
    await database
      .rows(conversationTable)
      .updateMany(
        { _id: { $gt: last, $lte: end._id }, 'lastMessage.at': { $lt: before } },
        { $unset: { lastMessage: 1 }, $inc: { version: 1 } },
      );
    // A summary tells what is forgotten now.
    await database
      .rows(conversationTable)
      .updateMany(
        { _id: { $gt: last, $lte: end._id }, 'summary.from': { $lt: before } },
        { $unset: { summary: 1 }, $inc: { version: 1 } },
      );
    last = end._id;
  }
  return removed;
}
