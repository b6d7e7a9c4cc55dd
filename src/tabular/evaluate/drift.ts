import type { Matrix } from '../matrix.js';

/** The distribution of one feature's values in training. */
export interface FeatureReference {
  readonly column: string;
  /** For a number: the upper bounds of its parts. Absent for a category, where each code is a part. */
  readonly cuts?: readonly number[];
  /** Share of each part; the last is for missing or unknown values. */
  readonly shares: readonly number[];
}

/** A column whose values no longer resemble the training data. */
export interface DriftedColumn {
  readonly column: string;
  /** Population stability index: 0 for no change, above 0.25 for a large one. */
  readonly index: number;
}

export interface DriftReport {
  readonly rows: number;
  /** Most changed first. */
  readonly columns: readonly DriftedColumn[];
}

const PARTS = 10;
const MOST_ROWS = 20_000;
/** The customary threshold for a significant change. */
const LARGE_CHANGE = 0.25;
/** With fewer rows chance alone looks like change. */
const FEWEST_ROWS = 50;
const SMALLEST_SHARE = 0.001;

/** Dates are left out, because the passing of time is not drift. */
export function referenceOf(matrix: Matrix, isDate: (column: string) => boolean): FeatureReference[] {
  const step = Math.max(1, Math.floor(matrix.rows / MOST_ROWS));
  return matrix.features.flatMap((feature, index): FeatureReference[] => {
    const { column, kind, categories = [] } = feature;
    if (isDate(column)) return [];
    const values = (matrix.columns[index] ?? new Float32Array(0)).filter((_, row) => row % step === 0);
    const cuts = kind === 'number' ? cutsOf(values) : undefined;
    const parts = (cuts?.length ?? categories.length) + 2;
    const counts = new Float64Array(parts);
    for (const value of values) count(counts, value, cuts);
    return [{ column, ...(cuts === undefined ? {} : { cuts }), shares: sharesOf(counts) }];
  });
}

/**
 * Counts the values of rows to be predicted, and reports which columns no longer resemble the training data.
 */
export class DriftWatch {
  private readonly counts: readonly Float64Array[];
  private rows = 0;

  constructor(private readonly references: readonly FeatureReference[]) {
    this.counts = references.map(({ shares }) => new Float64Array(shares.length));
  }

  add(matrix: Matrix): void {
    this.rows += matrix.rows;
    this.references.forEach(({ column, cuts }, index) => {
      const place = matrix.features.findIndex((feature) => feature.column === column);
      const counts = this.counts[index];
      if (counts === undefined) return;
      for (const value of matrix.columns[place] ?? []) count(counts, value, cuts);
    });
  }

  report(): DriftReport {
    const { rows } = this;
    if (rows < FEWEST_ROWS) return { rows, columns: [] };
    const columns = this.references
      .map(({ column, shares }, index) => {
        const now = sharesOf(this.counts[index] ?? new Float64Array(0));
        // The index that chance alone gives grows with the number of parts and shrinks with the number of
        // rows.
        const bound = LARGE_CHANGE + (2 * shares.filter((share) => share > 0).length) / rows;
        return { column, index: stabilityIndex(shares, now), bound };
      })
      .filter(({ index, bound }) => index > bound)
      .sort((a, b) => b.index - a.index)
      .map(({ column, index }) => ({ column, index }));
    return { rows, columns };
  }
}

/** The last two parts are for values above all cuts, and for what is missing or unknown. */
function count(counts: Float64Array, value: number, cuts: readonly number[] | undefined): void {
  const isNone = Number.isNaN(value) || (cuts === undefined && value < 0);
  const above = cuts === undefined ? value : cuts.findIndex((cut) => value <= cut);
  const part = isNone
    ? counts.length - 1
    : above === -1
      ? counts.length - 2
      : Math.min(above, counts.length - 2);
  counts[part] = (counts[part] ?? 0) + 1;
}

function cutsOf(values: Float32Array): number[] {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort();
  const cuts = Array.from(
    { length: PARTS - 1 },
    (_, part) => sorted[Math.floor(((part + 1) * sorted.length) / PARTS)] ?? 0,
  );
  return sorted.length === 0 ? [] : [...new Set(cuts)];
}

function sharesOf(counts: Float64Array): number[] {
  const total = counts.reduce((sum, each) => sum + each, 0);
  return Array.from(counts, (each) => (total === 0 ? 0 : each / total));
}

function stabilityIndex(before: readonly number[], now: readonly number[]): number {
  return before.reduce((sum, share, part) => {
    const shareBefore = Math.max(SMALLEST_SHARE, share);
    const shareNow = Math.max(SMALLEST_SHARE, now[part] ?? 0);
    return sum + (shareNow - shareBefore) * Math.log(shareNow / shareBefore);
  }, 0);
}
