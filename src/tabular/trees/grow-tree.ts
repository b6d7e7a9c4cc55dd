import type { BinnedTable } from './bin-columns.js';
import { clamp, SplitFinder, type Split, type Sums } from './find-split.js';
import type { Tree } from './forest.js';
import { fillHistogram, subtractHistogram, type Histogram, type HistogramPool } from './histogram.js';
import type { TreeOptions } from './tree-options.js';
import { ownValue } from '../../lib/own-value.js';

/** A grown tree and the leaf each training row ended in. */
export interface GrownTree {
  readonly tree: Tree;
  /** Thresholds as bins: the last bin of each node that goes left. */
  readonly thresholdBins: Int32Array;
  /** Leaf l has the entries of `rows` from `start[l]` up to `end[l]`. */
  readonly rows: Int32Array;
  readonly start: Int32Array;
  readonly end: Int32Array;
}

interface Leaf {
  readonly start: number;
  readonly end: number;
  readonly sums: Sums;
  readonly lambda: number;
  readonly bounds: { readonly low: number; readonly high: number };
  histogram: Histogram | undefined;
  split: Split | undefined;
  /** The parent node and the side of it, to link this leaf or the node it becomes. */
  readonly parent: number;
  readonly isLeft: boolean;
}

export interface GrowInput {
  readonly table: BinnedTable;
  /** Training rows; reordered while the tree grows. */
  readonly rows: Int32Array;
  /** Gradient and Hessian of each row of the table, alternating. */
  readonly derivatives: Float64Array;
  readonly options: TreeOptions;
  readonly pool: HistogramPool;
  /** By feature: 0 if this tree may not use it. */
  readonly allowed: Uint8Array;
  /** Buffer for the gradients and Hessians of a leaf, twice as long as the training rows. */
  readonly pairs: Float64Array;
  /** Buffer for the rows that go right, as long as the training rows. */
  readonly spare: Int32Array;
}

/** Grows a tree by always splitting the leaf with the largest gain. */
export function growTree(input: GrowInput): GrownTree {
  return new TreeGrower(input).grow();
}

class TreeGrower {
  private readonly leaves: Leaf[] = [];
  private readonly splits: Split[] = [];
  private readonly left: number[] = [];
  private readonly right: number[] = [];
  private readonly finder: SplitFinder;

  constructor(private readonly input: GrowInput) {
    this.finder = new SplitFinder(input.table, input.options, input.allowed);
  }

  grow(): GrownTree {
    const { rows, options } = this.input;
    const root = this.makeLeaf(0, rows.length, this.gather(0, rows.length), -1, true, 0, ALL);
    root.histogram = this.filled(root);
    this.seek(root);
    this.leaves.push(root);
    while (this.leaves.length < options.leaves) {
      const best = this.bestLeaf();
      if (best === -1) break;
      this.cut(best);
    }
    for (const leaf of this.leaves) if (leaf.histogram) this.input.pool.give(leaf.histogram);
    return this.finish();
  }

  private bestLeaf(): number {
    let best = -1;
    let gain = 0;
    this.leaves.forEach(({ split }, index) => {
      if (split === undefined || split.gain <= gain) return;
      gain = split.gain;
      best = index;
    });
    return best;
  }

  private cut(index: number): void {
    const leaf = this.leaves[index] as Leaf;
    const split = leaf.split as Split;
    const node = this.splits.push(split) - 1;
    this.left.push(0);
    this.right.push(0);
    if (leaf.parent !== -1) (leaf.isLeft ? this.left : this.right)[leaf.parent] = node;
    const middle = this.partition(leaf, split);
    const [low, high] = this.childBounds(leaf, split);
    const left = this.makeLeaf(leaf.start, middle, split.left, node, true, split.extraLambda, low);
    const right = this.makeLeaf(middle, leaf.end, split.right, node, false, split.extraLambda, high);
    this.leaves[index] = left;
    this.leaves.push(right);
    this.prepare(leaf, left, right);
  }

  /** Only the smaller child's histogram is summed; the larger one's is what remains of the parent's. */
  private prepare(leaf: Leaf, left: Leaf, right: Leaf): void {
    const isLast = this.leaves.length >= this.input.options.leaves;
    const { histogram } = leaf;
    leaf.histogram = undefined;
    if (isLast || histogram === undefined) {
      if (histogram !== undefined) this.input.pool.give(histogram);
      return;
    }
    const [smaller, larger] =
      left.end - left.start <= right.end - right.start ? [left, right] : [right, left];
    this.gather(smaller.start, smaller.end);
    smaller.histogram = this.filled(smaller);
    larger.histogram = subtractHistogram(histogram, smaller.histogram);
    this.seek(smaller);
    this.seek(larger);
  }

  private seek(leaf: Leaf): void {
    if (leaf.histogram !== undefined) {
      leaf.split = this.finder.find(leaf.histogram, leaf.sums, leaf.bounds);
    }
  }

  private filled(leaf: Leaf): Histogram {
    const { pool, table, rows, pairs, allowed } = this.input;
    const histogram = pool.take();
    fillHistogram(histogram, table, { rows, start: leaf.start, end: leaf.end, pairs }, allowed);
    return histogram;
  }

  /** Copies the gradients and Hessians of some rows side by side and sums them. */
  private gather(start: number, end: number): Sums {
    const { rows, derivatives, pairs } = this.input;
    let gradient = 0;
    let hessian = 0;
    let at = 0;
    for (let index = start; index < end; index += 1) {
      const from = (rows[index] as number) * 2;
      const g = derivatives[from] as number;
      const h = derivatives[from + 1] as number;
      pairs[at] = g;
      pairs[at + 1] = h;
      at += 2;
      gradient += g;
      hessian += h;
    }
    return { gradient, hessian, rows: end - start };
  }

  /** Moves the rows that go left to the front; the order within each side stays. */
  private partition(leaf: Leaf, split: Split): number {
    const { rows, table, spare } = this.input;
    const feature = table.features[split.feature];
    if (feature === undefined) throw new Error('a split of a feature that is not there');
    const goes = leftBins(split, feature.count);
    const { words, shift } = feature;
    let left = leaf.start;
    let right = 0;
    // Written to both sides and counted on one, because a branch would be mispredicted half of the time.
    for (let index = leaf.start; index < leaf.end; index += 1) {
      const row = rows[index] as number;
      const isLeft = goes[((words[row] as number) >>> shift) & 0xff] as number;
      rows[left] = row;
      spare[right] = row;
      left += isLeft;
      right += 1 - isLeft;
    }
    rows.set(spare.subarray(0, right), left);
    return left;
  }

  private makeLeaf(
    start: number,
    end: number,
    sums: Sums,
    parent: number,
    isLeft: boolean,
    extraLambda: number,
    bounds: Leaf['bounds'],
  ): Leaf {
    const lambda = this.input.options.lambda + extraLambda;
    // Row counts derived from the Hessian are estimates; here the exact count is known.
    const exact = { ...sums, rows: end - start };
    return {
      start,
      end,
      sums: exact,
      lambda,
      bounds,
      histogram: undefined,
      split: undefined,
      parent,
      isLeft,
    };
  }

  /** Keeps all values on one side of a monotone split below all values on the other. */
  private childBounds(leaf: Leaf, split: Split): [Leaf['bounds'], Leaf['bounds']] {
    const { monotone } = this.input.options;
    const column = this.input.table.features[split.feature]?.feature.column ?? '';
    const direction = ownValue(monotone, column);
    if (direction === undefined) return [leaf.bounds, leaf.bounds];
    const middle = (this.valueOf(split.left, leaf) + this.valueOf(split.right, leaf)) / 2;
    const below = { low: leaf.bounds.low, high: middle };
    const above = { low: middle, high: leaf.bounds.high };
    return direction === 1 ? [below, above] : [above, below];
  }

  private valueOf(sums: Sums, { lambda, bounds }: Pick<Leaf, 'lambda' | 'bounds'>): number {
    return clamp(-sums.gradient / (sums.hessian + lambda), bounds);
  }

  private finish(): GrownTree {
    const { splits, leaves, input } = this;
    leaves.forEach((leaf, index) => {
      if (leaf.parent !== -1) (leaf.isLeft ? this.left : this.right)[leaf.parent] = -1 - index;
    });
    const { learningRate } = input.options;
    const boundOf = ({ feature, bin, set }: Split): number =>
      set.length > 0 ? 0 : (input.table.features[feature]?.bounds[bin] ?? 0);
    const tree: Tree = {
      feature: Int32Array.from(splits, ({ feature }) => feature),
      threshold: Float32Array.from(splits, boundOf),
      sets: splits.map(({ set }) => set.map((bin) => bin - 1)),
      missingLeft: Uint8Array.from(splits, ({ missingLeft }) => Number(missingLeft)),
      left: Int32Array.from(this.left),
      right: Int32Array.from(this.right),
      gain: Float32Array.from(splits, ({ gain }) => gain),
      nodeRows: Int32Array.from(splits, ({ left, right }) => left.rows + right.rows),
      value: Float32Array.from(leaves, (leaf) => this.valueOf(leaf.sums, leaf) * learningRate),
      leafRows: Int32Array.from(leaves, ({ start, end }) => end - start),
    };
    return {
      tree,
      thresholdBins: Int32Array.from(splits, ({ bin }) => bin),
      rows: input.rows,
      start: Int32Array.from(leaves, ({ start }) => start),
      end: Int32Array.from(leaves, ({ end }) => end),
    };
  }
}

const ALL = { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY } as const;

/** 1 for each bin that goes left. */
export function leftBins(split: Pick<Split, 'set' | 'bin' | 'missingLeft'>, count: number): Uint8Array {
  const goes = new Uint8Array(count);
  if (split.set.length > 0) {
    for (const bin of split.set) goes[bin] = 1;
    return goes;
  }
  goes.fill(1, 1, split.bin + 1);
  if (split.missingLeft) goes[0] = 1;
  return goes;
}
