import type { Forest, Tree } from '../trees/forest.js';
import { floats, int, ints, strings, text, type Attributes, type GraphBuilder } from './graph.js';

/** The flat lists of a TreeEnsembleRegressor. */
interface NodeLists {
  readonly tree: number[];
  readonly node: number[];
  readonly feature: number[];
  readonly value: number[];
  readonly mode: string[];
  readonly whenTrue: number[];
  readonly whenFalse: number[];
  readonly missingIsTrue: number[];
}

interface LeafLists {
  readonly tree: number[];
  readonly node: number[];
  readonly weight: number[];
}

/**
 * Trees per operator. With more trees than threads, onnxruntime divides the trees among its threads and waits for
 * all of them after every 128 rows; with fewer, it divides the rows.
 */
const TREES_PER_OPERATOR = 2;
/** Results of operators that are summed at a time, so that few of them are in memory together. */
const RESULTS_PER_SUM = 16;

/** The scores of a forest, `[N, outputs]`, from the features side by side. */
export function treeScores(graph: GraphBuilder, features: string, { trees, base }: Forest): string {
  const scores = base.map((start, output) =>
    sumOfTrees(
      graph,
      features,
      trees.filter((_, tree) => tree % base.length === output),
      start,
    ),
  );
  return scores.length === 1 ? (scores[0] as string) : graph.node('Concat', scores, { axis: int(1) });
}

/** The sum of the values of some trees, `[N, 1]`. */
function sumOfTrees(graph: GraphBuilder, features: string, trees: readonly Tree[], base: number): string {
  let results: string[] = [];
  for (let tree = 0; tree < trees.length; tree += TREES_PER_OPERATOR) {
    const some = trees.slice(tree, tree + TREES_PER_OPERATOR);
    const attributes = treeAttributes(some, tree === 0 ? base : 0);
    results.push(graph.learned('TreeEnsembleRegressor', [features], attributes));
    if (results.length > RESULTS_PER_SUM) results = [graph.node('Sum', results)];
  }
  return results.length === 1 ? (results[0] as string) : graph.node('Sum', results);
}

/**
 * Trees as attributes of a TreeEnsembleRegressor, which adds their values to `base`. All nodes compare with "at
 * most", because runtimes are faster if all are alike: a set of categories becomes a chain of such nodes, one per
 * bound of its ranges.
 */
function treeAttributes(trees: readonly Tree[], base: number): Attributes {
  const nodes: NodeLists = {
    tree: [],
    node: [],
    feature: [],
    value: [],
    mode: [],
    whenTrue: [],
    whenFalse: [],
    missingIsTrue: [],
  };
  const leaves: LeafLists = { tree: [], node: [], weight: [] };
  trees.forEach((tree, index) => new TreeWriter({ tree, index, nodes, leaves }).write());
  return {
    n_targets: int(1),
    base_values: floats([base]),
    aggregate_function: text('SUM'),
    post_transform: text('NONE'),
    nodes_treeids: ints(nodes.tree),
    nodes_nodeids: ints(nodes.node),
    nodes_featureids: ints(nodes.feature),
    nodes_values: floats(nodes.value),
    nodes_modes: strings(nodes.mode),
    nodes_truenodeids: ints(nodes.whenTrue),
    nodes_falsenodeids: ints(nodes.whenFalse),
    nodes_missing_value_tracks_true: ints(nodes.missingIsTrue),
    target_treeids: ints(leaves.tree),
    target_nodeids: ints(leaves.node),
    target_ids: ints(leaves.node.map(() => 0)),
    target_weights: floats(leaves.weight),
  };
}

class TreeWriter {
  private next = 0;

  constructor(
    private readonly input: {
      readonly tree: Tree;
      readonly index: number;
      readonly nodes: NodeLists;
      readonly leaves: LeafLists;
    },
  ) {}

  write(): void {
    this.place(this.input.tree.feature.length === 0 ? -1 : 0);
  }

  /** Writes a node with everything below it, and returns its number. */
  private place(node: number): number {
    const { tree } = this.input;
    if (node < 0) return this.leaf(tree.value[-1 - node] as number);
    const feature = tree.feature[node] as number;
    const set = tree.sets[node] ?? [];
    if (set.length > 0) return this.placeSet(node, feature, set);
    const at = this.add(feature, 'BRANCH_LEQ', tree.threshold[node] as number, tree.missingLeft[node] === 1);
    this.join(at, this.place(tree.left[node] as number), this.place(tree.right[node] as number));
    return at;
  }

  /**
   * A value beyond all bounds goes right, and so does an unknown one: it is NaN, which no comparison accepts.
   * Only a true branch may lead to a node that is already there, so the right child is the last false one.
   */
  private placeSet(node: number, feature: number, set: readonly number[]): number {
    const { tree } = this.input;
    const bounds = boundsOf(set);
    const chain = bounds.map(({ value }) => this.add(feature, 'BRANCH_LEQ', value, false));
    const right = this.place(tree.right[node] as number);
    const left = this.place(tree.left[node] as number);
    bounds.forEach(({ isInside }, index) => {
      const at = chain[index] as number;
      this.join(at, isInside ? left : right, chain[index + 1] ?? right);
    });
    return chain[0] as number;
  }

  private add(feature: number, mode: 'BRANCH_LEQ' | 'LEAF', value: number, missingIsTrue: boolean): number {
    const { index, nodes } = this.input;
    nodes.tree.push(index);
    nodes.node.push(this.next);
    nodes.feature.push(feature);
    nodes.value.push(value);
    nodes.mode.push(mode);
    nodes.whenTrue.push(0);
    nodes.whenFalse.push(0);
    nodes.missingIsTrue.push(Number(missingIsTrue));
    this.next += 1;
    return this.next - 1;
  }

  private join(node: number, whenTrue: number, whenFalse: number): void {
    // The nodes of this tree are the last ones written.
    const { nodes } = this.input;
    const at = nodes.node.length - this.next + node;
    nodes.whenTrue[at] = whenTrue;
    nodes.whenFalse[at] = whenFalse;
  }

  private leaf(weight: number): number {
    const { index, leaves } = this.input;
    const node = this.add(0, 'LEAF', 0, false);
    leaves.tree.push(index);
    leaves.node.push(node);
    leaves.weight.push(weight);
    return node;
  }
}

interface Bound {
  /** The last of a range of codes that are all in the set, or all not. */
  readonly value: number;
  readonly isInside: boolean;
}

/** The bounds of the ranges of codes that a set consists of. */
function boundsOf(set: readonly number[]): Bound[] {
  const codes = [...set].sort((a, b) => a - b);
  const bounds: Bound[] = [];
  codes.forEach((code, index) => {
    const beginsRange = codes[index - 1] !== code - 1;
    if (beginsRange && code > 0) bounds.push({ value: code - 0.5, isInside: false });
    if (codes[index + 1] !== code + 1) bounds.push({ value: code + 0.5, isInside: true });
  });
  return bounds;
}
