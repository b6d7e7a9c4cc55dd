import type { EmbeddingModel } from '../../../src/contracts/embedding.js';
import type { DocumentStore, TenantScope } from '../../../src/contracts/stores.js';
import type { RetrieverPool } from '../../../src/knowledge/search/index.js';
import type { RetrieverUnderTest, TestDocument } from '../../contracts/retriever.js';

/** Represents meaning as a direction: how often each of three subjects is mentioned. */
const SUBJECTS = [/kopi|coffee|espresso/gi, /batik|kain|cloth/gi, /kirim|ship|courier/gi];
export const subjectModel: EmbeddingModel = {
  id: 'subjects',
  dimensions: SUBJECTS.length,
  embed: (texts) =>
    Promise.resolve(
      texts.map((text) =>
        Float32Array.from(SUBJECTS, (subject) => 0.01 + (text.match(subject)?.length ?? 0)),
      ),
    ),
  close: () => Promise.resolve(),
};

export async function publish(
  documents: DocumentStore,
  page: TestDocument,
  model?: EmbeddingModel,
): Promise<void> {
  const existing = await documents.get(page.id);
  const generation = (existing?.generation ?? 0) + 1;
  const at = new Date();
  const vectors = await model?.embed(page.chunks, 'passage', new AbortController().signal);
  await documents.put({
    id: page.id,
    title: page.title,
    kind: 'text',
    locale: page.locale,
    metadata: page.metadata ?? {},
    status: existing?.status ?? 'parsing',
    progress: 0,
    chunks: page.chunks.length,
    revision: generation,
    createdAt: at,
    updatedAt: at,
    contentHash: String(generation),
    generation: existing?.generation ?? 0,
  });
  await documents.putChunks(
    page.id,
    generation,
    page.chunks.map((text, ordinal) => {
      const values = vectors?.[ordinal];
      return {
        id: `${page.id}-${generation}-${ordinal}`,
        documentId: page.id,
        ordinal,
        headings: [],
        text,
        generation,
        ...(values === undefined || model === undefined ? {} : { vector: { modelId: model.id, values } }),
      };
    }),
  );
  await documents.publish(page.id, generation, { status: 'ready', progress: 1 });
}

/** A business and its retriever, for the contract. */
export function business(
  pool: RetrieverPool,
  scope: TenantScope,
  model?: EmbeddingModel,
): RetrieverUnderTest {
  return {
    retriever: pool.retriever(scope),
    async publish(page) {
      await publish(scope.documents, page, model);
      pool.invalidate(scope.tenantId);
    },
    async remove(id) {
      await scope.documents.remove(id);
      pool.invalidate(scope.tenantId);
    },
  };
}
