import type { Forest, Tree } from '../trees/forest.js';
import { floats, int, ints, strings, text, type Attributes } from './graph.js';

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
  readonly target: number[];
  readonly weight: number[];
}

/**
 * A forest as attributes of a TreeEnsembleRegressor. A set of categories becomes a chain of "equals" nodes
 * whose true branches lead to the same child, as in LightGBM's own converter.
 */
export function forestAttributes(forest: Forest): Attributes {
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
  const leaves: LeafLists = { tree: [], node: [], target: [], weight: [] };
  forest.trees.forEach((tree, index) => {
    new TreeWriter(tree, index, index % forest.outputs, nodes, leaves).write();
  });
  return {
    n_targets: int(forest.outputs),
    base_values: floats(forest.base),
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
    target_ids: ints(leaves.target),
    target_weights: floats(leaves.weight),
  };
}

class TreeWriter {
  private next = 0;

  constructor(
    private readonly tree: Tree,
    private readonly index: number,
    private readonly target: number,
    private readonly nodes: NodeLists,
    private readonly leaves: LeafLists,
  ) {}

  write(): void {
    this.place(this.tree.feature.length === 0 ? -1 : 0);
  }

  /** Writes a node with everything below it, and returns its number. */
  private place(node: number): number {
    const { tree } = this;
    if (node < 0) return this.leaf(tree.value[-1 - node] as number);
    const feature = tree.feature[node] as number;
    const set = tree.sets[node] ?? [];
    if (set.length === 0) {
      const at = this.add(
        feature,
        'BRANCH_LEQ',
        tree.threshold[node] as number,
        tree.missingLeft[node] === 1,
      );
      this.join(at, this.place(tree.left[node] as number), this.place(tree.right[node] as number));
      return at;
    }
    const chain = set.map((code) => this.add(feature, 'BRANCH_EQ', code, false));
    const left = this.place(tree.left[node] as number);
    const right = this.place(tree.right[node] as number);
    chain.forEach((at, place) => this.join(at, left, chain[place + 1] ?? right));
    return chain[0] as number;
  }

  private add(feature: number, mode: string, value: number, missingIsTrue: boolean): number {
    const { nodes } = this;
    nodes.tree.push(this.index);
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
    const at = this.nodes.node.length - this.next + node;
    this.nodes.whenTrue[at] = whenTrue;
    this.nodes.whenFalse[at] = whenFalse;
  }

  private leaf(weight: number): number {
    const node = this.add(0, 'LEAF', 0, false);
    this.leaves.tree.push(this.index);
    this.leaves.node.push(node);
    this.leaves.target.push(this.target);
    this.leaves.weight.push(weight);
    return node;
  }
}
