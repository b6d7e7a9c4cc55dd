import type { BinnedTable } from './bin-columns.js';

/** Sums of gradient and Hessian for each bin of each feature, alternating: g, h, g, h, ... */
export type Histogram = Float64Array;

/** Keeps histograms for reuse: a tree needs one per leaf, and so does the next tree. */
export class HistogramPool {
  private readonly free: Histogram[] = [];

  constructor(private readonly bins: number) {}

  take(): Histogram {
    return this.free.pop() ?? new Float64Array(this.bins * 2);
  }

  give(histogram: Histogram): void {
    this.free.push(histogram);
  }
}

/** Up to this many features of a group of four are cheaper one by one than all four together. */
const MOST_SINGLE = 1;

/** Rows of one leaf, with their gradients and Hessians alternating in the same order. */
export interface LeafRows {
  readonly rows: Int32Array;
  readonly start: number;
  readonly end: number;
  readonly pairs: Float64Array;
}

/** Sums the rows of one leaf into the bins of at least the features that are `allowed`. */
export function fillHistogram(
  into: Histogram,
  { features, offsets }: BinnedTable,
  leaf: LeafRows,
  allowed: Uint8Array,
): void {
  into.fill(0);
  for (let index = 0; index < features.length; index += 4) {
    const words = features[index]?.words;
    if (words === undefined) break;
    const at = [0, 1, 2, 3].map((next) => (offsets[index + next] ?? 0) * 2);
    const allowedCount = allowed.subarray(index, index + 4).reduce((sum, each) => sum + each, 0);
    if (allowedCount > MOST_SINGLE && index + 4 <= features.length) addFour(into, words, at, leaf);
    else {
      at.forEach((offset, byte) => {
        if (allowed[index + byte] === 1) addOne(into, words, offset, byte * 8, leaf);
      });
    }
  }
}

/** The hot loop of training, unrolled by hand because the compiler does not do it. */
function addFour(into: Histogram, words: Uint32Array, offsets: readonly number[], leaf: LeafRows): void {
  const { rows, start, end, pairs } = leaf;
  const [first = 0, second = 0, third = 0, fourth = 0] = offsets;
  for (let index = start, pair = 0; index < end; index += 1, pair += 2) {
    const word = words[rows[index] as number] as number;
    const gradient = pairs[pair] as number;
    const hessian = pairs[pair + 1] as number;
    const a = first + ((word & 0xff) << 1);
    into[a] = (into[a] as number) + gradient;
    into[a + 1] = (into[a + 1] as number) + hessian;
    const b = second + ((word >>> 7) & 0x1fe);
    into[b] = (into[b] as number) + gradient;
    into[b + 1] = (into[b + 1] as number) + hessian;
    const c = third + ((word >>> 15) & 0x1fe);
    into[c] = (into[c] as number) + gradient;
    into[c + 1] = (into[c + 1] as number) + hessian;
    const d = fourth + ((word >>> 23) & 0x1fe);
    into[d] = (into[d] as number) + gradient;
    into[d + 1] = (into[d + 1] as number) + hessian;
  }
}

function addOne(into: Histogram, words: Uint32Array, offset: number, shift: number, leaf: LeafRows): void {
  const { rows, start, end, pairs } = leaf;
  for (let index = start, pair = 0; index < end; index += 1, pair += 2) {
    const at = offset + ((((words[rows[index] as number] as number) >>> shift) & 0xff) << 1);
    into[at] = (into[at] as number) + (pairs[pair] as number);
    into[at + 1] = (into[at + 1] as number) + (pairs[pair + 1] as number);
  }
}

/**
 * A parent is the sum of its children, so the larger child costs a subtraction instead of a pass. Overwrites
 * `parent`.
 */
export function subtractHistogram(parent: Histogram, child: Histogram): Histogram {
  for (let index = 0; index < parent.length; index += 1) {
    parent[index] = (parent[index] as number) - (child[index] as number);
  }
  return parent;
}
