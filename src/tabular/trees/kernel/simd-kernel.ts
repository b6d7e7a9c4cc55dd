import type { BinnedTable } from '../bin-columns.js';
import { KERNEL_MODULE } from './module.js';
import {
  PlainKernel,
  type Allocator,
  type Histogram,
  type IsAllowed,
  type ScanInput,
} from './plain-kernel.js';
import { instantiate, type SharedMemory } from '../../web-assembly.js';
import { privateRegion } from './table-memory.js';

/** The functions of `kernel.wat`. */
interface Functions {
  fill4(
    ...args: readonly [
      at: number,
      end: number,
      derivatives: number,
      ...bins: [number, number, number, number],
      ...sums: [number, number, number, number],
    ]
  ): void;
  fill1(at: number, end: number, derivatives: number, bins: number, sums: number): void;
  clear(at: number, bytes: number): void;
  subtract(parent: number, child: number, end: number): void;
  partition(at: number, end: number, bins: number, goes: number, spare: number): number;
  scan(
    at: number,
    end: number,
    found: number,
    leftGradient: number,
    leftHessian: number,
    gradient: number,
    hessian: number,
    lambda: number,
    smallest: number,
    parentScore: number,
    atLeast: number,
  ): number;
}

/** Bytes of gradient and Hessian together. */
const PAIR_BYTES = 16;
const ROW_BYTES = 4;
/** Every array begins at a multiple of this. */
const ALIGNMENT = 64;
/** Room for the arrays whose length does not depend on the table, and for aligning the others. */
const SMALL_ARRAYS = 1024;

/**
 * Features whose sums are made in one pass. Rows often fall into the same bin one after the other and then wait
 * for its sums; four features at a time wait together.
 */
const FEATURES_AT_ONCE = 4;

/** A feature whose sums are made. */
interface Filled {
  /** The address of its bins. */
  readonly bins: number;
  /** Where its sums begin in a histogram, in bytes. */
  readonly sums: number;
}

/** The same loops compiled to WebAssembly, adding gradient and Hessian with one SIMD instruction. */
export class SimdKernel extends PlainKernel {
  private filled: readonly Filled[] = [];

  /** `undefined` if this machine cannot run it, or the table is not in WebAssembly memory. */
  static of(table: BinnedTable, rows: number, leaves: number): SimdKernel | undefined {
    const { memory, totalBins } = table;
    if (memory === undefined) return undefined;
    // Of all rows of the table, so that every fit of a training finds its region large enough.
    const bytes =
      table.rows * (PAIR_BYTES + 2 * ROW_BYTES) +
      leaves * (totalBins * PAIR_BYTES + ALIGNMENT) +
      SMALL_ARRAYS;
    const functions = instantiate(KERNEL_MODULE, memory);
    const start = functions && privateRegion(memory, bytes);
    if (start === undefined) return undefined;
    return new SimdKernel(table, rows, allocatorOf(memory, start), functions as Functions);
  }

  private constructor(
    table: BinnedTable,
    rows: number,
    allocator: Allocator,
    private readonly functions: Functions,
  ) {
    super(table, rows, allocator);
  }

  override useFeatures(features: readonly number[]): void {
    const all = [...features];
    const unused = [...this.table.features.keys()].filter((feature) => !features.includes(feature));
    // Two or three one by one take longer than four together, even if nobody asks for one of them.
    for (const feature of unused) {
      if (all.length % FEATURES_AT_ONCE <= 1) break;
      all.push(feature);
    }
    this.filled = all.map((feature) => ({
      bins: this.table.features[feature]?.bins.byteOffset ?? 0,
      sums: (this.table.offsets[feature] as number) * PAIR_BYTES,
    }));
  }

  override fill(into: Histogram, start: number, end: number): void {
    const { functions, filled } = this;
    const sums = into.byteOffset;
    const at = this.order.byteOffset + start * ROW_BYTES;
    const to = this.order.byteOffset + end * ROW_BYTES;
    const pairs = this.derivatives.byteOffset;
    functions.clear(sums, into.byteLength);
    let index = 0;
    for (; index + FEATURES_AT_ONCE <= filled.length; index += FEATURES_AT_ONCE) {
      const a = filled[index] as Filled;
      const b = filled[index + 1] as Filled;
      const c = filled[index + 2] as Filled;
      const d = filled[index + 3] as Filled;
      functions.fill4(
        at,
        to,
        pairs,
        a.bins,
        b.bins,
        c.bins,
        d.bins,
        sums + a.sums,
        sums + b.sums,
        sums + c.sums,
        sums + d.sums,
      );
    }
    for (; index < filled.length; index += 1) {
      const feature = filled[index] as Filled;
      functions.fill1(at, to, pairs, feature.bins, sums + feature.sums);
    }
  }

  override subtract(parent: Histogram, child: Histogram): void {
    this.functions.subtract(parent.byteOffset, child.byteOffset, parent.byteOffset + parent.byteLength);
  }

  override partition(feature: number, start: number, end: number): number {
    const { byteOffset } = this.order;
    const middle = this.functions.partition(
      byteOffset + start * ROW_BYTES,
      byteOffset + end * ROW_BYTES,
      this.binsAt(feature),
      this.goes.byteOffset,
      this.spare.byteOffset,
    );
    // Addresses come back as signed numbers.
    return ((middle >>> 0) - byteOffset) / ROW_BYTES;
  }

  override scan(input: ScanInput, isAllowed?: IsAllowed): number {
    if (isAllowed !== undefined) return super.scan(input, isAllowed);
    const bins = this.sumsAt(input.histogram, input.feature);
    const best = this.functions.scan(
      bins + PAIR_BYTES,
      bins + input.to * PAIR_BYTES,
      this.found.byteOffset,
      input.startGradient,
      input.startHessian,
      input.gradient,
      input.hessian,
      input.lambda,
      input.smallest,
      input.parentScore,
      input.atLeast,
    );
    return best === 0 ? -1 : ((best >>> 0) - bins) / PAIR_BYTES;
  }

  private binsAt(feature: number): number {
    return this.table.features[feature]?.bins.byteOffset ?? 0;
  }

  private sumsAt(histogram: Histogram, feature: number): number {
    return histogram.byteOffset + (this.table.offsets[feature] as number) * PAIR_BYTES;
  }
}

function allocatorOf(memory: SharedMemory, start: number): Allocator {
  let next = start;
  const place = (bytes: number): number => {
    const at = next;
    next += Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
    return at;
  };
  return {
    int32: (length) => new Int32Array(memory.buffer, place(length * 4), length),
    float64: (length) => new Float64Array(memory.buffer, place(length * 8), length),
    uint8: (length) => new Uint8Array(memory.buffer, place(length), length),
  };
}
