import { SimdRows } from './simd/simd-rows.js';
import { TopK } from './top-k.js';

/** With fewer rows a separate WebAssembly memory is not worthwhile. */
const MANY_ROWS = 2_000;

/** Stores the rows and multiplies them with a query. */
interface Rows {
  /** All rows, `stride` numbers apart. */
  readonly values: Float32Array;
  readonly stride: number;
  /** Products of a query with rows, block by block. */
  ask(query: Float32Array): void;
  block(first: number): Float32Array;
}

/**
 * Exact cosine similarity over the rows of one contiguous block. Rows have unit length, so the cosine is a
 * dot product. Many rows are multiplied with SIMD instructions.
 */
export class VectorScan {
  private readonly rows: Rows;
  private readonly top: TopK;

  /**
   * `ids` holds each row's item, in ascending order. Throws a `RangeError` if a vector does not have
   * `dimensions` values.
   */
  constructor(
    readonly dimensions: number,
    private readonly ids: Uint32Array,
    vectors: readonly Float32Array[],
    maximumTopK: number,
  ) {
    this.rows = rowsFor(vectors.length, dimensions);
    this.top = new TopK(maximumTopK);
    vectors.forEach((vector, row) => {
      if (vector.length !== dimensions)
        throw new RangeError(`vector of ${vector.length}, not ${dimensions} values`);
      this.rows.values.set(unit(vector), row * this.rows.stride);
    });
  }

  get size(): number {
    return this.ids.length;
  }

  /** The best items by cosine, in memory that the next search reuses; `allowed` as in `Bm25Index.search`. */
  search(query: Float32Array, topK: number, allowed?: Uint8Array): TopK {
    const { ids, top, rows } = this;
    rows.ask(unit(query));
    top.reset(topK);
    let floor = -Infinity;
    for (let first = 0; first < ids.length; first += SimdRows.blockRows) {
      const scores = rows.block(first);
      for (let at = 0; at < scores.length; at += 1) {
        const score = scores[at] as number;
        if (score < floor) continue;
        const id = ids[first + at] as number;
        if (allowed?.[id] === 0) continue;
        top.offer(id, score);
        floor = top.floor;
      }
    }
    return top;
  }

  /** Cosine similarity with one item; `undefined` if it has no vector. */
  similarity(query: Float32Array, id: number): number | undefined {
    const row = this.rowOf(id);
    const { values, stride } = this.rows;
    return row === undefined ? undefined : dot(unit(query), values, row * stride);
  }

  /** A binary search, because `ids` ascend with the rows. */
  private rowOf(id: number): number | undefined {
    let low = 0;
    let high = this.ids.length - 1;
    while (low <= high) {
      const middle = (low + high) >>> 1;
      const currentId = this.ids[middle] ?? 0;
      if (currentId === id) return middle;
      if (currentId < id) low = middle + 1;
      else high = middle - 1;
    }
    return undefined;
  }
}

function rowsFor(count: number, dimensions: number): Rows {
  const simd = count < MANY_ROWS ? undefined : SimdRows.of(count, dimensions);
  return simd ?? new PlainRows(count, dimensions);
}

class PlainRows implements Rows {
  readonly values: Float32Array;
  private readonly out = new Float32Array(SimdRows.blockRows);
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
    for (let at = 0; at < rows; at += 1) out[at] = dot(query, values, (first + at) * stride);
    return this.out.subarray(0, rows);
  }
}

/** Uses four independent sums, so that the processor need not wait for one addition before the next. */
function dot(query: Float32Array, values: Float32Array, start: number): number {
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

function unit(vector: Float32Array): Float32Array {
  let sum = 0;
  for (const value of vector) sum += value * value;
  const length = Math.sqrt(sum);
  if (length === 0 || Math.abs(length - 1) < 1e-6) return vector;
  return vector.map((value) => value / length);
}
