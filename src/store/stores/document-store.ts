import mongoose from 'mongoose';
import type {
  DocumentStore,
  IndexedDocument,
  Page,
  PageRequest,
  StoredChunk,
  StoredDocument,
} from '../../contracts/stores.js';
import { checkedId, checkedNumber, checkedText } from '../checked-value.js';
import { limitOf, olderThan, pageOf, positionOf } from '../cursor.js';
import type { Database } from '../database.js';
import {
  chunkOf,
  chunkTable,
  documentOf,
  documentTable,
  documentUpdate,
  indexedDocumentOf,
  isPublished,
  newChunkRow,
  type DocumentRow,
} from '../models/documents.js';
import { metaTable } from '../models/small-tables.js';
import { retryOnDuplicate } from '../retry-on-duplicate.js';
import { DocumentFiles } from './document-files.js';
import { withNote, type KnowledgeRevision } from './knowledge-revision.js';

const LIST = 'documents';
/** Documents that have not been replaced. */
const IN_PLACE = { replacedBy: mongoose.trusted({ $exists: false }) };
const CHUNK_BATCH = 500;
/** A publish between two reads is rare; one in each of this many attempts does not happen. */
const MAX_READS = 5;

export class MongoDocumentStore implements DocumentStore {
  readonly #files: DocumentFiles;

  constructor(
    private readonly database: Database,
    private readonly knowledge: KnowledgeRevision,
  ) {
    this.#files = new DocumentFiles(database);
  }

  async get(id: string): Promise<StoredDocument | undefined> {
    const row = await this.row(id);
    return row === null || row.replacedBy !== undefined ? undefined : documentOf(row);
  }

  async list(page: PageRequest): Promise<Page<StoredDocument>> {
    const limit = limitOf(page);
    const rows = await this.database
      .model(documentTable)
      .find({ ...olderThan('createdAt', positionOf(LIST, page)), ...IN_PLACE })
      .sort({ createdAt: -1, _id: -1 })
      .limit(limit + 1)
      .lean<DocumentRow[]>()
      .exec();
    return pageOf(LIST, rows, limit, documentOf, (row) => ({ time: row.createdAt.getTime(), id: row._id }));
  }

  async put(document: StoredDocument): Promise<void> {
    const { id, ...fields } = document;
    const _id = checkedId(id);
    const { $set, $unset } = documentUpdate({ error: undefined, ...fields });
    const published = document.status === 'ready' ? { publishedGeneration: document.generation } : {};
    await retryOnDuplicate(() =>
      this.database
        .model(documentTable)
        .updateOne(
          { _id },
          { $set: { ...$set, ...published }, $unset: { ...$unset, replacedBy: 1 } },
          { upsert: true },
        )
        .exec(),
    );
  }

  update(id: string, change: Parameters<DocumentStore['update']>[1]): Promise<StoredDocument | undefined> {
    return this.change({ _id: checkedText(id) }, change);
  }

  async supersede(id: string, by: string): Promise<void> {
    await this.database
      .rows(documentTable)
      .updateOne(
        { _id: checkedText(id) },
        { $set: { replacedBy: checkedText(by) }, $unset: { publishedGeneration: 1 } },
      );
    await this.knowledge.bump();
  }

  async superseded(by: string): Promise<StoredDocument | undefined> {
    const row = await this.database.rows(documentTable).findOne({ replacedBy: checkedText(by) });
    return row === null ? undefined : documentOf(row);
  }

  async bringBack(id: string): Promise<void> {
    const row = await this.row(id);
    if (row?.replacedBy === undefined) return;
    await this.database
      .rows(documentTable)
      .updateOne(
        { _id: row._id },
        { $set: { publishedGeneration: row.generation }, $unset: { replacedBy: 1 } },
      );
    await this.knowledge.bump();
  }

  /**
   * The document is removed first, so that nothing finds the rest; after a crash the note makes sure the
   * removal is finished.
   */
  async remove(id: string): Promise<boolean> {
    const subject = checkedText(id);
    const exists = (await this.row(subject)) !== null;
    const previous = exists ? await this.superseded(subject) : undefined;
    if (exists) {
      const note = { _id: `removal:${subject}`, kind: 'removal', subject } as const;
      await withNote(this.database, note, () => this.removeEverything(subject));
    }
    if (previous !== undefined) await this.remove(previous.id);
    return exists;
  }

  async putChunks(documentId: string, generation: number, chunks: readonly StoredChunk[]): Promise<void> {
    const id = checkedId(documentId);
    const rows = chunks.map((chunk) => newChunkRow(id, checkedNumber(generation), chunk));
    const table = this.database.rows(chunkTable);
    // A restarted build must not inherit chunks of an abandoned one.
    if (rows.some((row) => row.ordinal === 0)) await table.deleteMany({ documentId: id, generation });
    const writes = rows.map(({ _id, ...fields }) => ({
      replaceOne: { filter: { _id }, replacement: fields, upsert: true },
    }));
    if (writes.length > 0) await table.bulkWrite(writes, { ordered: false });
  }

  async putVectors(
    documentId: string,
    generation: number,
    vectors: Parameters<DocumentStore['putVectors']>[2],
  ): Promise<void> {
    const id = checkedId(documentId);
    const number = checkedNumber(generation);
    const writes = vectors.map(({ ordinal, vector: { modelId, values } }) => ({
      updateOne: {
        filter: { documentId: id, generation: number, ordinal: checkedNumber(ordinal) },
        update: { $set: { modelId, vector: mongoose.mongo.Binary.fromFloat32Array(values) } },
      },
    }));
    if (writes.length === 0) return;
    await this.database.rows(chunkTable).bulkWrite(writes, { ordered: false });
    await this.knowledge.bump();
  }

  async publish(
    documentId: string,
    generation: number,
    change: Parameters<DocumentStore['publish']>[2],
  ): Promise<StoredDocument | undefined> {
    const id = checkedText(documentId);
    const number = checkedNumber(generation);
    // A slow build never replaces a newer one published in the meantime.
    const notNewer = { _id: id, generation: mongoose.trusted({ $lte: number }) };
    const published = await this.change(notNewer, { ...change, generation: number }, number);
    if (published !== undefined) await this.knowledge.bump();
    // Removes chunks that are no longer needed; generations above the live one may still be in progress.
    const garbage = published === undefined ? number : { $lt: number };
    await this.database.rows(chunkTable).deleteMany({ documentId: id, generation: garbage });
    return published;
  }

  /** Reads again if a publish came between reading the document and its chunks. */
  async chunks(documentId: string): Promise<readonly StoredChunk[]> {
    const id = checkedText(documentId);
    let row = await this.row(id);
    for (let read = 0; row !== null && isPublished(row) && read < MAX_READS; read++) {
      const { generation } = row;
      const rows = await this.database
        .rows(chunkTable)
        .find({ documentId: id, generation })
        .sort({ ordinal: 1 })
        .toArray();
      row = await this.row(id);
      if (row?.generation === generation) return rows.map(chunkOf);
    }
    return [];
  }

  async *allChunks(): AsyncGenerator<StoredChunk & { readonly document: IndexedDocument }> {
    const documents = await this.database.rows(documentTable).find().toArray();
    const live = new Map(
      documents
        .filter(isPublished)
        .map((row) => [row._id, { generation: row.generation, document: indexedDocumentOf(row) }]),
    );
    const chunks = this.database
      .rows(chunkTable)
      .find()
      .sort({ documentId: 1, generation: 1, ordinal: 1 })
      .batchSize(CHUNK_BATCH);
    for await (const row of chunks) {
      const entry = live.get(row.documentId);
      if (entry?.generation === row.generation) yield { ...chunkOf(row), document: entry.document };
    }
  }

  revision(): Promise<number> {
    return this.knowledge.current();
  }

  putFile(documentId: string, bytes: Uint8Array): Promise<void> {
    return this.#files.put(checkedId(documentId), bytes);
  }

  getFile(documentId: string): Promise<Uint8Array | undefined> {
    return this.#files.get(checkedText(documentId));
  }

  /** Finishes removals that a crash interrupted. */
  async repair(): Promise<void> {
    const notes = this.database.rows(metaTable);
    for (const note of await notes.find({ kind: 'removal' }).toArray()) {
      const { subject } = note;
      // If the row exists, the document is complete: the removal never began or the document was created
      // again.
      if (subject !== undefined && (await this.row(subject)) === null) await this.removeEverything(subject);
      await notes.deleteOne({ _id: note._id });
    }
  }

  private async removeEverything(id: string): Promise<void> {
    await this.database.model(documentTable).deleteOne({ _id: id }).exec();
    await this.knowledge.bump();
    await this.database.rows(chunkTable).deleteMany({ documentId: id });
    await this.#files.remove(id);
  }

  private async change(
    filter: { readonly _id: string; readonly generation?: Record<string, number> },
    change: Partial<Omit<StoredDocument, 'id' | 'createdAt'>>,
    publishedGeneration?: number,
  ): Promise<StoredDocument | undefined> {
    const { $set, $unset } = documentUpdate(change);
    const published = publishedGeneration === undefined ? {} : { publishedGeneration };
    const row = await this.database
      .model(documentTable)
      .findOneAndUpdate(filter, { $set: { ...$set, ...published }, $unset }, { returnDocument: 'after' })
      .lean<DocumentRow>()
      .exec();
    return row === null ? undefined : documentOf(row);
  }

  private row(id: string): Promise<DocumentRow | null> {
    return this.database.rows(documentTable).findOne({ _id: checkedText(id) });
  }
}
