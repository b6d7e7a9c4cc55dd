import {
  clamp,
  SplitFinder,
  type Split,
  type SplitSearch,
  type Sums,
  type ValueBounds,
} from './find-split.js';
import type { Tree } from './forest.js';
import type { Histogram } from './kernel/plain-kernel.js';
import { ownValue } from '../../lib/own-value.js';

/** A grown tree and the leaf each training row ended in. */
export interface GrownTree {
  readonly tree: Tree;
  /** By node: 1 for each bin that goes left. */
  readonly goes: readonly Uint8Array[];
  /** Leaf l has the rows of the kernel's order from `start[l]` up to `end[l]`. */
  readonly start: Int32Array;
  readonly end: Int32Array;
}

interface Leaf {
  readonly start: number;
  readonly end: number;
  readonly sums: Sums;
  readonly lambda: number;
  readonly bounds: ValueBounds;
  histogram: Histogram | undefined;
  split: Split | undefined;
  /** The parent node and the side of it, to link this leaf or the node it becomes. */
  readonly parent: number;
  readonly isLeft: boolean;
}

/**
 * Grows a tree by always splitting the leaf with the largest gain. The kernel holds the training rows, which
 * it reorders, and their derivatives.
 */
export function growTree(search: SplitSearch): GrownTree {
  return new TreeGrower(search).grow();
}

class TreeGrower {
  private readonly leaves: Leaf[] = [];
  private readonly splits: Split[] = [];
  private readonly goes: Uint8Array[] = [];
  private readonly left: number[] = [];
  private readonly right: number[] = [];
  private readonly finder: SplitFinder;

  constructor(private readonly search: SplitSearch) {
    this.finder = new SplitFinder(search);
  }

  grow(): GrownTree {
    const { kernel, options, allowed } = this.search;
    kernel.useFeatures(allowed);
    const all = { start: 0, end: kernel.order.length };
    const histogram = this.filled(all);
    const sums = this.totals(histogram);
    const root = leafOf({
      start: all.start,
      end: all.end,
      sums,
      lambda: options.lambda,
      bounds: ALL,
      parent: -1,
      isLeft: true,
    });
    root.histogram = histogram;
    this.seek(root);
    this.leaves.push(root);
    while (this.leaves.length < options.leaves) {
      const best = this.bestLeaf();
      if (best === -1) break;
      this.cut(best);
    }
    for (const leaf of this.leaves) if (leaf.histogram) kernel.giveHistogram(leaf.histogram);
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
    const lambda = this.search.options.lambda + split.extraLambda;
    const { start, end } = leaf;
    const left = leafOf({
      start,
      end: middle,
      sums: split.left,
      lambda,
      bounds: low,
      parent: node,
      isLeft: true,
    });
    const right = leafOf({
      start: middle,
      end,
      sums: split.right,
      lambda,
      bounds: high,
      parent: node,
      isLeft: false,
    });
    this.leaves[index] = left;
    this.leaves.push(right);
    this.prepare(leaf, left, right);
  }

  /** Only the smaller child's histogram is summed; the larger one's is what remains of the parent's. */
  private prepare(leaf: Leaf, left: Leaf, right: Leaf): void {
    const { kernel, options } = this.search;
    const isLast = this.leaves.length >= options.leaves;
    const { histogram } = leaf;
    leaf.histogram = undefined;
    if (isLast || histogram === undefined) {
      if (histogram !== undefined) kernel.giveHistogram(histogram);
      return;
    }
    const [smaller, larger] =
      left.end - left.start <= right.end - right.start ? [left, right] : [right, left];
    smaller.histogram = this.filled(smaller);
    kernel.subtract(histogram, smaller.histogram);
    larger.histogram = histogram;
    this.seek(smaller);
    this.seek(larger);
  }

  private seek(leaf: Leaf): void {
    if (leaf.histogram !== undefined) {
      leaf.split = this.finder.find(leaf.histogram, leaf.sums, leaf.bounds);
    }
  }

  private filled({ start, end }: Pick<Leaf, 'start' | 'end'>): Histogram {
    const { kernel } = this.search;
    const histogram = kernel.takeHistogram();
    kernel.fill(histogram, start, end);
    return histogram;
  }

  /** The sums of all rows, found in the bins of any one feature. */
  private totals(histogram: Histogram): Sums {
    const { kernel, table, allowed } = this.search;
    const [feature = 0] = allowed;
    const start = (table.offsets[feature] as number) * 2;
    const end = start + (table.features[feature]?.count ?? 0) * 2;
    let gradient = 0;
    let hessian = 0;
    for (let at = start; at < end; at += 2) {
      gradient += histogram[at] as number;
      hessian += histogram[at + 1] as number;
    }
    return { gradient, hessian, rows: kernel.order.length };
  }

  private partition({ start, end }: Leaf, split: Split): number {
    const { kernel, table } = this.search;
    const goes = leftBins(split, table.features[split.feature]?.count ?? 0);
    this.goes.push(goes);
    kernel.goes.set(goes);
    return kernel.partition(split.feature, start, end);
  }

  /** Keeps all values on one side of a monotone split below all values on the other. */
  private childBounds(leaf: Leaf, split: Split): [Leaf['bounds'], Leaf['bounds']] {
    const { monotone } = this.search.options;
    const column = this.search.table.features[split.feature]?.feature.column ?? '';
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
    const { splits, leaves, search } = this;
    leaves.forEach((leaf, index) => {
      if (leaf.parent !== -1) (leaf.isLeft ? this.left : this.right)[leaf.parent] = -1 - index;
    });
    const { learningRate } = search.options;
    const boundOf = ({ feature, bin, set }: Split): number =>
      set.length > 0 ? 0 : (search.table.features[feature]?.bounds[bin] ?? 0);
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
      goes: this.goes,
      start: Int32Array.from(leaves, ({ start }) => start),
      end: Int32Array.from(leaves, ({ end }) => end),
    };
  }
}

/**
 * A leaf before its histogram. Its row count is exact: one derived from the Hessian is an estimate. Written out
 * because a spread would copy property by property, for every leaf of every tree.
 */
function leafOf(made: Omit<Leaf, 'histogram' | 'split'>): Leaf {
  const { start, end, sums, lambda, bounds, parent, isLeft } = made;
  return {
    start,
    end,
    sums: { gradient: sums.gradient, hessian: sums.hessian, rows: end - start },
    lambda,
    bounds,
    histogram: undefined,
    split: undefined,
    parent,
    isLeft,
  };
}

const ALL = { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY } as const;

/** 1 for each bin that goes left. */
function leftBins(split: Pick<Split, 'set' | 'bin' | 'missingLeft'>, count: number): Uint8Array {
  const goes = new Uint8Array(count);
  if (split.set.length > 0) {
    for (const bin of split.set) goes[bin] = 1;
    return goes;
  }
  goes.fill(1, 1, split.bin + 1);
  if (split.missingLeft) goes[0] = 1;
  return goes;
}
