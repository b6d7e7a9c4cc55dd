import { MOST_BINS, type BinnedFeature, type BinnedTable } from './bin-columns.js';
import type { Histogram } from './histogram.js';
import type { TreeOptions } from './tree-options.js';
import { ownValue } from '../../lib/own-value.js';

/** A possible split of a leaf. */
export interface Split {
  readonly gain: number;
  readonly feature: number;
  /** For a number: bins up to this one go left. */
  readonly bin: number;
  /** For a category: the bins that go left; empty for numbers. */
  readonly set: readonly number[];
  readonly missingLeft: boolean;
  readonly left: Sums;
  readonly right: Sums;
  /** Added to lambda for the children's values. */
  readonly extraLambda: number;
}

export interface Sums {
  readonly gradient: number;
  readonly hessian: number;
  readonly rows: number;
}

/** Up to this many categories are each tried against the rest, as in LightGBM. */
const ONE_AGAINST_REST = 4;
/** Maximum size of a set of categories, so that the artifact stays small. */
const LARGEST_SET = 32;
/** Categories with fewer rows are not ordered; also shrinks the averages of rare ones towards zero. */
const CATEGORY_SMOOTHING = 10;
const CATEGORY_LAMBDA = 10;

interface ScanEnds {
  /** The first bin that is never the last on the left. */
  readonly to: number;
  readonly direction: number;
  readonly bounds: { readonly low: number; readonly high: number };
}

/** Finds the best split of a leaf; one instance serves all leaves of a tree. */
export class SplitFinder {
  private best: Split | undefined;
  private total: Sums = { gradient: 0, hessian: 0, rows: 0 };
  private rowsPerHessian = 0;
  private parentScore = 0;
  private sums: Histogram = new Float64Array(0);
  /** Where the current feature begins in `sums`. */
  private offset = 0;
  /** By bin of a category: its mean gradient, by which the bins are ordered. */
  private readonly ratios = new Float64Array(MOST_BINS + 1);

  constructor(
    private readonly table: BinnedTable,
    private readonly options: TreeOptions,
    /** By feature: 0 if this tree may not use it. */
    private readonly allowed: Uint8Array,
  ) {}

  /** `undefined` if no split gains enough. `bounds` preserve the order that a monotone feature requires. */
  find(
    histogram: Histogram,
    total: Sums,
    bounds: { readonly low: number; readonly high: number },
  ): Split | undefined {
    this.best = undefined;
    this.total = total;
    this.rowsPerHessian = total.rows / total.hessian;
    this.parentScore = total.gradient ** 2 / (total.hessian + this.options.lambda);
    if (total.rows < 2 * this.options.minimumRows) return undefined;
    this.sums = histogram;
    this.table.features.forEach((feature, index) => {
      if (this.allowed[index] === 0) return;
      this.offset = (this.table.offsets[index] as number) * 2;
      if (feature.feature.kind === 'number') this.tryNumber(index, feature, bounds);
      else this.tryCategory(index, feature);
    });
    return this.best;
  }

  private tryNumber(
    index: number,
    { count, feature }: BinnedFeature,
    bounds: { readonly low: number; readonly high: number },
  ): void {
    const direction = ownValue(this.options.monotone, feature.column) ?? 0;
    const missingGradient = this.gradientOf(0);
    const missingHessian = this.hessianOf(0);
    const hasMissing = missingHessian * this.rowsPerHessian >= 0.5;
    const ends = { to: hasMissing ? count : count - 1, direction, bounds };
    const plain = this.scan(ends, 0, 0, this.best?.gain ?? this.options.minimumGain);
    const withMissing = hasMissing
      ? this.scan(
          ends,
          missingGradient,
          missingHessian,
          plain?.gain ?? this.best?.gain ?? this.options.minimumGain,
        )
      : undefined;
    const best = withMissing ?? plain;
    if (best === undefined) return;
    const left = this.sumsOf(best.gradient, best.hessian);
    const right = this.rest(left);
    this.best = {
      gain: best.gain,
      feature: index,
      bin: best.bin,
      set: [],
      // If nothing was missing in training, later missing values go with the majority.
      missingLeft: hasMissing ? withMissing !== undefined : left.rows >= right.rows,
      left,
      right,
      extraLambda: 0,
    };
  }

  /** The best split between two bins that gains more than `atLeast`, given the sums already on the left. */
  private scan(
    { to, direction, bounds }: ScanEnds,
    startGradient: number,
    startHessian: number,
    atLeast: number,
  ): { gain: number; bin: number; gradient: number; hessian: number } | undefined {
    const { lambda, minimumRows, minimumHessian } = this.options;
    const { gradient, hessian } = this.total;
    const { parentScore, sums, offset } = this;
    const smallest = Math.max(minimumHessian, (minimumRows - 0.5) / this.rowsPerHessian);
    let leftGradient = startGradient;
    let leftHessian = startHessian;
    let bestGain = atLeast;
    let bestBin = -1;
    let bestGradient = 0;
    let bestHessian = 0;
    for (let bin = 1; bin < to; bin += 1) {
      leftGradient += sums[offset + bin * 2] as number;
      leftHessian += sums[offset + bin * 2 + 1] as number;
      if (leftHessian < smallest) continue;
      const rightHessian = hessian - leftHessian;
      if (rightHessian < smallest) break;
      const rightGradient = gradient - leftGradient;
      const gain =
        (leftGradient * leftGradient) / (leftHessian + lambda) +
        (rightGradient * rightGradient) / (rightHessian + lambda) -
        parentScore;
      if (gain <= bestGain) continue;
      if (direction !== 0) {
        const left = clamp(-leftGradient / (leftHessian + lambda), bounds);
        const right = clamp(-rightGradient / (rightHessian + lambda), bounds);
        if ((right - left) * direction < 0) continue;
      }
      bestGain = gain;
      bestBin = bin;
      bestGradient = leftGradient;
      bestHessian = leftHessian;
    }
    return bestBin === -1
      ? undefined
      : { gain: bestGain, bin: bestBin, gradient: bestGradient, hessian: bestHessian };
  }

  private tryCategory(index: number, { count }: BinnedFeature): void {
    const ordered: number[] = [];
    if (count - 1 <= ONE_AGAINST_REST) {
      for (let bin = 1; bin < count; bin += 1) {
        ordered[0] = bin;
        this.offerSet(index, ordered, 1, this.gradientOf(bin), this.hessianOf(bin), 0);
      }
      return;
    }
    for (let bin = 1; bin < count; bin += 1) {
      if (this.hessianOf(bin) * this.rowsPerHessian < CATEGORY_SMOOTHING) continue;
      ordered.push(bin);
      this.ratios[bin] = this.gradientOf(bin) / (this.hessianOf(bin) + CATEGORY_SMOOTHING);
    }
    ordered.sort((a, b) => (this.ratios[a] as number) - (this.ratios[b] as number) || a - b);
    this.tryOrdered(index, ordered);
    this.tryOrdered(index, ordered.reverse());
  }

  /** Tries sending the first categories of an order left, one more at a time. */
  private tryOrdered(index: number, ordered: readonly number[]): void {
    const longest = Math.min(LARGEST_SET, (ordered.length + 1) >> 1);
    let gradient = 0;
    let hessian = 0;
    let group = 0;
    for (let length = 1; length <= longest; length += 1) {
      const bin = ordered[length - 1] as number;
      gradient += this.gradientOf(bin);
      hessian += this.hessianOf(bin);
      group += this.hessianOf(bin) * this.rowsPerHessian;
      if (group < this.options.minimumGroup) continue;
      const rightRows = (this.total.hessian - hessian) * this.rowsPerHessian;
      if (rightRows < this.options.minimumGroup) break;
      if (this.offerSet(index, ordered, length, gradient, hessian, CATEGORY_LAMBDA)) group = 0;
    }
  }

  /** Offers to send the first `length` bins left. Returns `false` if a side is too small to be considered. */
  private offerSet(
    index: number,
    bins: readonly number[],
    length: number,
    gradient: number,
    hessian: number,
    extraLambda: number,
  ): boolean {
    const { minimumRows, minimumHessian, minimumGain } = this.options;
    const leftRows = Math.round(hessian * this.rowsPerHessian);
    if (leftRows < minimumRows || this.total.rows - leftRows < minimumRows) return false;
    const rightHessian = this.total.hessian - hessian;
    if (hessian < minimumHessian || rightHessian < minimumHessian) return false;
    const lambda = this.options.lambda + extraLambda;
    const gain =
      gradient ** 2 / (hessian + lambda) +
      (this.total.gradient - gradient) ** 2 / (rightHessian + lambda) -
      this.parentScore;
    if (gain <= (this.best?.gain ?? minimumGain)) return true;
    const left = this.sumsOf(gradient, hessian);
    this.best = {
      gain,
      feature: index,
      bin: 0,
      set: bins.slice(0, length).sort((a, b) => a - b),
      missingLeft: false,
      left,
      right: this.rest(left),
      extraLambda,
    };
    return true;
  }

  private gradientOf(bin: number): number {
    return this.sums[this.offset + bin * 2] as number;
  }

  private hessianOf(bin: number): number {
    return this.sums[this.offset + bin * 2 + 1] as number;
  }

  private sumsOf(gradient: number, hessian: number): Sums {
    return { gradient, hessian, rows: Math.round(hessian * this.rowsPerHessian) };
  }

  private rest(left: Sums): Sums {
    return {
      gradient: this.total.gradient - left.gradient,
      hessian: this.total.hessian - left.hessian,
      rows: this.total.rows - left.rows,
    };
  }
}

export function clamp(value: number, { low, high }: { readonly low: number; readonly high: number }): number {
  return Math.min(high, Math.max(low, value));
}
