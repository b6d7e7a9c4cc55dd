import type { Matrix } from '../matrix.js';
import { goesLeft, type Forest, type Tree } from '../trees/forest.js';

/**
 * What each feature adds to the scores of many rows: at each node on a row's way, how much the mean of
 * what lies below changes (A. Saabas, "Interpreting random forests", 2014). With the mean they sum to
 * the score, as Shapley values do, at the price of one walk down each tree.
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

/** Mean of the leaves below each node, by the rows that ended there in training. */
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
  // A child was grown after the node above it, so it has the larger number.
  for (let node = means.length - 1; node >= 0; node -= 1) {
    const left = below(tree.left[node] as number);
    const right = below(tree.right[node] as number);
    means[node] = (left.sum + right.sum) / Math.max(1, left.rows + right.rows);
  }
  return means;
}
