import { goesLeft, type Forest, type Tree } from '../trees/forest.js';

/**
 * What each feature adds to the score of one row for one output: exact Shapley values over the paths of the
 * trees (S. Lundberg and others, "Consistent Individualized Feature Attribution for Tree Ensembles", 2018,
 * algorithm 2). These and the mean add up to the score.
 */
export function treeContributions(
  { trees, outputs }: Forest,
  columns: readonly Float32Array[],
  row: number,
  output: number,
): Float64Array {
  const contributions = new Float64Array(columns.length);
  const walk = new Walk(
    columns,
    row,
    contributions,
    trees.reduce((most, tree) => Math.max(most, depthOf(tree)), 0),
  );
  for (let index = output; index < trees.length; index += outputs) {
    const tree = trees[index] as Tree;
    if (tree.feature.length > 0) walk.down(tree);
  }
  return contributions;
}

function depthOf({ left, right }: Tree): number {
  const depths = new Int32Array(left.length);
  let deepest = 0;
  // A child has a larger number than its parent.
  for (let node = 0; node < left.length; node += 1) {
    const depth = (depths[node] as number) + 1;
    deepest = Math.max(deepest, depth);
    for (const child of [left[node] as number, right[node] as number]) if (child >= 0) depths[child] = depth;
  }
  return deepest;
}

/**
 * Walks one row down a tree along every branch. A path contains each feature tested so far once: `zero` is
 * the share of training rows that would come this way if the feature were unknown, `one` is 1 if this row
 * comes this way. Paths are stored one after the other, each after the one it extends.
 */
class Walk {
  private readonly feature: Int32Array;
  private readonly zero: Float64Array;
  private readonly one: Float64Array;
  private readonly weight: Float64Array;

  constructor(
    private readonly columns: readonly Float32Array[],
    private readonly row: number,
    private readonly contributions: Float64Array,
    deepest: number,
  ) {
    const size = ((deepest + 2) * (deepest + 3)) / 2;
    this.feature = new Int32Array(size);
    this.zero = new Float64Array(size);
    this.one = new Float64Array(size);
    this.weight = new Float64Array(size);
  }

  down(tree: Tree): void {
    this.extend(0, 0, 1, 1, -1);
    this.visit(tree, 0, 0, 0);
  }

  /** `start`: where the path to this node begins; `last`: the position of its last feature, from `start`. */
  private visit(tree: Tree, node: number, start: number, last: number): void {
    if (node < 0) {
      this.addLeaf(start, last, tree.value[-1 - node] as number);
      return;
    }
    const feature = tree.feature[node] as number;
    const isLeft = goesLeft(tree, node, (this.columns[feature] as Float32Array)[this.row] as number);
    const hot = (isLeft ? tree.left[node] : tree.right[node]) as number;
    const cold = (isLeft ? tree.right[node] : tree.left[node]) as number;
    let zero = 1;
    let one = 1;
    let length = last;
    const position = this.placeOf(feature, start, last);
    if (position !== -1) {
      zero = this.zero[position] as number;
      one = this.one[position] as number;
      this.unwind(start, last, position - start);
      length -= 1;
    }
    const rows = tree.nodeRows[node] as number;
    const next = start + length + 1;
    this.branch(start, next, length, (zero * rowsOf(tree, hot)) / rows, one, feature);
    this.visit(tree, hot, next, length + 1);
    this.branch(start, next, length, (zero * rowsOf(tree, cold)) / rows, 0, feature);
    this.visit(tree, cold, next, length + 1);
  }

  private placeOf(feature: number, start: number, last: number): number {
    for (let at = start + 1; at <= start + last; at += 1) if (this.feature[at] === feature) return at;
    return -1;
  }

  private branch(from: number, to: number, last: number, zero: number, one: number, feature: number): void {
    const end = from + last + 1;
    this.feature.copyWithin(to, from, end);
    this.zero.copyWithin(to, from, end);
    this.one.copyWithin(to, from, end);
    this.weight.copyWithin(to, from, end);
    this.extend(to, last + 1, zero, one, feature);
  }

  private extend(start: number, length: number, zero: number, one: number, feature: number): void {
    const { weight } = this;
    const at = start + length;
    this.feature[at] = feature;
    this.zero[at] = zero;
    this.one[at] = one;
    weight[at] = length === 0 ? 1 : 0;
    for (let index = length - 1; index >= 0; index -= 1) {
      const here = weight[start + index] as number;
      weight[start + index + 1] =
        (weight[start + index + 1] as number) + (one * here * (index + 1)) / (length + 1);
      weight[start + index] = (zero * here * (length - index)) / (length + 1);
    }
  }

  /** Removes the feature at `offset`, as if the path had never contained it. */
  private unwind(start: number, last: number, offset: number): void {
    const { weight, feature } = this;
    const one = this.one[start + offset] as number;
    const zero = this.zero[start + offset] as number;
    let next = weight[start + last] as number;
    for (let index = last - 1; index >= 0; index -= 1) {
      const before = weight[start + index] as number;
      if (one === 0) weight[start + index] = (before * (last + 1)) / (zero * (last - index));
      else {
        const now = (next * (last + 1)) / ((index + 1) * one);
        weight[start + index] = now;
        next = before - (now * zero * (last - index)) / (last + 1);
      }
    }
    const from = start + offset + 1;
    feature.copyWithin(from - 1, from, start + last + 1);
    this.zero.copyWithin(from - 1, from, start + last + 1);
    this.one.copyWithin(from - 1, from, start + last + 1);
  }

  private addLeaf(start: number, last: number, value: number): void {
    const { contributions, feature } = this;
    for (let index = 1; index <= last; index += 1) {
      const one = this.one[start + index] as number;
      const zero = this.zero[start + index] as number;
      const at = feature[start + index] as number;
      const share = this.sumWithout(start, last, one, zero) * (one - zero) * value;
      contributions[at] = (contributions[at] as number) + share;
    }
  }

  /** Sum of the path's weights without a feature of this `one` and `zero`. */
  private sumWithout(start: number, last: number, one: number, zero: number): number {
    const { weight } = this;
    let sum = 0;
    let next = weight[start + last] as number;
    for (let index = last - 1; index >= 0; index -= 1) {
      const here = weight[start + index] as number;
      if (one === 0) sum += (here * (last + 1)) / (zero * (last - index));
      else {
        const now = (next * (last + 1)) / ((index + 1) * one);
        sum += now;
        next = here - (now * zero * (last - index)) / (last + 1);
      }
    }
    return sum;
  }
}

function rowsOf(tree: Tree, child: number): number {
  return (child < 0 ? tree.leafRows[-1 - child] : tree.nodeRows[child]) as number;
}
