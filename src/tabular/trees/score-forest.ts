import type { Matrix } from '../matrix.js';
import { binsOf } from './feature-bins.js';
import type { Forest, Tree } from './forest.js';
import { MaskedForest, wordsOf } from './masked-forest.js';
import { WalkedForest } from './walked-forest.js';

export interface ForestScorer {
  /** Raw scores of the given rows (all by default), `outputs` per row, in the order of the rows. */
  scores(matrix: Pick<Matrix, 'rows' | 'columns'>, some?: Int32Array): Float64Array;
}

/** One step down a tree takes as long as this many words of masks. */
const WORDS_PER_STEP = 5;
/** Masks of more words do not stay in the CPU cache. */
const MOST_WORDS = 2_000_000;

/** Chooses the faster way: lookup for few features, traversal for many. */
export function scorerOf(forest: Forest): ForestScorer {
  const bins = binsOf(forest.trees);
  const words = wordsOf(forest.trees);
  const all = bins.reduce((sum, { count }) => sum + count, 0) * words;
  const steps = forest.trees.reduce((sum, tree) => sum + meanDepth(tree), 0);
  const isQuicker = words * bins.length <= WORDS_PER_STEP * steps;
  return isQuicker && all <= MOST_WORDS ? new MaskedForest(forest, bins) : new WalkedForest(forest);
}

/** Average number of steps of a row, assuming that it passes a node as often as training rows did. */
function meanDepth({ nodeRows }: Tree): number {
  const [all = 1] = nodeRows;
  return nodeRows.reduce((sum, rows) => sum + rows, 0) / Math.max(1, all);
}
