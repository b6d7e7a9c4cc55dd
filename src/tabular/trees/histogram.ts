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

/** Up to this many features are cheaper one by one than four at a time. */
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
  const all = features.map(({ words, shift }, index) => ({
    words,
    shift,
    offset: (offsets[index] as number) * 2,
  }));
  const columns = all.filter((_, index) => allowed[index] === 1);
  const others = all.filter((_, index) => allowed[index] === 0);
  // Two or three take as long as four, and one by one longer.
  while (columns.length % 4 > MOST_SINGLE && others.length > 0) columns.push(others.pop() as Column);
  for (let index = 0; index < columns.length; index += 4) {
    const [first, second, third, fourth] = columns.slice(index, index + 4);
    if (first === undefined) break;
    if (second !== undefined && third !== undefined && fourth !== undefined) {
      addFour(into, first, second, third, fourth, leaf);
    } else for (const column of columns.slice(index)) addOne(into, column, leaf);
  }
}

/** Bins of one feature, and where it begins in a histogram. */
interface Column {
  readonly words: Uint32Array;
  readonly shift: number;
  readonly offset: number;
}

/**
 * The hot loop of training, unrolled by hand because the compiler does not do it. Rows often fall into the same
 * bin one after the other and then wait for its sums; four features at a time wait together.
 */
function addFour(
  into: Histogram,
  { words: words1, shift: shift1, offset: offset1 }: Column,
  { words: words2, shift: shift2, offset: offset2 }: Column,
  { words: words3, shift: shift3, offset: offset3 }: Column,
  { words: words4, shift: shift4, offset: offset4 }: Column,
  { rows, start, end, pairs }: LeafRows,
): void {
  for (let index = start, pair = 0; index < end; index += 1, pair += 2) {
    const row = rows[index] as number;
    const gradient = pairs[pair] as number;
    const hessian = pairs[pair + 1] as number;
    const at1 = offset1 + ((((words1[row] as number) >>> shift1) & 0xff) << 1);
    into[at1] = (into[at1] as number) + gradient;
    into[at1 + 1] = (into[at1 + 1] as number) + hessian;
    const at2 = offset2 + ((((words2[row] as number) >>> shift2) & 0xff) << 1);
    into[at2] = (into[at2] as number) + gradient;
    into[at2 + 1] = (into[at2 + 1] as number) + hessian;
    const at3 = offset3 + ((((words3[row] as number) >>> shift3) & 0xff) << 1);
    into[at3] = (into[at3] as number) + gradient;
    into[at3 + 1] = (into[at3 + 1] as number) + hessian;
    const at4 = offset4 + ((((words4[row] as number) >>> shift4) & 0xff) << 1);
    into[at4] = (into[at4] as number) + gradient;
    into[at4 + 1] = (into[at4 + 1] as number) + hessian;
  }
}

function addOne(into: Histogram, { words, shift, offset }: Column, leaf: LeafRows): void {
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
