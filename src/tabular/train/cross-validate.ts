import type { Fold } from '../evaluate/folds.js';
import { linearScores, type Design } from '../linear/design.js';
import { fitLinear, type LinearOptions } from '../linear/fit-linear.js';
import type { Matrix } from '../matrix.js';
import type { BinnedTable } from '../trees/bin-columns.js';
import { boost, type BoostResult } from '../trees/boost.js';
import { scorerOf } from '../trees/score-forest.js';
import type { Forest } from '../trees/forest.js';
import type { TreeOptions } from '../trees/tree-options.js';
import { linearLossOf, objectiveOf, type Goal } from './losses.js';

/** Scores of rows by models that never saw them. */
export interface OutOfFold {
  readonly rows: Int32Array;
  /** `outputs` per row, in the order of `rows`. */
  readonly scores: Float64Array;
  /** Where the rows of each fold end. */
  readonly ends: readonly number[];
}

/** Shares of the work that are done, 0..1. */
export type OnShare = (share: number) => void;

export interface TreeTrial {
  readonly outOfFold: OutOfFold;
  /** Rounds for a forest of all rows. */
  readonly rounds: number;
  /** The forest of the last fold, whose test rows it never saw. */
  readonly lastForest: Forest;
}

/**
 * Trees on each fold. How many rounds a fold's forest is asked with is decided by the other folds,
 * so that no row has a say in the figure it is part of.
 */
export function tryTrees(
  input: {
    readonly table: BinnedTable;
    readonly matrix: Matrix;
    readonly goal: Goal;
    readonly folds: readonly Fold[];
    readonly options: TreeOptions;
  },
  onShare: OnShare,
): TreeTrial {
  const { table, matrix, goal, folds, options } = input;
  const results = folds.map(({ train, test }, index) => {
    const objective = objectiveOf(goal, train);
    const onRound = (round: number): void =>
      onShare((index + Math.min(0.98, round / (round + 150))) / folds.length);
    return boost({ table, objective, rows: train, heldOut: test, options, onRound });
  });
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

/** The number of rounds with the smallest mean loss; a fold that ended earlier keeps its last one. */
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

/** A linear model on each fold. */
export function tryLinear(
  input: {
    readonly design: Design;
    readonly goal: Goal;
    readonly folds: readonly Fold[];
    readonly options: LinearOptions;
  },
  onShare: OnShare,
): OutOfFold {
  const { design, goal, folds, options } = input;
  return joined(
    folds.map(({ train, test }, index) => {
      const weights = fitLinear(design, goal.target, train, linearLossOf(goal), options);
      onShare((index + 1) / folds.length);
      return { rows: test, scores: linearScores(weights, design, test) };
    }),
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
