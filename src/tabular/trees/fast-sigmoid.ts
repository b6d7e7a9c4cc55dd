/** Steps of the table per unit. */
const STEPS = 16;
/** From here on the sigmoid differs from 0 or 1 by less than 1e-17. */
const FARTHEST = 40;
const VALUES = Float64Array.from(
  { length: 2 * FARTHEST * STEPS + 1 },
  (_, step) => 1 / (1 + Math.exp(FARTHEST - step / STEPS)),
);

/**
 * The sigmoid to ten digits in a third of the time: training calls it for every row in every round. It
 * expands the nearest value of a table, from which all derivatives follow: s' = s(1 - s), and so on. What a
 * finished model says is computed with `Math.exp`.
 */
export function fastSigmoid(score: number): number {
  const bounded = Math.max(-FARTHEST, Math.min(FARTHEST, score));
  const step = ((bounded + FARTHEST) * STEPS + 0.5) | 0;
  const rest = bounded + FARTHEST - step / STEPS;
  const value = VALUES[step] as number;
  const first = value * (1 - value);
  const second = first * (1 - 2 * value);
  const third = first * (1 - 6 * first);
  const fourth = second * (1 - 12 * first);
  return value + rest * (first + rest * (second / 2 + rest * (third / 6 + rest * (fourth / 24))));
}
