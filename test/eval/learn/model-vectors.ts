import type { EmbeddingModel } from '../../../src/contracts/embedding.js';
import type { ModelVectors } from '../../../src/knowledge/understanding/matching/features.js';
import { modelTexts, unrelatedCosine } from '../../../src/knowledge/understanding/matching/meaning.js';
import type { Pool } from './pool.js';

/** The vectors of a pool from an embedding model. */
export interface PoolVectors {
  readonly texts: readonly ModelVectors[];
  readonly questions: readonly Float32Array[];
  readonly unrelated: number;
}

export async function embedPool(pool: Pool, model: EmbeddingModel): Promise<PoolVectors> {
  const { signal } = new AbortController();
  const pairs = pool.texts.map(modelTexts);
  const whole = await model.embed(
    pairs.map((text) => text.whole),
    'passage',
    signal,
  );
  const heads = await model.embed(
    pairs.flatMap(({ head }) => head ?? []),
    'passage',
    signal,
  );
  let at = 0;
  const texts = pairs.map(({ head }, i): ModelVectors => ({
    whole: whole[i] ?? new Float32Array(model.dimensions),
    ...(head === undefined ? {} : { head: heads[at++] }),
  }));
  const questions = await model.embed(
    pool.questions.map(({ text }) => text),
    'query',
    signal,
  );
  return { texts, questions, unrelated: unrelatedCosine(whole) };
}
