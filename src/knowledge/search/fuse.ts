/** One candidate with the raw score of each half that knows it. */
export interface FusionCandidate {
  readonly id: number;
  /** BM25, 0 when no word matches. */
  readonly keyword: number;
  /** Cosine; absent when the item has no vector. */
  readonly semantic: number | undefined;
}

export interface Fused {
  readonly id: number;
  /** 0..1 */
  readonly score: number;
}

/**
 * Orders candidates by the mean of both halves, each stretched to 0..1 over the candidates
 * (min-max: (s - min) / (max - min)). Unlike reciprocal ranks this keeps how far apart scores are,
 * so a half that is sure outweighs one that is not (S. Bruch et al., "An Analysis of Fusion
 * Functions for Hybrid Retrieval", 2023). An item without a vector has 0 in that half. When all
 * scores of a half are the same, it has nothing to say and the other decides alone.
 */
export function fuse(candidates: readonly FusionCandidate[]): Fused[] {
  const keyword = stretch(candidates.map((candidate) => candidate.keyword));
  const semantic = stretch(candidates.map((candidate) => candidate.semantic ?? -Infinity));
  return candidates
    .map(({ id }, i) => ({ id, score: mean(keyword?.[i], semantic?.[i]) }))
    .sort((a, b) => b.score - a.score || a.id - b.id);
}

function stretch(scores: readonly number[]): number[] | undefined {
  const known = scores.filter((score) => score !== -Infinity);
  const low = Math.min(...known);
  const range = Math.max(...known) - low;
  if (!(range > 0)) return undefined;
  return scores.map((score) => (score === -Infinity ? 0 : (score - low) / range));
}

function mean(a: number | undefined, b: number | undefined): number {
  if (a === undefined) return b ?? 1;
  return b === undefined ? a : (a + b) / 2;
}
