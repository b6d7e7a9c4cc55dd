import { softmax } from '../trees/objective.js';
import type { Design, LinearWeights } from './design.js';
import { minimise } from './minimise.js';

export type LinearLoss =
  | { readonly type: 'squares' }
  | { readonly type: 'binary' }
  | { readonly type: 'classes'; readonly count: number };

export interface LinearOptions {
  /** L2 penalty on the weights, relative to the loss of one row. */
  readonly penalty: number;
  readonly iterations: number;
}

export const LINEAR_OPTIONS = { penalty: 1, iterations: 150 } as const satisfies LinearOptions;

/** Fits a ridge or logistic regression to some rows of a design. */
export function fitLinear(
  design: Design,
  target: Float64Array,
  rows: Int32Array,
  loss: LinearLoss,
  options: LinearOptions = LINEAR_OPTIONS,
): LinearWeights {
  const outputs = loss.type === 'classes' ? loss.count : 1;
  const weightCount = design.width * outputs;
  const point = minimise(
    new Float64Array(weightCount + outputs),
    (at, gradient) => slopeOf({ design, target, rows, loss, options, outputs }, at, gradient),
    options.iterations,
  );
  return {
    outputs,
    weights: Float32Array.from(point.subarray(0, weightCount)),
    bias: Float32Array.from(point.subarray(weightCount)),
  };
}

interface Problem {
  readonly design: Design;
  readonly target: Float64Array;
  readonly rows: Int32Array;
  readonly loss: LinearLoss;
  readonly options: LinearOptions;
  readonly outputs: number;
}

/** The mean loss with the penalty; writes its gradient into `gradient`. */
function slopeOf(problem: Problem, point: Float64Array, gradient: Float64Array): number {
  const { design, rows, options, outputs } = problem;
  gradient.fill(0);
  const total = outputs === 1 ? addOneOutput(problem, point, gradient) : addOutputs(problem, point, gradient);
  for (let index = 0; index < gradient.length; index += 1) {
    gradient[index] = (gradient[index] as number) / rows.length;
  }
  return (
    total / rows.length + penalise(point, gradient, design.width * outputs, options.penalty / rows.length)
  );
}

/** Adds the slopes of all rows to `gradient`, and returns the sum of their losses. */
function addOutputs(problem: Problem, point: Float64Array, gradient: Float64Array): number {
  const { design, target, rows, loss, outputs } = problem;
  const { offsets, indices, values, width } = design;
  const biasAt = width * outputs;
  const scores = new Float64Array(outputs);
  const pulls = new Float64Array(outputs);
  let total = 0;
  for (const row of rows) {
    for (let output = 0; output < outputs; output += 1) scores[output] = point[biasAt + output] as number;
    const end = offsets[row + 1] as number;
    for (let at = offsets[row] as number; at < end; at += 1) {
      const value = values[at] as number;
      const from = (indices[at] as number) * outputs;
      for (let output = 0; output < outputs; output += 1) {
        scores[output] = (scores[output] as number) + value * (point[from + output] as number);
      }
    }
    total += lossOf(loss, scores, target[row] as number, pulls);
    for (let at = offsets[row] as number; at < end; at += 1) {
      const value = values[at] as number;
      const from = (indices[at] as number) * outputs;
      for (let output = 0; output < outputs; output += 1) {
        gradient[from + output] = (gradient[from + output] as number) + value * (pulls[output] as number);
      }
    }
    for (let output = 0; output < outputs; output += 1) {
      gradient[biasAt + output] = (gradient[biasAt + output] as number) + (pulls[output] as number);
    }
  }
  return total;
}

/** The same for one output, which needs no loops over outputs: most models have only one. */
function addOneOutput(problem: Problem, point: Float64Array, gradient: Float64Array): number {
  const { design, target, rows, loss } = problem;
  const { offsets, indices, values, width } = design;
  const scores = new Float64Array(1);
  const pulls = new Float64Array(1);
  let total = 0;
  for (let index = 0; index < rows.length; index += 1) {
    const row = rows[index] as number;
    const start = offsets[row] as number;
    const end = offsets[row + 1] as number;
    let score = point[width] as number;
    for (let at = start; at < end; at += 1) {
      score += (values[at] as number) * (point[indices[at] as number] as number);
    }
    scores[0] = score;
    total += lossOf(loss, scores, target[row] as number, pulls);
    const pull = pulls[0] as number;
    for (let at = start; at < end; at += 1) {
      const weight = indices[at] as number;
      gradient[weight] = (gradient[weight] as number) + (values[at] as number) * pull;
    }
    gradient[width] = (gradient[width] as number) + pull;
  }
  return total;
}

function penalise(point: Float64Array, gradient: Float64Array, biasAt: number, penalty: number): number {
  let sum = 0;
  for (let index = 0; index < biasAt; index += 1) {
    const weight = point[index] as number;
    sum += weight * weight;
    gradient[index] = (gradient[index] as number) + penalty * weight;
  }
  return (penalty * sum) / 2;
}

/** The loss of one row; writes its derivative with respect to each score into `pulls`. */
function lossOf(loss: LinearLoss, scores: Float64Array, target: number, pulls: Float64Array): number {
  const first = scores[0] as number;
  switch (loss.type) {
    case 'squares':
      pulls[0] = first - target;
      return (first - target) ** 2 / 2;
    case 'binary': {
      // One power, which cannot overflow, for both the probability and log(1 + e^margin).
      const power = Math.exp(-Math.abs(first));
      pulls[0] = (first >= 0 ? 1 : power) / (1 + power) - target;
      const margin = target === 1 ? -first : first;
      return Math.max(margin, 0) + Math.log1p(power);
    }
    case 'classes': {
      softmax(scores, 0, pulls);
      const right = pulls[target] as number;
      pulls[target] = right - 1;
      return -Math.log(Math.max(right, 1e-300));
    }
    default:
      return loss satisfies never;
  }
}
