import type { Collection, Document } from 'mongodb';
import type { Locale } from '../../../contracts/message.js';
import { defineRoomStore, defineRoomTable } from '../../../contracts/stores.js';
import { keepSearchIndexes, type IndexState } from './search-indexes.js';

/**
 * A chunk as indexed by a search server. Its words are stemmed here, so that both retrievers recognise the
 * same forms of words, prices and codes.
 */
export interface PassageRow {
  readonly _id: string;
  readonly documentId: string;
  /** Version of the document: rows of other versions are still being written or are garbage. */
  readonly version: string;
  readonly chunkId: string;
  readonly title: string;
  /** With its headings, as displayed. */
  readonly text: string;
  readonly locale?: Locale;
  /** Metadata, as `<name>=<type>:<value>`. */
  readonly facets: readonly string[];
  readonly terms: string;
  /** Terms of the title and headings. */
  readonly heads: string;
  readonly modelId?: string;
  /** BSON vector of float32. */
  readonly vector?: Document;
}

/** State of the rows of one document. */
export interface ProjectedDocument {
  readonly _id: string;
  readonly version: string;
  readonly chunks: number;
  /** Rows without a vector. */
  readonly missing: number;
  readonly languages: readonly Locale[];
}

const passages = defineRoomTable<PassageRow>('search_passages', [{ keys: { documentId: 1, version: 1 } }]);
const projected = defineRoomTable<ProjectedDocument>('search_documents');

export interface PassageStore {
  documents(): Promise<readonly ProjectedDocument[]>;
  /** Writes the rows, then the record of the document, then removes rows of other versions. */
  put(document: ProjectedDocument, rows: readonly PassageRow[]): Promise<void>;
  remove(documentId: string): Promise<void>;
  /** Creates or updates the index definitions and returns whether they can be searched. */
  keepIndexes(dimensions: number | undefined): Promise<IndexState>;
  search(pipeline: readonly Document[], signal: AbortSignal): Promise<readonly Document[]>;
}

export const passageStore = defineRoomStore<PassageStore>({
  tables: [passages, projected],
  open({ rows }) {
    return {
      documents: () => rows(projected).find().toArray(),
      async put(document, all) {
        const { _id: documentId, version, ...rest } = document;
        const writes = all.map(({ _id, ...row }) => ({
          replaceOne: { filter: { _id }, replacement: row, upsert: true },
        }));
        if (writes.length > 0) await rows(passages).bulkWrite(writes, { ordered: false });
        await rows(projected).replaceOne({ _id: documentId }, { version, ...rest }, { upsert: true });
        await rows(passages).deleteMany({ documentId, version: { $ne: version } });
      },
      async remove(documentId) {
        await rows(projected).deleteOne({ _id: documentId });
        await rows(passages).deleteMany({ documentId });
      },
      keepIndexes: (dimensions) => keepSearchIndexes(asCollection(rows(passages)), dimensions),
      search: (pipeline, signal) =>
        rows(passages)
          .aggregate([...pipeline], { signal })
          .toArray(),
    };
  },
});

/** The driver's types do not allow a `Collection<PassageRow>` where a `Collection` is expected. */
function asCollection(collection: Collection<PassageRow>): Collection {
  return collection as unknown as Collection;
}
