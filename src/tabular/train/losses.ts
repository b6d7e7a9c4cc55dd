import type { LinearLoss } from '../linear/fit-linear.js';
import {
  binaryObjective,
  multiclassObjective,
  regressionObjective,
  sigmoid,
  softmax,
  type Objective,
} from '../trees/objective.js';

/** What is to be learned, for both kinds of models. */
export interface Goal {
  /** Class numbers, or values scaled to mean 0 and standard deviation 1. */
  readonly target: Float64Array;
  /** Absent for regression. */
  readonly classes: number | undefined;
}

export function objectiveOf({ target, classes }: Goal, rows: Int32Array): Objective {
  if (classes === undefined) return regressionObjective(target, rows);
  return classes === 2 ? binaryObjective(target, rows) : multiclassObjective(target, rows, classes);
}

export function linearLossOf({ classes }: Goal): LinearLoss {
  if (classes === undefined) return { type: 'squares' };
  return classes === 2 ? { type: 'binary' } : { type: 'classes', count: classes };
}

/**
 * Probabilities of each class from raw scores: one score per row for two classes, otherwise one per class.
 */
export function probabilitiesOf(scores: Float64Array, classes: number): Float64Array {
  if (classes === 2) {
    const both = new Float64Array(scores.length * 2);
    scores.forEach((score, row) => {
      const second = sigmoid(score);
      both[row * 2] = 1 - second;
      both[row * 2 + 1] = second;
    });
    return both;
  }
  const all = new Float64Array(scores.length);
  const one = new Float64Array(classes);
  for (let at = 0; at < scores.length; at += classes) {
    softmax(scores, at, one);
    all.set(one, at);
  }
  return all;
}
