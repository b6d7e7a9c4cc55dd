import { createHash } from 'node:crypto';
import { Binary } from 'mongodb';
import { defineRoomStore, defineRoomTable } from '../../../contracts/stores.js';

interface VectorRow {
  /** Hash of the model and the text. */
  readonly _id: string;
  readonly modelId: string;
  readonly values: Binary;
}

const table = defineRoomTable<VectorRow>('knowledge_text_vectors', [{ keys: { modelId: 1 } }]);

/**
 * Vectors of a business's texts, keyed by the text itself, so that unchanged text is never embedded again.
 */
export interface TextVectorStore {
  find(modelId: string, texts: readonly string[]): Promise<ReadonlyMap<string, Float32Array>>;
  put(modelId: string, vectors: ReadonlyMap<string, Float32Array>): Promise<void>;
  /** Removes vectors of other models and of texts no longer in use. */
  keepOnly(modelId: string, texts: readonly string[]): Promise<void>;
}

const IN_ONE_QUERY = 1_000;

export const textVectorStore = defineRoomStore<TextVectorStore>({
  tables: [table],
  open({ rows }) {
    return {
      async find(modelId, texts) {
        const byId = new Map(texts.map((text) => [idOf(modelId, text), text]));
        const ids = [...byId.keys()];
        const vectorByText = new Map<string, Float32Array>();
        for (let start = 0; start < ids.length; start += IN_ONE_QUERY) {
          const some = ids.slice(start, start + IN_ONE_QUERY);
          for await (const { _id, values } of rows(table).find({ _id: { $in: some } })) {
            const text = byId.get(_id);
            if (text !== undefined) vectorByText.set(text, values.toFloat32Array());
          }
        }
        return vectorByText;
      },
      async put(modelId, vectors) {
        const writes = [...vectors].map(([text, values]) => ({
          replaceOne: {
            filter: { _id: idOf(modelId, text) },
            replacement: { modelId, values: Binary.fromFloat32Array(values) },
            upsert: true,
          },
        }));
        if (writes.length > 0) await rows(table).bulkWrite(writes, { ordered: false });
      },
      async keepOnly(modelId, texts) {
        const current = new Set(texts.map((text) => idOf(modelId, text)));
        const stale: string[] = [];
        for await (const { _id } of rows(table).find({}, { projection: { _id: 1 } })) {
          if (!current.has(_id)) stale.push(_id);
        }
        for (let start = 0; start < stale.length; start += IN_ONE_QUERY) {
          await rows(table).deleteMany({ _id: { $in: stale.slice(start, start + IN_ONE_QUERY) } });
        }
      },
    };
  },
});

function idOf(modelId: string, text: string): string {
  return createHash('sha256').update(`${modelId}\0${text}`).digest('base64url').slice(0, 24);
}
