import type { Text } from './features.js';
import { dot } from './vectors.js';

/** Of longer texts the beginning is embedded, characters. */
const WHOLE_CHARACTERS = 1_200;
/** Pairs of texts that tell how near unrelated ones lie. */
const PAIRS = 400;

/** What of a text an embedding model is given: its question, if it has one, and all of it. */
export function modelTexts({ kind, head, body }: Text): {
  readonly head?: string;
  readonly whole: string;
} {
  if (kind !== 'entry') return { whole: body.slice(0, WHOLE_CHARACTERS) };
  return { head, whole: `${head}\n${body}`.trim().slice(0, WHOLE_CHARACTERS) };
}

/**
 * Cosine of texts of one business taken at random: where a model puts what has nothing in common. In
 * some models that is near 0, in others .8.
 */
export function unrelatedCosine(vectors: readonly Float32Array[]): number {
  const cosines: number[] = [];
  // A step that shares no factor with the size meets each text with ever other ones.
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
