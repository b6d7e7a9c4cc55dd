import type { Design, LinearWeights } from '../linear/design.js';
import { fitLinear, type LinearOptions } from '../linear/fit-linear.js';
import type { BinnedTable } from '../trees/bin-columns.js';
import { boost, type BoostResult } from '../trees/boost.js';
import type { TreeOptions } from '../trees/tree-options.js';
import { linearLossOf, objectiveOf, type Goal } from './losses.js';

/** What every fit of one training works on. Its arrays are in shared memory, so no thread copies them. */
export interface FitData {
  readonly goal: Goal;
  readonly trees?: { readonly table: BinnedTable; readonly options: TreeOptions };
  readonly linear?: { readonly design: Design; readonly options: LinearOptions };
}

/** One fit of some rows. It depends only on its data, so every thread gives the same result. */
export type FitTask =
  | { readonly type: 'trees'; readonly rows: Int32Array; readonly heldOut: Int32Array }
  | { readonly type: 'linear'; readonly rows: Int32Array };

export type Fit<Task extends FitTask> = Task extends { readonly type: 'trees' } ? BoostResult : LinearWeights;

/** After this many rounds, a typical forest is about half grown. */
const USUAL_ROUNDS = 150;

export function fit<Task extends FitTask>(
  data: FitData,
  task: Task,
  onShare: (share: number) => void,
): Fit<Task>;
export function fit(data: FitData, task: FitTask, onShare: (share: number) => void): Fit<FitTask> {
  switch (task.type) {
    case 'trees':
      return fitTrees(data, task, onShare);
    case 'linear':
      return fitRows(data, task);
    default:
      return task satisfies never;
  }
}

function fitTrees(
  { goal, trees }: FitData,
  { rows, heldOut }: Extract<FitTask, { type: 'trees' }>,
  onShare: (share: number) => void,
): BoostResult {
  if (trees === undefined) throw new Error('there is no table to grow trees on');
  const objective = objectiveOf(goal, rows);
  const onRound = (round: number): void => onShare(round / (round + USUAL_ROUNDS));
  return boost({ ...trees, objective, rows, heldOut, onRound });
}

function fitRows({ goal, linear }: FitData, { rows }: Extract<FitTask, { type: 'linear' }>): LinearWeights {
  if (linear === undefined) throw new Error('there is no design to fit');
  return fitLinear(linear.design, goal.target, rows, linearLossOf(goal), linear.options);
}
