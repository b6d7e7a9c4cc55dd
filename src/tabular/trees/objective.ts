import { fastSigmoid } from './fast-sigmoid.js';

/** What the trees are fitted to: the initial scores, and the direction in which each row pulls them. */
export interface Objective {
  readonly outputs: number;
  readonly base: readonly number[];
  /**
   * Called before the trees of a round, all of which start from these scores; `scores` has `outputs` per row.
   */
  beginRound(scores: Float64Array, rows: Int32Array): void;
  /** Writes gradient and Hessian of the listed rows for one output, alternating, at twice the row's number. */
  derive(output: number, rows: Int32Array, into: Float64Array): void;
  /** Mean loss of the listed rows, for early stopping. */
  loss(scores: Float64Array, rows: Int32Array): number;
}

/** Keeps logarithms finite. */
const SMALLEST_PROBABILITY = 1e-15;
/** Another probability may still be multiplied without underflow. */
const SMALLEST_PRODUCT = 1e-280;
/** Keeps the values of leaves finite. */
const SMALLEST_HESSIAN = 1e-16;

/** Squared error. */
export function regressionObjective(target: Float64Array, rows: Int32Array): Objective {
  let sum = 0;
  for (const row of rows) sum += target[row] as number;
  let scores: Float64Array = new Float64Array(0);
  return {
    outputs: 1,
    base: [rows.length === 0 ? 0 : sum / rows.length],
    beginRound(before) {
      scores = before;
    },
    derive(_output, at, into) {
      for (let index = 0; index < at.length; index += 1) {
        const row = at[index] as number;
        into[row * 2] = (scores[row] as number) - (target[row] as number);
        into[row * 2 + 1] = 1;
      }
    },
    loss(after, at) {
      let total = 0;
      for (const row of at) total += ((after[row] as number) - (target[row] as number)) ** 2;
      return total / at.length;
    },
  };
}

/** Log loss of two classes, 0 and 1. */
export function binaryObjective(target: Float64Array, rows: Int32Array): Objective {
  let ones = 0;
  for (const row of rows) ones += target[row] as number;
  const share = Math.min(1 - 1e-6, Math.max(1e-6, ones / Math.max(1, rows.length)));
  let scores: Float64Array = new Float64Array(0);
  return {
    outputs: 1,
    base: [Math.log(share / (1 - share))],
    beginRound(before) {
      scores = before;
    },
    derive(_output, at, into) {
      for (let index = 0; index < at.length; index += 1) {
        const row = at[index] as number;
        const probability = fastSigmoid(scores[row] as number);
        into[row * 2] = probability - (target[row] as number);
        into[row * 2 + 1] = Math.max(probability * (1 - probability), SMALLEST_HESSIAN);
      }
    },
    loss: (after, at) =>
      logLoss(at, (row) => {
        const probability = fastSigmoid(after[row] as number);
        return target[row] === 1 ? probability : 1 - probability;
      }),
  };
}

/** Log loss of many classes, one output each. */
export function multiclassObjective(target: Float64Array, rows: Int32Array, classes: number): Objective {
  const counts = new Float64Array(classes);
  for (const row of rows) counts[target[row] as number] = (counts[target[row] as number] ?? 0) + 1;
  // As in LightGBM: one class's score moves against all others.
  const factor = classes / (classes - 1);
  const probability = new Float64Array(classes);
  // Of all rows, computed once a round: it would take as many times as there are classes to do it by output.
  let probabilities: Float64Array = new Float64Array(0);
  return {
    outputs: classes,
    base: Array.from(counts, (count) => Math.log(Math.max(count, 1e-3) / Math.max(1, rows.length))),
    beginRound(scores, at) {
      if (probabilities.length !== scores.length) probabilities = new Float64Array(scores.length);
      for (const row of at) {
        softmax(scores, row * classes, probability);
        probabilities.set(probability, row * classes);
      }
    },
    derive(output, at, into) {
      for (let index = 0; index < at.length; index += 1) {
        const row = at[index] as number;
        const p = probabilities[row * classes + output] as number;
        into[row * 2] = p - (target[row] === output ? 1 : 0);
        into[row * 2 + 1] = Math.max(factor * p * (1 - p), SMALLEST_HESSIAN);
      }
    },
    loss: (after, at) =>
      logLoss(at, (row) => {
        softmax(after, row * classes, probability);
        return probability[target[row] as number] as number;
      }),
  };
}

/** Mean of -log of the probability of what is right. Multiplies first: a logarithm takes far longer. */
function logLoss(rows: Int32Array, probabilityOf: (row: number) => number): number {
  let total = 0;
  let product = 1;
  for (let index = 0; index < rows.length; index += 1) {
    product *= Math.max(probabilityOf(rows[index] as number), SMALLEST_PROBABILITY);
    if (product > SMALLEST_PRODUCT) continue;
    total -= Math.log(product);
    product = 1;
  }
  return (total - Math.log(product)) / rows.length;
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
