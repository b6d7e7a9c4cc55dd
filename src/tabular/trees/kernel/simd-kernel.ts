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

/** The same loops compiled to WebAssembly, adding gradient and Hessian with one SIMD instruction. */
export class SimdKernel extends PlainKernel {
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

  override fill(into: Histogram, features: readonly number[], start: number, end: number): void {
    const { functions } = this;
    const at = this.order.byteOffset + start * ROW_BYTES;
    const to = this.order.byteOffset + end * ROW_BYTES;
    const { byteOffset } = this.derivatives;
    const binsAt = features.map((feature) => this.binsAt(feature));
    const sumsAt = features.map((feature) => this.sumsAt(into, feature));
    let index = 0;
    for (; index + 4 <= features.length; index += 4) {
      const [bins1 = 0, bins2 = 0, bins3 = 0, bins4 = 0] = binsAt.slice(index, index + 4);
      const [sums1 = 0, sums2 = 0, sums3 = 0, sums4 = 0] = sumsAt.slice(index, index + 4);
      functions.fill4(at, to, byteOffset, bins1, bins2, bins3, bins4, sums1, sums2, sums3, sums4);
    }
    for (; index < features.length; index += 1) {
      functions.fill1(at, to, byteOffset, binsAt[index] ?? 0, sumsAt[index] ?? 0);
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
