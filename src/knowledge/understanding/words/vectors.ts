import { dotAt } from '../../search/vector-rows.js';

/** Dot product; for two unit vectors the cosine. */
export function dot(a: Float32Array, b: Float32Array): number {
  return dotAt(a, b, 0);
}

/** The vector scaled to unit length; a zero vector is returned unchanged. */
export function unit(vector: Float32Array): Float32Array {
  const length = Math.sqrt(dot(vector, vector));
  if (length === 0) return vector;
  const scaled = new Float32Array(vector.length);
  for (let i = 0; i < scaled.length; i += 1) scaled[i] = (vector[i] as number) / length;
  return scaled;
}

export function addTo(sum: Float32Array, vector: Float32Array): void {
  for (let i = 0; i < sum.length; i += 1) sum[i] = (sum[i] as number) + (vector[i] as number);
}
