import { goesLeft, type Forest, type Tree } from '../trees/forest.js';

/** One split on the way to a leaf, as S. Lundberg's TreeSHAP keeps it. */
interface Step {
  readonly feature: number;
  /** Share of training rows that would come this way without knowing the feature. */
  readonly zero: number;
  /** 1 when this row comes this way. */
  readonly one: number;
  weight: number;
}

/**
 * What each feature adds to the score of one row for one output: exact Shapley values over the paths
 * of the trees (S. Lundberg and others, "Consistent Individualized Feature Attribution for Tree
 * Ensembles", 2018, algorithm 2). They and the mean sum to the score.
 */
export function treeContributions(
  forest: Forest,
  columns: readonly Float32Array[],
  row: number,
  output: number,
): Float64Array {
  const found = new Float64Array(columns.length);
  forest.trees.forEach((tree, index) => {
    if (index % forest.outputs !== output || tree.feature.length === 0) return;
    walk({ tree, columns, row, found }, 0, [], 1, 1, -1);
  });
  return found;
}

interface Walk {
  readonly tree: Tree;
  readonly columns: readonly Float32Array[];
  readonly row: number;
  readonly found: Float64Array;
}

function walk(
  at: Walk,
  node: number,
  path: readonly Step[],
  zero: number,
  one: number,
  feature: number,
): void {
  const { tree, columns, row, found } = at;
  const steps = extended(path, zero, one, feature);
  if (node < 0) {
    const value = tree.value[-1 - node] as number;
    for (let index = 1; index < steps.length; index += 1) {
      const step = steps[index] as Step;
      found[step.feature] =
        (found[step.feature] as number) + unwoundSum(steps, index) * (step.one - step.zero) * value;
    }
    return;
  }
  const asked = tree.feature[node] as number;
  const isLeft = goesLeft(tree, node, (columns[asked] as Float32Array)[row] as number);
  const hot = (isLeft ? tree.left[node] : tree.right[node]) as number;
  const cold = (isLeft ? tree.right[node] : tree.left[node]) as number;
  const before = steps.findIndex((step, index) => index > 0 && step.feature === asked);
  const known = before === -1 ? undefined : steps[before];
  const rest = before === -1 ? steps : unwound(steps, before);
  const rows = tree.nodeRows[node] as number;
  const zeroBefore = known?.zero ?? 1;
  walk(at, hot, rest, (zeroBefore * rowsOf(tree, hot)) / rows, known?.one ?? 1, asked);
  walk(at, cold, rest, (zeroBefore * rowsOf(tree, cold)) / rows, 0, asked);
}

function rowsOf(tree: Tree, child: number): number {
  return (child < 0 ? tree.leafRows[-1 - child] : tree.nodeRows[child]) as number;
}

function extended(path: readonly Step[], zero: number, one: number, feature: number): Step[] {
  const steps = path.map((step) => ({ ...step }));
  const length = steps.length;
  steps.push({ feature, zero, one, weight: length === 0 ? 1 : 0 });
  for (let index = length - 1; index >= 0; index -= 1) {
    const step = steps[index] as Step;
    const next = steps[index + 1] as Step;
    next.weight += (one * step.weight * (index + 1)) / (length + 1);
    step.weight = (zero * step.weight * (length - index)) / (length + 1);
  }
  return steps;
}

/** The path as it was before step `removed`. */
function unwound(path: readonly Step[], removed: number): Step[] {
  const last = path.length - 1;
  const { one, zero } = path[removed] as Step;
  const weights = path.map(({ weight }) => weight);
  let next = weights[last] as number;
  for (let index = last - 1; index >= 0; index -= 1) {
    const weight = weights[index] as number;
    if (one !== 0) {
      weights[index] = (next * (last + 1)) / ((index + 1) * one);
      next = weight - ((weights[index] as number) * zero * (last - index)) / (last + 1);
    } else weights[index] = (weight * (last + 1)) / (zero * (last - index));
  }
  return path
    .filter((_, index) => index !== removed)
    .map((step, index) => ({ ...step, weight: weights[index] as number }));
}

/** Sum of the weights of the path without step `removed`. */
function unwoundSum(path: readonly Step[], removed: number): number {
  let sum = 0;
  for (const { weight } of unwound(path, removed)) sum += weight;
  return sum;
}
