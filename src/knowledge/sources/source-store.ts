import type { KnowledgeSource, SourcePage } from '../../contracts/knowledge-sources.js';
import { defineRoomStore, defineRoomTable } from '../../contracts/stores.js';

/** A page as it was last read. */
export interface StoredPage extends SourcePage {
  readonly sourceId: string;
  readonly contentHash: string;
  readonly etag?: string;
  readonly lastModified?: string;
  /** Its links on its own site, used if it has not changed. */
  readonly links: readonly string[];
}

type SourceRow = Omit<KnowledgeSource, 'id'> & { readonly _id: string };
type PageRow = StoredPage & { readonly _id: string };

const sources = defineRoomTable<SourceRow>('knowledge_sources', [{ keys: { createdAt: -1, _id: -1 } }]);
const pages = defineRoomTable<PageRow>('knowledge_source_pages', [{ keys: { sourceId: 1 } }]);

export interface SourceStore {
  get(id: string): Promise<KnowledgeSource | undefined>;
  /** Newest first. */
  all(): Promise<readonly KnowledgeSource[]>;
  /** Adds a source, or replaces it with another schedule and depth. */
  put(source: KnowledgeSource): Promise<void>;
  /** `undefined`: it does not exist any more. */
  update(
    id: string,
    change: Pick<KnowledgeSource, 'status' | 'problem' | 'lastSyncedAt' | 'updatedAt'>,
  ): Promise<KnowledgeSource | undefined>;
  /** Does not remove its pages. */
  remove(id: string): Promise<boolean>;
  pages(sourceId: string): Promise<readonly StoredPage[]>;
  putPage(page: StoredPage): Promise<void>;
  removePage(documentId: string): Promise<void>;
}

export const sourceStore = defineRoomStore<SourceStore>({
  tables: [sources, pages],
  open({ rows }) {
    return {
      async get(id) {
        const row = await rows(sources).findOne({ _id: String(id) });
        return row === null ? undefined : sourceOf(row);
      },
      async all() {
        return (await rows(sources).find().sort({ createdAt: -1, _id: -1 }).toArray()).map(sourceOf);
      },
      async put({ id, ...rest }) {
        await rows(sources).replaceOne({ _id: id }, rest, { upsert: true });
      },
      async update(id, change) {
        const row = await rows(sources).findOneAndUpdate(
          { _id: id },
          { $set: change, ...(change.problem === undefined ? { $unset: { problem: 1 } } : {}) },
          { returnDocument: 'after' },
        );
        return row === null ? undefined : sourceOf(row);
      },
      async remove(id) {
        return (await rows(sources).deleteOne({ _id: String(id) })).deletedCount > 0;
      },
      async pages(sourceId) {
        const records = await rows(pages)
          .find({ sourceId: String(sourceId) })
          .toArray();
        return records.map(({ _id, ...page }) => page);
      },
      async putPage(page) {
        await rows(pages).replaceOne({ _id: page.documentId }, page, { upsert: true });
      },
      async removePage(documentId) {
        await rows(pages).deleteOne({ _id: documentId });
      },
    };
  },
});

function sourceOf({ _id: id, ...rest }: SourceRow): KnowledgeSource {
  return { id, ...rest };
}
