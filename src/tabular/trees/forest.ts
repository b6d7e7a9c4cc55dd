/**
 * A grown tree as flat arrays. Node n tests `feature[n]`: a number goes left if it is at most `threshold[n]`,
 * a category if it is in `sets[n]`. A missing number goes left if `missingLeft` says so, an unknown category
 * always goes right. A child below zero is leaf `-1 - child`.
 */
export interface Tree {
  readonly feature: Int32Array;
  readonly threshold: Float32Array;
  /** Codes of the categories that go left; empty for numbers. */
  readonly sets: readonly (readonly number[])[];
  readonly missingLeft: Uint8Array;
  readonly left: Int32Array;
  readonly right: Int32Array;
  readonly gain: Float32Array;
  /** Training rows that reached the node. */
  readonly nodeRows: Int32Array;
  readonly value: Float32Array;
  readonly leafRows: Int32Array;
}

/** Trees whose values are summed, `outputs` of them per round: one, or one per class. */
export interface Forest {
  readonly outputs: number;
  /** Score before any tree, one per output. */
  readonly base: readonly number[];
  /** Ordered by round, within a round by output. */
  readonly trees: readonly Tree[];
}

/** Whether a value goes left at a node. */
export function goesLeft(tree: Tree, node: number, value: number): boolean {
  const set = tree.sets[node] as readonly number[];
  if (set.length > 0) return set.includes(value);
  if (Number.isNaN(value)) return tree.missingLeft[node] === 1;
  return value <= (tree.threshold[node] as number);
}

/** The leaf a row ends in. */
export function leafOf(tree: Tree, columns: readonly Float32Array[], row: number): number {
  if (tree.feature.length === 0) return 0;
  let node = 0;
  while (node >= 0) {
    const column = columns[tree.feature[node] as number] as Float32Array;
    node = (goesLeft(tree, node, column[row] as number) ? tree.left[node] : tree.right[node]) as number;
  }
  return -1 - node;
}
