import type { PoolVectors } from './model-vectors.js';
import type { Pool } from './pool.js';

/** With fewer texts, nothing stands out. */
const LEAST_TEXTS = 3;

/** A pool without the texts that answer one of its questions, and its vectors from an embedding model. */
export interface ReducedPool {
  readonly pool: Pool;
  readonly vectors: PoolVectors | undefined;
}

/**
 * What a business would have to refuse if its owner had not written the answer: for each question, the pool
 * without the texts that answer it. Real unanswerable questions are too few to learn from.
 */
export function withoutAnswers(pool: Pool, vectors?: PoolVectors): readonly ReducedPool[] {
  return pool.questions.flatMap(({ text, right }, number): ReducedPool[] => {
    const kept = [...pool.texts.keys()].filter((position) => !right.has(position));
    if (right.size === 0 || kept.length < LEAST_TEXTS) return [];
    const { haveSameMeaning } = pool;
    const reduced: Pool = {
      source: pool.source,
      texts: kept.flatMap((position) => pool.texts[position] ?? []),
      questions: [{ text, right: new Set() }],
      haveSameMeaning:
        haveSameMeaning && ((one, other) => haveSameMeaning(kept[one] ?? -1, kept[other] ?? -1)),
    };
    const ofQuestion = vectors?.questions[number];
    if (vectors === undefined || ofQuestion === undefined) return [{ pool: reduced, vectors: undefined }];
    const texts = kept.flatMap((position) => vectors.texts[position] ?? []);
    return [{ pool: reduced, vectors: { ...vectors, texts, questions: [ofQuestion] } }];
  });
}
