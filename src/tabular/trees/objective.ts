/** What the trees are fitted to: the initial scores, and the direction in which each row pulls them. */
export interface Objective {
  readonly outputs: number;
  readonly base: readonly number[];
  /** Writes gradient and Hessian of the listed rows for one output; `scores` has `outputs` per row. */
  derive(
    output: number,
    scores: Float64Array,
    rows: Int32Array,
    gradients: Float64Array,
    hessians: Float64Array,
  ): void;
  /** Mean loss of the listed rows, for early stopping. */
  loss(scores: Float64Array, rows: Int32Array): number;
}

/** Keeps logarithms finite. */
const SMALLEST_PROBABILITY = 1e-15;

/** Squared error. */
export function regressionObjective(target: Float64Array, rows: Int32Array): Objective {
  let sum = 0;
  for (const row of rows) sum += target[row] as number;
  return {
    outputs: 1,
    base: [rows.length === 0 ? 0 : sum / rows.length],
    derive(_output, scores, at, gradients, hessians) {
      for (let index = 0; index < at.length; index += 1) {
        const row = at[index] as number;
        gradients[row] = (scores[row] as number) - (target[row] as number);
        hessians[row] = 1;
      }
    },
    loss(scores, at) {
      let total = 0;
      for (const row of at) total += ((scores[row] as number) - (target[row] as number)) ** 2;
      return total / at.length;
    },
  };
}

/** Log loss of two classes, 0 and 1. */
export function binaryObjective(target: Float64Array, rows: Int32Array): Objective {
  let ones = 0;
  for (const row of rows) ones += target[row] as number;
  const share = Math.min(1 - 1e-6, Math.max(1e-6, ones / Math.max(1, rows.length)));
  return {
    outputs: 1,
    base: [Math.log(share / (1 - share))],
    derive(_output, scores, at, gradients, hessians) {
      for (let index = 0; index < at.length; index += 1) {
        const row = at[index] as number;
        const probability = sigmoid(scores[row] as number);
        gradients[row] = probability - (target[row] as number);
        hessians[row] = Math.max(probability * (1 - probability), 1e-16);
      }
    },
    loss(scores, at) {
      let total = 0;
      for (const row of at) {
        const probability = sigmoid(scores[row] as number);
        const right = target[row] === 1 ? probability : 1 - probability;
        total -= Math.log(Math.max(right, SMALLEST_PROBABILITY));
      }
      return total / at.length;
    },
  };
}

/** Log loss of many classes, one output each. */
export function multiclassObjective(target: Float64Array, rows: Int32Array, classes: number): Objective {
  const counts = new Float64Array(classes);
  for (const row of rows) counts[target[row] as number] = (counts[target[row] as number] ?? 0) + 1;
  // As in LightGBM: one class's score moves against all others.
  const factor = classes / (classes - 1);
  const probability = new Float64Array(classes);
  return {
    outputs: classes,
    base: Array.from(counts, (count) => Math.log(Math.max(count, 1e-3) / Math.max(1, rows.length))),
    derive(output, scores, at, gradients, hessians) {
      for (let index = 0; index < at.length; index += 1) {
        const row = at[index] as number;
        softmax(scores, row * classes, probability);
        const p = probability[output] as number;
        gradients[row] = p - (target[row] === output ? 1 : 0);
        hessians[row] = Math.max(factor * p * (1 - p), 1e-16);
      }
    },
    loss(scores, at) {
      let total = 0;
      for (const row of at) {
        softmax(scores, row * classes, probability);
        const right = probability[target[row] as number] as number;
        total -= Math.log(Math.max(right, SMALLEST_PROBABILITY));
      }
      return total / at.length;
    },
  };
}

export function sigmoid(score: number): number {
  return 1 / (1 + Math.exp(-score));
}

/** Probabilities for the scores from `offset` on, as many as `into` holds. */
export function softmax(scores: Float64Array, offset: number, into: Float64Array): void {
  let largest = Number.NEGATIVE_INFINITY;
  for (let index = 0; index < into.length; index += 1) {
    largest = Math.max(largest, scores[offset + index] as number);
  }
  let sum = 0;
  for (let index = 0; index < into.length; index += 1) {
    const power = Math.exp((scores[offset + index] as number) - largest);
    into[index] = power;
    sum += power;
  }
  for (let index = 0; index < into.length; index += 1) into[index] = (into[index] as number) / sum;
}
