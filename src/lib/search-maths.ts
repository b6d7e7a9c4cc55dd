/** The formulas of search by words and by meaning, for the index in memory and for the store. */

/** Inverse document frequency as in Lucene: ln(1 + (N - n + 0.5) / (n + 0.5)). */
export function inverseFrequency(size: number, matches: number): number {
  return Math.log(1 + (size - matches + 0.5) / (matches + 0.5));
}

/**
 * The number beyond which further occurrences of a term hardly matter, for a document of this length (BM25).
 */
export function saturationOf(
  { k1, b }: { readonly k1: number; readonly b: number },
  length: number,
  meanLength: number,
): number {
  return k1 * (1 - b + (b * length) / meanLength);
}

export function dotProduct(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i += 1) sum += (a[i] ?? 0) * (b[i] ?? 0);
  return sum;
}

/** 0 if either vector has no length. */
export function cosine(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const lengths = Math.sqrt(dotProduct(a, a) * dotProduct(b, b));
  return lengths === 0 ? 0 : dotProduct(a, b) / lengths;
}

export function euclidean(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i += 1) sum += ((a[i] ?? 0) - (b[i] ?? 0)) ** 2;
  return Math.sqrt(sum);
}

/** The value of a rank (G. Cormack et al., "Reciprocal Rank Fusion", 2009); ranks start at 1. */
export const reciprocalRank = (rank: number, k = 60): number => 1 / (k + rank);
