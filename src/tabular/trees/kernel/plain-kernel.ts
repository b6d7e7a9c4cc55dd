import { MOST_BINS, type BinnedTable } from '../bin-columns.js';

/** Sums of gradient and Hessian for each bin of each feature, alternating: g, h, g, h, ... */
export type Histogram = Float64Array;

/** Where a kernel keeps its arrays. */
export interface Allocator {
  int32(length: number): Int32Array;
  float64(length: number): Float64Array;
  uint8(length: number): Uint8Array;
}

const HEAP: Allocator = {
  int32: (length) => new Int32Array(length),
  float64: (length) => new Float64Array(length),
  uint8: (length) => new Uint8Array(length),
};

/** What to look for between the bins of one feature of one leaf. */
export interface ScanInput {
  readonly histogram: Histogram;
  readonly feature: number;
  /** The first bin that is never the last on the left. */
  readonly to: number;
  /** Sums of the missing values, if they go left. */
  readonly startGradient: number;
  readonly startHessian: number;
  /** Sums of the leaf. */
  readonly gradient: number;
  readonly hessian: number;
  readonly lambda: number;
  /** Smallest Hessian of a side. */
  readonly smallest: number;
  readonly parentScore: number;
  /** The split has to gain more. */
  readonly atLeast: number;
}

/** Whether a split with these sums on the left is acceptable. */
export type IsAllowed = (leftGradient: number, leftHessian: number) => boolean;

/**
 * The loops that take most of the time of training, and the arrays they work on. `SimdKernel` computes the
 * same, to the last bit.
 */
export class PlainKernel {
  /** Training rows; each leaf is a part of it. */
  readonly order: Int32Array;
  /** Gradient and Hessian of each row of the table, alternating. */
  readonly derivatives: Float64Array;
  /** 1 for each bin that goes left; filled in by the caller of `partition`. */
  readonly goes: Uint8Array;
  /** Gradient and Hessian on the left and the gain of the split that `scan` found. */
  readonly found: Float64Array;
  protected readonly spare: Int32Array;
  private features: readonly number[] = [];
  private readonly freeHistograms: Histogram[] = [];

  constructor(
    protected readonly table: BinnedTable,
    rows: number,
    private readonly allocator: Allocator = HEAP,
  ) {
    this.derivatives = allocator.float64(table.rows * 2);
    this.found = allocator.float64(3);
    this.order = allocator.int32(rows);
    this.spare = allocator.int32(rows);
    this.goes = allocator.uint8(MOST_BINS + 1);
  }

  /** A tree needs a histogram per leaf, and so does the next tree. */
  takeHistogram(): Histogram {
    return this.freeHistograms.pop() ?? this.allocator.float64(this.table.totalBins * 2);
  }

  giveHistogram(histogram: Histogram): void {
    this.freeHistograms.push(histogram);
  }

  /** Chooses the features of the next tree. */
  useFeatures(features: readonly number[]): void {
    this.features = features;
  }

  /** Replaces a histogram by the sums of the rows `start` to `end` of the order, for the features in use. */
  fill(into: Histogram, start: number, end: number): void {
    into.fill(0);
    for (const feature of this.features) {
      const { bins } = this.table.features[feature] as BinnedTable['features'][number];
      const offset = (this.table.offsets[feature] as number) * 2;
      const { order, derivatives } = this;
      for (let index = start; index < end; index += 1) {
        const row = order[index] as number;
        const at = offset + (bins[row * 4] as number) * 2;
        into[at] = (into[at] as number) + (derivatives[row * 2] as number);
        into[at + 1] = (into[at + 1] as number) + (derivatives[row * 2 + 1] as number);
      }
    }
  }

  /** Subtracts the histogram of one child from that of its parent, which becomes that of the other child. */
  subtract(parent: Histogram, child: Histogram): void {
    for (let index = 0; index < parent.length; index += 1) {
      parent[index] = (parent[index] as number) - (child[index] as number);
    }
  }

  /**
   * Moves the rows whose bin `goes` left to the front and returns where the others begin; the order within
   * each side stays.
   */
  partition(feature: number, start: number, end: number): number {
    const { order, spare, goes } = this;
    const { bins } = this.table.features[feature] as BinnedTable['features'][number];
    let left = start;
    let right = 0;
    // Written to both sides and counted on one, because a branch would be mispredicted half of the time.
    for (let index = start; index < end; index += 1) {
      const row = order[index] as number;
      const isLeft = goes[bins[row * 4] as number] as number;
      order[left] = row;
      spare[right] = row;
      left += isLeft;
      right += 1 - isLeft;
    }
    order.set(spare.subarray(0, right), left);
    return left;
  }

  /** The best split between two bins, or -1; its sums are in `found`. */
  scan({ histogram, feature, to, ...input }: ScanInput, isAllowed?: IsAllowed): number {
    const { gradient, hessian, lambda, smallest, parentScore } = input;
    const offset = (this.table.offsets[feature] as number) * 2;
    let leftGradient = input.startGradient;
    let leftHessian = input.startHessian;
    let bestGain = input.atLeast;
    let bestBin = -1;
    for (let bin = 1; bin < to; bin += 1) {
      leftGradient += histogram[offset + bin * 2] as number;
      leftHessian += histogram[offset + bin * 2 + 1] as number;
      if (leftHessian < smallest) continue;
      const rightHessian = hessian - leftHessian;
      if (rightHessian < smallest) break;
      const rightGradient = gradient - leftGradient;
      const gain =
        (leftGradient * leftGradient) / (leftHessian + lambda) +
        (rightGradient * rightGradient) / (rightHessian + lambda) -
        parentScore;
      if (!(gain > bestGain) || isAllowed?.(leftGradient, leftHessian) === false) continue;
      bestGain = gain;
      bestBin = bin;
      this.found[0] = leftGradient;
      this.found[1] = leftHessian;
    }
    this.found[2] = bestGain;
    return bestBin;
  }
}
