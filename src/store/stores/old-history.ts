import type { Database } from '../database.js';
import { conversationTable } from '../models/conversations.js';
import { inboxTable } from '../models/inbox-events.js';
import { turnTable } from '../models/turns.js';
import { removeFiles } from './erase-person.js';

/** Conversations per batch. */
const BATCH = 200;

/**
 * Removes old messages and completed answers, one conversation at a time using existing indexes, so that this
 * needs no index of its own and no long scan blocks anything.
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
    // A summary would still contain what is forgotten.
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
