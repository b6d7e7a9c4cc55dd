import type { Matrix } from '../matrix.js';
import { binsOf } from './feature-bins.js';
import type { Forest, Tree } from './forest.js';
import { MaskedForest, wordsOf } from './masked-forest.js';
import { WalkedForest } from './walked-forest.js';

export interface ForestScorer {
  /** Raw scores of some rows (all by default), `outputs` per row, in their order. */
  scores(matrix: Pick<Matrix, 'rows' | 'columns'>, some?: Int32Array): Float64Array;
}

/** One step down a tree takes as long as so many words of masks. */
const WORDS_PER_STEP = 5;
/** Masks of more words do not stay in the fast memory. */
const MOST_WORDS = 2_000_000;

/** Few features are looked up quickest, many are better walked down. */
export function scorerOf(forest: Forest): ForestScorer {
  const bins = binsOf(forest.trees);
  const words = wordsOf(forest.trees);
  const all = bins.reduce((sum, { count }) => sum + count, 0) * words;
  const steps = forest.trees.reduce((sum, tree) => sum + meanDepth(tree), 0);
  const isQuicker = words * bins.length <= WORDS_PER_STEP * steps;
  return isQuicker && all <= MOST_WORDS ? new MaskedForest(forest, bins) : new WalkedForest(forest);
}

/** Steps that a row takes on average: it passes a node as often as training rows did. */
function meanDepth({ nodeRows }: Tree): number {
  const [all = 1] = nodeRows;
  return nodeRows.reduce((sum, rows) => sum + rows, 0) / Math.max(1, all);
}
