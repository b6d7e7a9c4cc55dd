import type { Tree } from './forest.js';

/** How the values of one feature are binned, so that a node only looks up which bins go left. */
export interface FeatureBins {
  readonly feature: number;
  readonly isCategory: boolean;
  /** For a number: the sorted thresholds of all trees; a value's bin is the first one it does not exceed. */
  readonly thresholds: Float32Array;
  /** Number of bins, including the last one, for missing or unknown values. */
  readonly count: number;
}

/** Bins of the features that a forest uses. */
export function binsOf(trees: readonly Tree[]): FeatureBins[] {
  const thresholds = new Map<number, Set<number>>();
  const largest = new Map<number, number>();
  for (const { feature, sets, threshold } of trees) {
    feature.forEach((featureIndex, node) => {
      const set = sets[node] ?? [];
      if (set.length > 0) {
        largest.set(featureIndex, Math.max(largest.get(featureIndex) ?? 0, ...set));
        return;
      }
      const featureThresholds = thresholds.get(featureIndex) ?? new Set();
      thresholds.set(featureIndex, featureThresholds.add(threshold[node] as number));
    });
  }
  const categories = [...largest].map(([feature, code]) => ({
    feature,
    isCategory: true,
    thresholds: new Float32Array(0),
    count: code + 2,
  }));
  const numbers = [...thresholds].map(([feature, featureThresholds]) => ({
    feature,
    isCategory: false,
    thresholds: Float32Array.from(featureThresholds).sort(),
    // At or below each threshold, above all, and missing.
    count: featureThresholds.size + 2,
  }));
  return [...categories, ...numbers].sort((a, b) => a.feature - b.feature);
}

/** 1 for each bin that goes left at a node. */
export function leftBinsOf(tree: Tree, node: number, bins: FeatureBins): Uint8Array {
  const goes = new Uint8Array(bins.count);
  if (bins.isCategory) {
    for (const code of tree.sets[node] ?? []) goes[code] = 1;
    return goes;
  }
  goes.fill(1, 0, firstNotBelow(tree.threshold[node] as number, bins.thresholds) + 1);
  if (tree.missingLeft[node] === 1) goes[bins.count - 1] = 1;
  return goes;
}

export function binOfValue(value: number, { isCategory, thresholds, count }: FeatureBins): number {
  const none = count - 1;
  if (isCategory) return value >= 0 && value < none ? value : none;
  return Number.isNaN(value) ? none : firstNotBelow(value, thresholds);
}

/**
 * Index of the first threshold that the value does not exceed; the number of thresholds if it exceeds all.
 */
function firstNotBelow(value: number, thresholds: Float32Array): number {
  let low = 0;
  let high = thresholds.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (value <= (thresholds[middle] as number)) high = middle;
    else low = middle + 1;
  }
  return low;
}
