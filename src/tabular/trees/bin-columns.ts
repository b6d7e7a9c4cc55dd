import type { Feature, Matrix } from '../matrix.js';
import { sharedBytes } from './kernel/table-memory.js';
import type { SharedMemory } from '../web-assembly.js';

/** A bin is one byte; bin 0 is for missing and unknown values. */
export const MOST_BINS = 255;
/** So many bins of a row lie side by side, and come into the CPU cache together. */
export const FEATURES_PER_BLOCK = 4;
/** Enough values to place the bounds. */
const SAMPLED_VALUES = 200_000;
/** Upper bound of all numbers, the largest float32; the artifact cannot hold infinity. */
const LARGEST_NUMBER = 3.4028234663852886e38;
/** A bin with fewer values is not informative. */
const FEWEST_PER_BIN = 3;

/** A feature in at most 255 bins. */
export interface BinnedFeature {
  readonly feature: Feature;
  /** The bin of each row, at four times its number: the bins of four features lie side by side. */
  readonly bins: Uint8Array;
  /** Number of bins used, including bin 0. */
  readonly count: number;
  /** For a number: values in bin b, from 1 on, are at most `bounds[b]`. */
  readonly bounds: Float32Array;
}

export interface BinnedTable {
  readonly rows: number;
  readonly features: readonly BinnedFeature[];
  /** Where each feature's bins begin in a histogram, in bins. */
  readonly offsets: Int32Array;
  readonly totalBins: number;
  /** The memory that holds the bins, unless the machine has no WebAssembly. */
  readonly memory?: SharedMemory;
}

/** Assigns every value to its bin; trees are grown on bins alone. */
export function binColumns(matrix: Matrix): BinnedTable {
  const { rows } = matrix;
  const blockBytes = rows * FEATURES_PER_BLOCK;
  const blocks = Math.ceil(matrix.features.length / FEATURES_PER_BLOCK);
  const { bytes, memory } = sharedBytes(blocks * blockBytes);
  const features = matrix.features.map((feature, index) => {
    const block = Math.floor(index / FEATURES_PER_BLOCK);
    const start = block * blockBytes + (index % FEATURES_PER_BLOCK);
    const values = matrix.columns[index] ?? new Float32Array(rows);
    return binColumn(feature, values, bytes.subarray(start, (block + 1) * blockBytes));
  });
  const offsets = new Int32Array(features.length);
  let totalBins = 0;
  features.forEach(({ count }, index) => {
    offsets[index] = totalBins;
    totalBins += count;
  });
  return { rows, features, offsets, totalBins, ...(memory === undefined ? {} : { memory }) };
}

function binColumn(feature: Feature, values: Float32Array, bins: Uint8Array): BinnedFeature {
  const isCategory = feature.kind === 'category';
  const bounds = isCategory ? new Float32Array(0) : boundsOf(values);
  for (let row = 0; row < values.length; row += 1) {
    const value = values[row] as number;
    bins[row * FEATURES_PER_BLOCK] = isCategory ? value + 1 : Number.isNaN(value) ? 0 : binOf(value, bounds);
  }
  const count = isCategory ? (feature.categories?.length ?? 0) + 1 : bounds.length;
  return { feature, bins, count, bounds };
}

/** The first bin whose bound is not below the value; `bounds[0]` is unused. */
function binOf(value: number, bounds: Float32Array): number {
  let low = 1;
  let high = bounds.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (value <= (bounds[middle] as number)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Upper bounds of the bins from 1 on, so that all hold about the same number of values. */
function boundsOf(values: Float32Array): Float32Array {
  // Missing values are sorted to the end.
  const sorted = sample(values).sort();
  const distinct: number[] = [];
  const counts: number[] = [];
  let total = 0;
  for (let start = 0; start < sorted.length; start = total) {
    const value = sorted[start] as number;
    if (Number.isNaN(value)) break;
    while (sorted[total] === value) total += 1;
    distinct.push(value);
    counts.push(total - start);
  }
  const cuts = cutsOf(counts, total);
  const bounds = cuts.map((index) => between(distinct[index] as number, distinct[index + 1] as number));
  return Float32Array.from([Number.NaN, ...bounds, LARGEST_NUMBER]);
}

/**
 * Indexes of the distinct values after which a bin ends. A value with more than a bin's share gets a bin of
 * its own.
 */
function cutsOf(counts: readonly number[], total: number): number[] {
  const most = MOST_BINS - 1;
  let binsLeft = most;
  let rest = total;
  const share = total / most;
  const isBig = counts.map((count) => counts.length > most && count >= share);
  counts.forEach((count, index) => {
    if (!isBig[index]) return;
    binsLeft -= 1;
    rest -= count;
  });
  let size = counts.length > most ? rest / Math.max(1, binsLeft) : FEWEST_PER_BIN;
  const cuts: number[] = [];
  let inBin = 0;
  for (let index = 0; index < counts.length - 1 && cuts.length < most - 1; index += 1) {
    const count = counts[index] as number;
    if (!isBig[index]) rest -= count;
    inBin += count;
    const nextIsBig = isBig[index + 1] === true && inBin >= Math.max(1, size / 2);
    if (isBig[index] !== true && inBin < size && !nextIsBig) continue;
    cuts.push(index);
    if (isBig[index] !== true) binsLeft -= 1;
    inBin = 0;
    if (counts.length > most) size = rest / Math.max(1, binsLeft);
  }
  return cuts;
}

/** Returns a float32 that is at least `low` and below `high`. */
function between(low: number, high: number): number {
  const middle = Math.fround(low / 2 + high / 2);
  return middle < high ? middle : low;
}

/** Spread evenly over the rows, so that the same table gives the same bins. */
function sample(values: Float32Array): Float32Array {
  if (values.length <= SAMPLED_VALUES) return values.slice();
  const step = values.length / SAMPLED_VALUES;
  return Float32Array.from(
    { length: SAMPLED_VALUES },
    (_, index) => values[Math.floor(index * step)] as number,
  );
}

/** The bin of one row. */
export function binAt({ bins }: BinnedFeature, row: number): number {
  return bins[row * FEATURES_PER_BLOCK] as number;
}
