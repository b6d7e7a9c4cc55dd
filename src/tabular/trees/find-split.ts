import { MOST_BINS, type BinnedFeature, type BinnedTable } from './bin-columns.js';
import type { Histogram, IsAllowed, PlainKernel } from './kernel/plain-kernel.js';
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

/** A split that may still be replaced. */
type Found = Split & { missingLeft: boolean };

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

/** What all splits of one tree have in common. */
export interface SplitSearch {
  readonly table: BinnedTable;
  readonly options: TreeOptions;
  readonly kernel: PlainKernel;
  /** Features this tree may use. */
  readonly allowed: readonly number[];
}

/** Between these values a leaf has to stay, so that a monotone feature keeps its order. */
export interface ValueBounds {
  readonly low: number;
  readonly high: number;
}

/** Finds the best split of a leaf; one instance serves all leaves of a tree. */
export class SplitFinder {
  private best: Found | undefined;
  private total: Sums = { gradient: 0, hessian: 0, rows: 0 };
  private rowsPerHessian = 0;
  private parentScore = 0;
  private sums: Histogram = new Float64Array(0);
  /** Where the current feature begins in `sums`. */
  private offset = 0;
  /** By bin of a category: its mean gradient, by which the bins are ordered. */
  private readonly ratios = new Float64Array(MOST_BINS + 1);
  private readonly ordered = new Uint8Array(MOST_BINS + 1);

  /** By feature: 1 or -1 if its values have to raise or lower the prediction, otherwise 0. */
  private readonly directions: Int8Array;

  constructor(private readonly search: SplitSearch) {
    const { monotone } = search.options;
    this.directions = Int8Array.from(
      search.table.features,
      ({ feature }) => ownValue(monotone, feature.column) ?? 0,
    );
  }

  /** `undefined` if no split gains enough. */
  find(histogram: Histogram, total: Sums, bounds: ValueBounds): Split | undefined {
    const { table, options, allowed } = this.search;
    this.best = undefined;
    this.total = total;
    this.rowsPerHessian = total.rows / total.hessian;
    this.parentScore = total.gradient ** 2 / (total.hessian + options.lambda);
    if (total.rows < 2 * options.minimumRows) return undefined;
    this.sums = histogram;
    for (const index of allowed) {
      const feature = table.features[index] as BinnedFeature;
      this.offset = (table.offsets[index] as number) * 2;
      if (feature.feature.kind === 'number') this.tryNumber(index, feature, bounds);
      else this.tryCategory(index, feature);
    }
    return this.best;
  }

  private tryNumber(index: number, { count }: BinnedFeature, bounds: ValueBounds): void {
    const { options, kernel } = this.search;
    const { gradient, hessian } = this.total;
    const hasMissing = this.hessianOf(0) * this.rowsPerHessian >= 0.5;
    const scan = (startGradient: number, startHessian: number): boolean => {
      const bin = kernel.scan(
        {
          histogram: this.sums,
          feature: index,
          to: hasMissing ? count : count - 1,
          startGradient,
          startHessian,
          gradient,
          hessian,
          lambda: options.lambda,
          smallest: Math.max(options.minimumHessian, (options.minimumRows - 0.5) / this.rowsPerHessian),
          parentScore: this.parentScore,
          atLeast: this.best?.gain ?? options.minimumGain,
        },
        this.orderOf(index, bounds),
      );
      if (bin === -1) return false;
      const [leftGradient = 0, leftHessian = 0, gain = 0] = kernel.found;
      this.takeNumber(index, bin, gain, this.sumsOf(leftGradient, leftHessian));
      return true;
    };
    const isFound = scan(0, 0);
    const goesLeft = hasMissing && scan(this.gradientOf(0), this.hessianOf(0));
    if (this.best === undefined || !(isFound || goesLeft)) return;
    // If nothing was missing in training, later missing values go with the majority.
    const { left, right } = this.best;
    this.best.missingLeft = hasMissing ? goesLeft : left.rows >= right.rows;
  }

  private takeNumber(feature: number, bin: number, gain: number, left: Sums): void {
    const right = this.rest(left);
    this.best = { gain, feature, bin, set: [], missingLeft: false, left, right, extraLambda: 0 };
  }

  /** Whether a split keeps the order that a feature requires; `undefined` if it requires none. */
  private orderOf(index: number, bounds: ValueBounds): IsAllowed | undefined {
    const { lambda } = this.search.options;
    const direction = this.directions[index] as number;
    if (direction === 0) return undefined;
    const { gradient, hessian } = this.total;
    return (leftGradient, leftHessian) => {
      const left = clamp(-leftGradient / (leftHessian + lambda), bounds);
      const right = clamp(-(gradient - leftGradient) / (hessian - leftHessian + lambda), bounds);
      return (right - left) * direction >= 0;
    };
  }

  private tryCategory(index: number, { count }: BinnedFeature): void {
    const { ordered } = this;
    if (count - 1 <= ONE_AGAINST_REST) {
      for (let bin = 1; bin < count; bin += 1) {
        ordered[0] = bin;
        this.offerSet(index, { from: 0, to: 1 }, this.gradientOf(bin), this.hessianOf(bin), 0);
      }
      return;
    }
    const length = this.orderBins(count);
    this.tryOrdered(index, length, 1);
    this.tryOrdered(index, length, -1);
  }

  /** Orders the bins of a category that have enough rows by their mean gradient; returns how many there are. */
  private orderBins(count: number): number {
    const { ordered, ratios, rowsPerHessian } = this;
    let length = 0;
    for (let bin = 1; bin < count; bin += 1) {
      const hessian = this.hessianOf(bin);
      if (hessian * rowsPerHessian < CATEGORY_SMOOTHING) continue;
      const ratio = this.gradientOf(bin) / (hessian + CATEGORY_SMOOTHING);
      ratios[bin] = ratio;
      let place = length;
      for (; place > 0 && (ratios[ordered[place - 1] as number] as number) > ratio; place -= 1) {
        ordered[place] = ordered[place - 1] as number;
      }
      ordered[place] = bin;
      length += 1;
    }
    return length;
  }

  /** Tries sending the bins at one end of the order left, one more at a time. */
  private tryOrdered(index: number, length: number, step: 1 | -1): void {
    const { minimumGroup } = this.search.options;
    const longest = Math.min(LARGEST_SET, (length + 1) >> 1);
    const first = step === 1 ? 0 : length - 1;
    let gradient = 0;
    let hessian = 0;
    let group = 0;
    for (let size = 1; size <= longest; size += 1) {
      const place = first + step * (size - 1);
      const bin = this.ordered[place] as number;
      gradient += this.gradientOf(bin);
      hessian += this.hessianOf(bin);
      group += this.hessianOf(bin) * this.rowsPerHessian;
      if (group < minimumGroup) continue;
      const rightRows = (this.total.hessian - hessian) * this.rowsPerHessian;
      if (rightRows < minimumGroup) break;
      const range = step === 1 ? { from: 0, to: size } : { from: place, to: length };
      if (this.offerSet(index, range, gradient, hessian, CATEGORY_LAMBDA)) group = 0;
    }
  }

  /** Offers to send a part of the order left. Returns `false` if a side is too small to be considered. */
  private offerSet(
    index: number,
    { from, to }: { readonly from: number; readonly to: number },
    gradient: number,
    hessian: number,
    extraLambda: number,
  ): boolean {
    const { minimumRows, minimumHessian, minimumGain, lambda: usualLambda } = this.search.options;
    const leftRows = Math.round(hessian * this.rowsPerHessian);
    if (leftRows < minimumRows || this.total.rows - leftRows < minimumRows) return false;
    const rightHessian = this.total.hessian - hessian;
    if (hessian < minimumHessian || rightHessian < minimumHessian) return false;
    const lambda = usualLambda + extraLambda;
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
      set: [...this.ordered.subarray(from, to)].sort((a, b) => a - b),
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

export function clamp(value: number, { low, high }: ValueBounds): number {
  return Math.min(high, Math.max(low, value));
}
