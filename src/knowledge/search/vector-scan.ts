import { TopK } from './top-k.js';
import { BLOCK_ROWS, dotAt, rowsFor, type VectorRows } from './vector-rows.js';

/**
 * Exact cosine similarity over the rows of one contiguous block. Rows have unit length, so the cosine is a
 * dot product. Many rows are multiplied with SIMD instructions.
 */
export class VectorScan {
  private readonly rows: VectorRows;
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
    for (let first = 0; first < ids.length; first += BLOCK_ROWS) {
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

  /** A row's vector, scaled to unit length. */
  vector(row: number): Float32Array {
    const { values, stride } = this.rows;
    return values.subarray(row * stride, row * stride + this.dimensions);
  }

  /** Cosine similarity with one item; `undefined` if it has no vector. */
  similarity(query: Float32Array, id: number): number | undefined {
    const row = this.rowOf(id);
    const { values, stride } = this.rows;
    return row === undefined ? undefined : dotAt(unit(query), values, row * stride);
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

function unit(vector: Float32Array): Float32Array {
  let sum = 0;
  for (const value of vector) sum += value * value;
  const length = Math.sqrt(sum);
  if (length === 0 || Math.abs(length - 1) < 1e-6) return vector;
  return vector.map((value) => value / length);
}
