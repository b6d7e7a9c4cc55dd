import type { Text } from './features.js';
import { dot } from '../words/vectors.js';

/** Longest part of a text that is embedded, in characters. */
const WHOLE_CHARACTERS = 1_200;
/** How many pairs of texts are sampled for the cosine of unrelated texts. */
const PAIRS = 400;

/** The parts of a text given to an embedding model: its question, if any, and the whole text. */
export function modelTexts({ kind, head, body }: Text): {
  readonly head?: string;
  readonly whole: string;
} {
  if (kind !== 'entry') return { whole: body.slice(0, WHOLE_CHARACTERS) };
  return { head, whole: `${head}\n${body}`.trim().slice(0, WHOLE_CHARACTERS) };
}

/**
 * Median cosine over pairs of texts of one business: where the model places texts that have nothing in
 * common. For some models this is near 0, for others .8.
 */
export function unrelatedCosine(vectors: readonly Float32Array[]): number {
  const cosines: number[] = [];
  // Pairs texts at increasing distances until there are enough pairs.
  for (let step = 1; step < vectors.length && cosines.length < PAIRS; step += 1) {
    for (let i = 0; i + step < vectors.length && cosines.length < PAIRS; i += 3) {
      const a = vectors[i];
      const b = vectors[i + step];
      if (a !== undefined && b !== undefined) cosines.push(dot(a, b));
    }
  }
  if (cosines.length === 0) return 0;
  cosines.sort((a, b) => a - b);
  return Math.min(0.95, cosines[Math.floor(cosines.length / 2)] ?? 0);
}
