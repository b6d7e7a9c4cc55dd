import type { Database } from '../database.js';
import { metaTable, type MetaRow } from '../models/small-tables.js';
import { retryOnDuplicate } from '../retry-on-duplicate.js';

const COUNTER = { _id: 'knowledge-revision', kind: 'counter' } as const;

/** Grows with each change of searchable content, so that indexes in memory know when to rebuild. */
export class KnowledgeRevision {
  constructor(private readonly database: Database) {}

  async current(): Promise<number> {
    const row = await this.database.rows(metaTable).findOne({ _id: COUNTER._id });
    return row?.value ?? 0;
  }

  async bump(): Promise<void> {
    await retryOnDuplicate(() =>
      this.database
        .model(metaTable)
        .updateOne(COUNTER, { $inc: { value: 1 } }, { upsert: true })
        .exec(),
    );
  }
}

/**
 * Keeps a note of work that a crash may interrupt; the note is written before the work and removed after it.
 */
export async function withNote(database: Database, note: MetaRow, work: () => Promise<void>): Promise<void> {
  const notes = database.model(metaTable);
  await retryOnDuplicate(() => notes.replaceOne({ _id: note._id }, note, { upsert: true }).exec());
  await work();
  await notes.deleteOne({ _id: note._id }).exec();
}
