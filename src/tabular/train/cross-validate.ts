import type { Fold } from '../evaluate/folds.js';
import { linearScores, type Design, type LinearWeights } from '../linear/design.js';
import type { Matrix } from '../matrix.js';
import type { BoostResult } from '../trees/boost.js';
import { scorerOf } from '../trees/score-forest.js';
import type { Forest } from '../trees/forest.js';
import type { FitTask } from './fit-task.js';

/** Scores of rows by models that never saw them. */
export interface OutOfFold {
  readonly rows: Int32Array;
  /** `outputs` per row, in the order of `rows`. */
  readonly scores: Float64Array;
  /** Where the rows of each fold end. */
  readonly ends: readonly number[];
}

export interface TreeTrial {
  readonly outOfFold: OutOfFold;
  /** Number of rounds for a forest of all rows. */
  readonly rounds: number;
  /** The forest of the last fold, which never saw the test rows of that fold. */
  readonly lastForest: Forest;
}

/** Tasks that fit trees on each fold. */
export function treeTasks(folds: readonly Fold[]): Extract<FitTask, { type: 'trees' }>[] {
  return folds.map(({ train, test }) => ({ type: 'trees', rows: train, heldOut: test }));
}

/** Tasks that fit a linear model on each fold. */
export function linearTasks(folds: readonly Fold[]): Extract<FitTask, { type: 'linear' }>[] {
  return folds.map(({ train }) => ({ type: 'linear', rows: train }));
}

/**
 * Scores the test rows of each fold with its trees. The number of rounds used for a fold is chosen on the
 * other folds, so that no row influences the figure it is part of.
 */
export function judgeTrees(
  results: readonly BoostResult[],
  matrix: Matrix,
  folds: readonly Fold[],
): TreeTrial {
  const parts = folds.map(({ test }, index) => {
    const others = results.length === 1 ? results : results.filter((_, other) => other !== index);
    const forest = cutForest((results[index] as BoostResult).forest, bestRounds(others));
    return { rows: test, scores: scorerOf(forest).scores(matrix, test), forest };
  });
  return {
    outOfFold: joined(parts),
    rounds: bestRounds(results),
    lastForest: (parts.at(-1) as (typeof parts)[number]).forest,
  };
}

export function cutForest(forest: Forest, rounds: number): Forest {
  return { ...forest, trees: forest.trees.slice(0, rounds * forest.outputs) };
}

/** The number of rounds with the smallest mean loss; a fold that ended earlier counts with its last loss. */
function bestRounds(results: readonly BoostResult[]): number {
  const longest = Math.max(...results.map(({ losses }) => losses.length));
  let best = { round: 1, loss: Number.POSITIVE_INFINITY };
  for (let round = 1; round <= longest; round += 1) {
    let loss = 0;
    for (const { losses } of results) loss += losses[Math.min(round, losses.length) - 1] ?? 0;
    if (loss < best.loss) best = { round, loss };
  }
  return best.round;
}

/** Scores the test rows of each fold with its linear model. */
export function judgeLinear(
  results: readonly LinearWeights[],
  design: Design,
  folds: readonly Fold[],
): OutOfFold {
  return joined(
    folds.map(({ test }, index) => ({
      rows: test,
      scores: linearScores(results[index] as LinearWeights, design, test),
    })),
  );
}

function joined(parts: readonly Pick<OutOfFold, 'rows' | 'scores'>[]): OutOfFold {
  const rows = new Int32Array(parts.reduce((sum, part) => sum + part.rows.length, 0));
  const scores = new Float64Array(parts.reduce((sum, part) => sum + part.scores.length, 0));
  const ends: number[] = [];
  let row = 0;
  let score = 0;
  for (const part of parts) {
    rows.set(part.rows, row);
    scores.set(part.scores, score);
    row += part.rows.length;
    score += part.scores.length;
    ends.push(row);
  }
  return { rows, scores, ends };
}
