import type { Matrix } from '../matrix.js';
import { goesLeft, type Forest, type Tree } from '../trees/forest.js';

/**
 * What each feature adds to the score of a row, for many rows: at each node on the row's path, how much the
 * mean of the leaves below changes (A. Saabas, "Interpreting random forests", 2014). As with Shapley values,
 * these and the mean add up to the score, at the cost of one walk down each tree.
 */
export class PathContributions {
  private readonly means: readonly Float64Array[];

  constructor(private readonly forest: Forest) {
    this.means = forest.trees.map(nodeMeans);
  }

  of({ columns }: Pick<Matrix, 'columns'>, row: number, output: number): Float64Array {
    const { trees, outputs } = this.forest;
    const contributions = new Float64Array(columns.length);
    for (let index = output; index < trees.length; index += outputs) {
      const tree = trees[index] as Tree;
      const means = this.means[index] as Float64Array;
      let node = tree.feature.length === 0 ? -1 : 0;
      while (node >= 0) {
        const feature = tree.feature[node] as number;
        const value = (columns[feature] as Float32Array)[row] as number;
        const next = (goesLeft(tree, node, value) ? tree.left[node] : tree.right[node]) as number;
        const below = next >= 0 ? (means[next] as number) : (tree.value[-1 - next] as number);
        contributions[feature] = (contributions[feature] as number) + below - (means[node] as number);
        node = next;
      }
    }
    return contributions;
  }
}

/** Mean of the leaves below each node, weighted by the training rows that ended there. */
function nodeMeans(tree: Tree): Float64Array {
  const means = new Float64Array(tree.feature.length);
  const below = (child: number): { sum: number; rows: number } => {
    if (child < 0) {
      const rows = tree.leafRows[-1 - child] as number;
      return { sum: rows * (tree.value[-1 - child] as number), rows };
    }
    const rows = tree.nodeRows[child] as number;
    return { sum: rows * (means[child] as number), rows };
  };
  // A child has a larger number than its parent.
  for (let node = means.length - 1; node >= 0; node -= 1) {
    const left = below(tree.left[node] as number);
    const right = below(tree.right[node] as number);
    means[node] = (left.sum + right.sum) / Math.max(1, left.rows + right.rows);
  }
  return means;
}
