import type { Matrix } from '../matrix.js';
import { DesignBuilder, type Design } from './design.js';

/** Numbers are clamped to this many standard deviations from the mean. */
const FARTHEST = 8;

/** How a feature enters a linear model; stored with the model. */
export type LinearFeature =
  /** The scaled value at `at`; whether it is missing at `at + 1`. */
  | { readonly type: 'number'; readonly at: number; readonly mean: number; readonly deviation: number }
  /** Category c at `at + c`; `shares` has the share of rows in each. */
  | { readonly type: 'category'; readonly at: number; readonly shares: readonly number[] };

export interface LinearLayout {
  readonly features: readonly LinearFeature[];
  readonly width: number;
}

/** Means and standard deviations over some rows, and the position of each feature. */
export function layOut(matrix: Matrix, rows: Int32Array): LinearLayout {
  let width = 0;
  const features = matrix.features.map((feature, index): LinearFeature => {
    const at = width;
    if (feature.kind === 'category') {
      const count = feature.categories?.length ?? 0;
      width += count;
      return { type: 'category', at, shares: sharesOf(matrix.columns[index], rows, count) };
    }
    width += 2;
    return { type: 'number', at, ...momentsOf(matrix.columns[index] ?? new Float32Array(0), rows) };
  });
  return { features, width };
}

function sharesOf(values: Float32Array | undefined, rows: Int32Array, count: number): number[] {
  const counts = new Array<number>(count).fill(0);
  for (const row of rows) {
    const code = values?.[row] ?? -1;
    if (code >= 0) counts[code] = (counts[code] ?? 0) + 1;
  }
  return counts.map((rowsOfCode) => rowsOfCode / Math.max(1, rows.length));
}

function momentsOf(values: Float32Array, rows: Int32Array): { mean: number; deviation: number } {
  let count = 0;
  let sum = 0;
  for (const row of rows) {
    const value = values[row] as number;
    if (Number.isNaN(value)) continue;
    count += 1;
    sum += value;
  }
  const mean = count === 0 ? 0 : sum / count;
  let squares = 0;
  for (const row of rows) {
    const value = values[row] as number;
    if (!Number.isNaN(value)) squares += (value - mean) ** 2;
  }
  const deviation = Math.sqrt(squares / Math.max(1, count));
  // The artifact holds float32, and so does the model, so that both give the same results.
  return { mean: Math.fround(mean), deviation: Math.fround(deviation > 0 ? deviation : 1) };
}

export function tableDesign(matrix: Matrix, layout: LinearLayout): Design {
  const builder = new DesignBuilder(layout.width, Math.max(1, matrix.rows * layout.features.length));
  for (let row = 0; row < matrix.rows; row += 1) {
    layout.features.forEach((feature, index) => {
      const value = (matrix.columns[index] as Float32Array)[row] as number;
      if (feature.type === 'category') {
        if (value >= 0) builder.add(feature.at + value, 1);
      } else if (Number.isNaN(value)) builder.add(feature.at + 1, 1);
      else builder.add(feature.at, scaled(value, feature));
    });
    builder.endRow();
  }
  return builder.finish();
}

export function scaled(value: number, { mean, deviation }: { mean: number; deviation: number }): number {
  return Math.max(-FARTHEST, Math.min(FARTHEST, (value - mean) / deviation));
}

export const FARTHEST_FROM_MEAN = FARTHEST;
