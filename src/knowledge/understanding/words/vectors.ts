/** Dot product; for two unit vectors the cosine. */
export function dot(a: Float32Array, b: Float32Array): number {
  // Four independent sums, so that no addition waits for the previous one.
  let [first, second, third, fourth] = [0, 0, 0, 0];
  const inFours = a.length - (a.length % 4);
  for (let i = 0; i < inFours; i += 4) {
    first += (a[i] ?? 0) * (b[i] ?? 0);
    second += (a[i + 1] ?? 0) * (b[i + 1] ?? 0);
    third += (a[i + 2] ?? 0) * (b[i + 2] ?? 0);
    fourth += (a[i + 3] ?? 0) * (b[i + 3] ?? 0);
  }
  for (let i = inFours; i < a.length; i += 1) first += (a[i] ?? 0) * (b[i] ?? 0);
  return first + second + third + fourth;
}

/** The vector scaled to unit length; a zero vector is returned unchanged. */
export function unit(vector: Float32Array): Float32Array {
  const length = Math.sqrt(dot(vector, vector));
  return length === 0 ? vector : vector.map((value) => value / length);
}
