import { SimdRows } from './simd/simd-rows.js';

/** With fewer rows a separate WebAssembly memory is not worthwhile. */
const MANY_ROWS = 2_000;

/** How many products `block` returns at most. */
export const BLOCK_ROWS = SimdRows.blockRows;

/** Stores the rows and multiplies them with a query. */
export interface VectorRows {
  /** All rows, `stride` numbers apart. */
  readonly values: Float32Array;
  readonly stride: number;
  /** Products of a query with rows, block by block. */
  ask(query: Float32Array): void;
  block(first: number): Float32Array;
}

/** Room for `count` rows; many are multiplied with SIMD instructions. */
export function rowsFor(count: number, dimensions: number): VectorRows {
  const simd = count < MANY_ROWS ? undefined : SimdRows.of(count, dimensions);
  return simd ?? new PlainRows(count, dimensions);
}

class PlainRows implements VectorRows {
  readonly values: Float32Array;
  private readonly out = new Float32Array(BLOCK_ROWS);
  private query = new Float32Array(0);

  constructor(
    private readonly count: number,
    readonly stride: number,
  ) {
    this.values = new Float32Array(count * stride);
  }

  ask(query: Float32Array): void {
    this.query = Float32Array.from(query);
  }

  block(first: number): Float32Array {
    const rows = Math.min(this.out.length, this.count - first);
    const { out, query, values, stride } = this;
    for (let at = 0; at < rows; at += 1) out[at] = dotAt(query, values, (first + at) * stride);
    return this.out.subarray(0, rows);
  }
}

/**
 * Dot product with the row at `start`. Uses four independent sums, so that the processor need not wait for one
 * addition before the next.
 */
export function dotAt(query: Float32Array, values: Float32Array, start: number): number {
  const { length } = query;
  const aligned = length - (length % 4);
  let [a, b, c, d] = [0, 0, 0, 0];
  let i = 0;
  for (; i < aligned; i += 4) {
    a += (query[i] as number) * (values[start + i] as number);
    b += (query[i + 1] as number) * (values[start + i + 1] as number);
    c += (query[i + 2] as number) * (values[start + i + 2] as number);
    d += (query[i + 3] as number) * (values[start + i + 3] as number);
  }
  for (; i < length; i += 1) a += (query[i] as number) * (values[start + i] as number);
  return a + b + c + d;
}
