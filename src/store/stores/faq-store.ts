import mongoose from 'mongoose';
import type { FaqEntry } from '../../contracts/knowledge.js';
import type { Clock, MakeId } from '../../contracts/runtime.js';
import type { FaqStore, Page, PageRequest } from '../../contracts/stores.js';
import { checkedId, checkedText } from '../checked-value.js';
import { limitOf, olderThan, pageOf, positionOf } from '../cursor.js';
import type { Database } from '../database.js';
import { faqEntryOf, faqTable, newFaqRow, type FaqRow } from '../models/faq-entries.js';
import { metaTable } from '../models/small-tables.js';
import { optional } from '../optional.js';
import { withNote, type KnowledgeRevision } from './knowledge-revision.js';

const LIST = 'faq';
/** An import that is unfinished after this time was abandoned in a crash, in ms. */
const ABANDONED_AFTER_MS = 3_600_000;

export class MongoFaqStore implements FaqStore {
  constructor(
    private readonly database: Database,
    private readonly knowledge: KnowledgeRevision,
    private readonly clock: Clock,
    private readonly makeId: MakeId,
  ) {}

  async all(): Promise<readonly FaqEntry[]> {
    const batches = await this.countedBatches();
    const visible = { $or: [{ batch: { $exists: false } }, ...batches.map((batch) => ({ batch }))] };
    const rows = await this.database.rows(faqTable).find(visible).sort({ createdAt: 1, _id: 1 }).toArray();
    const replaced = new Map(
      rows.flatMap((row) => (row.replaces === undefined ? [] : [[row.replaces, row] as const])),
    );
    return rows
      .filter((row) => row.replaces === undefined)
      .map((row) => faqEntryOf({ ...row, ...textsOf(replaced.get(row._id) ?? row) }));
  }

  async get(id: string): Promise<FaqEntry | undefined> {
    const filter = { $and: [{ _id: checkedText(id) }, await this.visible()] };
    const row = await this.database.model(faqTable).findOne(filter).lean<FaqRow>().exec();
    return row === null ? undefined : faqEntryOf(row);
  }

  async list(page: PageRequest): Promise<Page<FaqEntry>> {
    const limit = limitOf(page);
    const rows = await this.database
      .model(faqTable)
      .find({ $and: [olderThan('createdAt', positionOf(LIST, page)), await this.visible()] })
      .sort({ createdAt: -1, _id: -1 })
      .limit(limit + 1)
      .lean<FaqRow[]>()
      .exec();
    return pageOf(LIST, rows, limit, faqEntryOf, (row) => ({ time: row.createdAt.getTime(), id: row._id }));
  }

  insert(entries: readonly FaqEntry[]): Promise<void> {
    return this.write({ added: entries, changed: [] });
  }

  async write({ added, changed }: Parameters<FaqStore['write']>[0]): Promise<void> {
    const rows = added.map((entry) => newFaqRow({ ...entry, id: checkedId(entry.id) }));
    const [only, ...others] = rows;
    if (only === undefined && changed.length === 0) return;
    if (only !== undefined && others.length === 0 && changed.length === 0)
      await this.database.rows(faqTable).insertOne(only);
    else await this.writeBatch(rows, changed);
    await this.knowledge.bump();
  }

  async update(id: string, change: Parameters<FaqStore['update']>[1]): Promise<FaqEntry | undefined> {
    const fields = {
      ...optional('question', change.question),
      ...optional('phrasings', change.phrasings),
      ...optional('answer', change.answer),
      ...optional('locale', change.locale),
      ...optional('updatedAt', change.updatedAt),
    };
    if (Object.keys(fields).length === 0) return this.get(id);
    const filter = { $and: [{ _id: checkedText(id) }, await this.visible()] };
    const row = await this.database
      .model(faqTable)
      .findOneAndUpdate(filter, { $set: fields }, { returnDocument: 'after' })
      .lean<FaqRow>()
      .exec();
    if (row === null) return undefined;
    await this.knowledge.bump();
    return faqEntryOf(row);
  }

  async remove(id: string): Promise<boolean> {
    const filter = { $and: [{ _id: checkedText(id) }, await this.visible()] };
    const { deletedCount } = await this.database.model(faqTable).deleteOne(filter).exec();
    if (deletedCount > 0) await this.knowledge.bump();
    return deletedCount > 0;
  }

  /** Completes committed imports and removes the remains of others. */
  async repair(): Promise<void> {
    const notes = this.database.rows(metaTable);
    for (const note of await notes.find({ kind: 'import' }).toArray()) {
      if (note.subject !== undefined) await this.reveal(note.subject);
      await notes.deleteOne({ _id: note._id });
    }
    const hidden = this.database.rows(faqTable).find({ batch: { $exists: true } });
    const rows = await hidden.project<Pick<FaqRow, 'batch'>>({ batch: 1 }).toArray();
    for (const batch of new Set(rows.map((row) => row.batch ?? ''))) {
      const startedAt = Number(batch.split(':', 1)[0]);
      if (this.clock.now().getTime() - startedAt > ABANDONED_AFTER_MS) await this.discard(batch);
    }
  }

  /**
   * All or nothing without a transaction: the rows, including those with new texts for existing entries, stay
   * hidden until a note commits the import in a single write. Then they are revealed one by one, if necessary
   * by the repair.
   */
  private async writeBatch(rows: readonly FaqRow[], entries: readonly FaqEntry[]): Promise<void> {
    const batch = `${this.clock.now().getTime()}:${this.makeId('import')}`;
    const texts = entries.map((entry, n) => ({
      ...newFaqRow({ ...entry, id: `${batch}:${n}` }),
      replaces: checkedId(entry.id),
    }));
    try {
      await this.database.rows(faqTable).insertMany([...rows, ...texts].map((row) => ({ ...row, batch })));
    } catch (error) {
      await this.discard(batch);
      throw error;
    }
    const note = { _id: `import:${batch}`, kind: 'import', subject: batch } as const;
    await withNote(this.database, note, () => this.reveal(batch));
  }

  private async reveal(batch: string): Promise<void> {
    const faq = this.database.rows(faqTable);
    const texts = await faq.find({ batch, replaces: { $exists: true } }).toArray();
    if (texts.length > 0) {
      await faq.bulkWrite(
        texts.map((row) => ({
          updateOne: { filter: { _id: row.replaces ?? '' }, update: { $set: textsOf(row) } },
        })),
      );
      await faq.deleteMany({ batch, replaces: { $exists: true } });
    }
    await this.database
      .model(faqTable)
      .updateMany({ batch }, { $unset: { batch: 1 } })
      .exec();
  }

  private async discard(batch: string): Promise<void> {
    await this.database.model(faqTable).deleteMany({ batch }).exec();
  }

  private async visible(): Promise<Record<string, unknown>> {
    const batches = await this.countedBatches();
    const hidden = mongoose.trusted({ $exists: false });
    return { replaces: hidden, $or: [{ batch: hidden }, ...batches.map((batch) => ({ batch }))] };
  }

  /** Committed imports whose rows may not all be revealed yet. */
  private async countedBatches(): Promise<readonly string[]> {
    const notes = await this.database.rows(metaTable).find({ kind: 'import' }).toArray();
    return notes.flatMap(({ subject }) => subject ?? []);
  }
}

/** The fields of an entry that a new text replaces. */
function textsOf({ question, phrasings, answer, locale, updatedAt }: FaqRow): Partial<FaqRow> {
  return { question, ...optional('phrasings', phrasings), answer, locale, updatedAt };
}
