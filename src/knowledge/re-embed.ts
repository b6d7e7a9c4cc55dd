import type { EmbeddingModel } from '../contracts/embedding.js';
import { allItems, type StoredChunk, type TenantScope } from '../contracts/stores.js';
import { defineJob, handleJob, type Job, type JobRun } from '../contracts/queue.js';
import { embeddedText } from './ingest-embed.js';

/** Gives passages vectors of the current model. Existing ones stay searchable in the meantime. */
export const reEmbedJob = defineJob<Record<string, never>>('knowledge.re-embed');

const BATCH = 64;

/** Does nothing without a model. */
export function reEmbedJobs(model: EmbeddingModel | undefined): readonly Job[] {
  return [
    handleJob(reEmbedJob, {
      run: async (scope, _data, run) => {
        if (model !== undefined) await reEmbed(scope, model, run);
      },
    }),
  ];
}

/** Whether a passage has no vector of this model yet. */
function lacksVector({ vector }: StoredChunk, model: EmbeddingModel): boolean {
  return vector?.modelId !== model.id || vector.values.length !== model.dimensions;
}

/** Works document by document; if the model fails, the run ends and the job is retried. */
export async function reEmbed(
  scope: TenantScope,
  model: EmbeddingModel,
  { signal }: Pick<JobRun, 'signal'>,
): Promise<void> {
  const { documents } = scope;
  for (const { id, title, status } of await allItems((page) => documents.list(page))) {
    if (status !== 'ready') continue;
    const missing = (await documents.chunks(id)).filter((chunk) => lacksVector(chunk, model));
    for (let start = 0; start < missing.length; start += BATCH) {
      const some = missing.slice(start, start + BATCH);
      const vectors = await model.embed(
        some.map((chunk) => embeddedText(title, chunk)),
        'passage',
        signal,
        scope,
      );
      const updates = some.flatMap(({ ordinal }, i) => {
        const values = vectors[i];
        return values === undefined ? [] : [{ ordinal, vector: { modelId: model.id, values } }];
      });
      await documents.putVectors(id, some[0]?.generation ?? 0, updates);
    }
  }
}
