import { TopK } from './top-k.js';

/**
 * Exact cosine similarity over rows of one contiguous block: row r is `values[r * dimensions ...]`,
 * of unit length, so that the cosine is a dot product.
 */
export class VectorScan {
  private readonly values: Float32Array;
  private readonly top: TopK;

  /** `ids` names each row's item; vectors that are not of `dimensions` are refused. */
  constructor(
    readonly dimensions: number,
    private readonly ids: Uint32Array,
    vectors: readonly Float32Array[],
    maximumTopK: number,
  ) {
    this.values = new Float32Array(vectors.length * dimensions);
    this.top = new TopK(maximumTopK);
    vectors.forEach((vector, row) => {
      if (vector.length !== dimensions)
        throw new RangeError(`vector of ${vector.length}, not ${dimensions} values`);
      this.values.set(unit(vector), row * dimensions);
    });
  }

  get size(): number {
    return this.ids.length;
  }

  /** Best items by cosine, in memory that the next search reuses; `allowed` as in `Bm25Index.search`. */
  search(query: Float32Array, topK: number, allowed?: Uint8Array): TopK {
    const { ids, top } = this;
    const direction = unit(query);
    top.reset(topK);
    let floor = -Infinity;
    for (let row = 0; row < ids.length; row += 1) {
      const id = ids[row] as number;
      if (allowed?.[id] === 0) continue;
      const score = this.dot(direction, row);
      if (score < floor) continue;
      top.offer(id, score);
      floor = top.floor;
    }
    return top;
  }

  /** Cosine with one item; `undefined` when it has no vector. */
  similarity(query: Float32Array, id: number): number | undefined {
    const row = this.rowOf(id);
    return row === undefined ? undefined : this.dot(unit(query), row);
  }

  /** Four sums side by side: the processor need not wait for one addition before the next. */
  private dot(query: Float32Array, row: number): number {
    const { values, dimensions } = this;
    const start = row * dimensions;
    const whole = dimensions - (dimensions % 4);
    let a = 0;
    let b = 0;
    let c = 0;
    let d = 0;
    let i = 0;
    for (; i < whole; i += 4) {
      a += (query[i] as number) * (values[start + i] as number);
      b += (query[i + 1] as number) * (values[start + i + 1] as number);
      c += (query[i + 2] as number) * (values[start + i + 2] as number);
      d += (query[i + 3] as number) * (values[start + i + 3] as number);
    }
    for (; i < dimensions; i += 1) a += (query[i] as number) * (values[start + i] as number);
    return a + b + c + d;
  }

  /** `ids` grow with the rows. */
  private rowOf(id: number): number | undefined {
    let low = 0;
    let high = this.ids.length - 1;
    while (low <= high) {
      const middle = (low + high) >>> 1;
      const found = this.ids[middle] ?? 0;
      if (found === id) return middle;
      if (found < id) low = middle + 1;
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
