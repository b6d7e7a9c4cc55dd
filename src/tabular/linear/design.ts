import { sharedFloat32, sharedInt32 } from '../shared-memory.js';

/** Sparse rows: row r has the values from `offsets[r]` up to `offsets[r + 1]`. */
export interface Design {
  readonly rows: number;
  readonly width: number;
  readonly offsets: Int32Array;
  readonly indices: Int32Array;
  readonly values: Float32Array;
}

const USUAL_CAPACITY = 1024;

/** Builds a design row by row, in memory shared by all threads. */
export class DesignBuilder {
  private readonly offsets: number[] = [0];
  private indices: Int32Array;
  private values: Float32Array;
  private size = 0;

  /** Allocates memory for `capacity` values; it grows if there are more. */
  constructor(
    private readonly width: number,
    capacity = USUAL_CAPACITY,
  ) {
    this.indices = sharedInt32(capacity);
    this.values = sharedFloat32(capacity);
  }

  add(index: number, value: number): void {
    if (this.size === this.indices.length) this.grow();
    this.indices[this.size] = index;
    this.values[this.size] = value;
    this.size += 1;
  }

  endRow(): void {
    this.offsets.push(this.size);
  }

  finish(): Design {
    const offsets = sharedInt32(this.offsets.length);
    offsets.set(this.offsets);
    return {
      rows: this.offsets.length - 1,
      width: this.width,
      offsets,
      indices: this.indices.subarray(0, this.size),
      values: this.values.subarray(0, this.size),
    };
  }

  private grow(): void {
    const indices = sharedInt32(this.size * 2);
    indices.set(this.indices);
    this.indices = indices;
    const values = sharedFloat32(this.size * 2);
    values.set(this.values);
    this.values = values;
  }
}

/** Weights of a linear model: `weights[index * outputs + output]`. */
export interface LinearWeights {
  readonly outputs: number;
  readonly weights: Float32Array;
  readonly bias: Float32Array;
}

/** Scores of the given rows (all by default), `outputs` per row. */
export function linearScores(model: LinearWeights, design: Design, rows?: Int32Array): Float64Array {
  const { outputs, weights, bias } = model;
  const count = rows?.length ?? design.rows;
  const scores = new Float64Array(count * outputs);
  for (let index = 0; index < count; index += 1) {
    const row = rows === undefined ? index : (rows[index] as number);
    const base = index * outputs;
    for (let output = 0; output < outputs; output += 1) scores[base + output] = bias[output] as number;
    for (let at = design.offsets[row] as number; at < (design.offsets[row + 1] as number); at += 1) {
      const value = design.values[at] as number;
      const from = (design.indices[at] as number) * outputs;
      for (let output = 0; output < outputs; output += 1) {
        scores[base + output] =
          (scores[base + output] as number) + value * (weights[from + output] as number);
      }
    }
  }
  return scores;
}
