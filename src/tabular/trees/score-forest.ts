import type { Matrix } from '../matrix.js';
import { binsOf } from './feature-bins.js';
import type { Forest, Tree } from './forest.js';
import { MaskedForest } from './masked/masked-forest.js';
import { WalkedForest } from './walked-forest.js';

export interface ForestScorer {
  /** Raw scores of the given rows (all by default), `outputs` per row, in the order of the rows. */
  scores(matrix: Pick<Matrix, 'rows' | 'columns'>, some?: Int32Array): Float64Array;
}

/** One step down a tree takes as long as intersecting this many bytes of masks. */
const BYTES_PER_STEP = 100;
/** More bytes of masks do not stay in the CPU cache. */
const MOST_BYTES = 8_000_000;

/** Chooses the faster way: lookup for few features, traversal for many. Both give the same, to the last bit. */
export function scorerOf(forest: Forest): ForestScorer {
  const bins = binsOf(forest.trees);
  const masked = MaskedForest.sizeOf(forest.trees, bins);
  const steps = forest.trees.reduce((sum, tree) => sum + meanDepth(tree), 0);
  const isQuicker = masked.bytesPerRow <= BYTES_PER_STEP * steps && masked.bytes <= MOST_BYTES;
  return (isQuicker ? MaskedForest.of(forest, bins) : undefined) ?? new WalkedForest(forest);
}

/** Average number of steps of a row, assuming that it passes a node as often as training rows did. */
function meanDepth({ nodeRows }: Tree): number {
  const [all = 1] = nodeRows;
  return nodeRows.reduce((sum, rows) => sum + rows, 0) / Math.max(1, all);
}
