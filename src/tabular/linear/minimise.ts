/** Number of recent steps from which the curvature is estimated. */
const MEMORY = 10;
const ARMIJO = 1e-4;
const MOST_HALVINGS = 25;

/** Returns the value at `point` and writes the slope into `gradient`. */
export type Slope = (point: Float64Array, gradient: Float64Array) => number;

/** L-BFGS (J. Nocedal, 1980) with a halving line search: finds the minimum of a smooth function. */
export function minimise(
  start: Float64Array,
  slope: Slope,
  iterations: number,
  tolerance = 1e-5,
): Float64Array {
  const size = start.length;
  let point: Float64Array = start.slice();
  let gradient: Float64Array = new Float64Array(size);
  let value = slope(point, gradient);
  const steps: { readonly step: Float64Array; readonly change: Float64Array; readonly scale: number }[] = [];
  for (let iteration = 0; iteration < iterations; iteration += 1) {
    const direction = directionOf(gradient, steps);
    const descent = dot(direction, gradient);
    if (descent >= 0) break;
    let length = steps.length === 0 ? Math.min(1, 1 / Math.sqrt(dot(gradient, gradient))) : 1;
    let next = point;
    let nextValue = value;
    const nextGradient = new Float64Array(size);
    for (let halving = 0; halving < MOST_HALVINGS; halving += 1) {
      next = along(point, direction, length);
      nextValue = slope(next, nextGradient);
      if (nextValue <= value + ARMIJO * length * descent) break;
      length /= 2;
    }
    if (!(nextValue < value)) break;
    const step = difference(next, point);
    const change = difference(nextGradient, gradient);
    const curvature = dot(step, change);
    if (curvature > 1e-12) {
      steps.push({ step, change, scale: 1 / curvature });
      if (steps.length > MEMORY) steps.shift();
    }
    const gained = value - nextValue;
    point = next;
    gradient = nextGradient;
    value = nextValue;
    if (gained < tolerance * Math.max(1e-3, Math.abs(value)) * 0.1) break;
  }
  return point;
}

type Step = { readonly step: Float64Array; readonly change: Float64Array; readonly scale: number };

/** The two loops of L-BFGS: the negative gradient, corrected for the curvature seen so far. */
function directionOf(gradient: Float64Array, steps: readonly Step[]): Float64Array {
  const direction = gradient.slice();
  const factors: number[] = [];
  for (const { step, change, scale } of steps.toReversed()) {
    const factor = scale * dot(step, direction);
    factors.unshift(factor);
    addTo(direction, change, -factor);
  }
  const last = steps.at(-1);
  if (last !== undefined) scaleBy(direction, 1 / (last.scale * dot(last.change, last.change)));
  steps.forEach(({ step, change, scale }, index) => {
    addTo(direction, step, (factors[index] ?? 0) - scale * dot(change, direction));
  });
  scaleBy(direction, -1);
  return direction;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let index = 0; index < a.length; index += 1) sum += (a[index] as number) * (b[index] as number);
  return sum;
}

function addTo(into: Float64Array, other: Float64Array, factor: number): void {
  for (let index = 0; index < into.length; index += 1) {
    into[index] = (into[index] as number) + factor * (other[index] as number);
  }
}

function scaleBy(into: Float64Array, factor: number): void {
  for (let index = 0; index < into.length; index += 1) into[index] = (into[index] as number) * factor;
}

function along(point: Float64Array, direction: Float64Array, length: number): Float64Array {
  const next = point.slice();
  addTo(next, direction, length);
  return next;
}

function difference(a: Float64Array, b: Float64Array): Float64Array {
  return a.map((value, index) => value - (b[index] as number));
}
