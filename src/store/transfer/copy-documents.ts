import type { mongo } from 'mongoose';
import type { Database } from '../database.js';
import { inboxTable } from '../models/inbox-events.js';
import { COLLECTION_NAME } from './archive-format.js';
import { archivedDocuments } from './read-archive.js';
import type { ArchivedDocument } from './write-archive.js';

const BATCH_DOCUMENTS = 500;
/** Documents are counted by their length as JSON, which is roughly their BSON size. */
const BATCH_BYTES = 8 * 1024 * 1024;

/** Every document of the database, or of these collections, with exact types. */
export async function* documentsOf(
  database: Database,
  only?: readonly string[],
): AsyncGenerator<ArchivedDocument> {
  const listed = await database.native.listCollections({}, { nameOnly: true }).toArray();
  const names = listed.map(({ name }) => name).filter((name) => COLLECTION_NAME.test(name));
  for (const collection of inReadingOrder(only ?? names)) {
    const cursor = database.native.collection(collection).find({}, { promoteValues: false });
    for await (const document of cursor) yield { collection, document };
  }
}

/**
 * Events before their answers: an answer stored in between appears at most as an unanswered event together
 * with its answer, which is corrected when the conversation resumes.
 */
function inReadingOrder(names: readonly string[]): string[] {
  const rest = names.filter((name) => name !== inboxTable.name).sort();
  return names.includes(inboxTable.name) ? [inboxTable.name, ...rest] : rest;
}

/** Writes the documents of a verified archive into an empty database. */
export async function copyIn(database: Database, file: string): Promise<void> {
  let batch: ArchivedDocument[] = [];
  let bytes = 0;
  const flush = async (): Promise<void> => {
    const [first] = batch;
    if (first === undefined) return;
    const rows = batch.map(({ document }): mongo.Document => document);
    await database.native.collection(first.collection).insertMany(rows, { ordered: false });
    batch = [];
    bytes = 0;
  };
  for await (const item of archivedDocuments(file)) {
    const isOther = batch[0] !== undefined && batch[0].collection !== item.collection;
    if (isOther || batch.length >= BATCH_DOCUMENTS || bytes >= BATCH_BYTES) await flush();
    batch.push(item);
    bytes += item.size;
  }
  await flush();
}
