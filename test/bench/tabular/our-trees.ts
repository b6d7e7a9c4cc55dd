import { chooseColumns } from '../../../src/tabular/features/choose-columns.js';
import { readTrainingTable, type TrainingTable } from '../../../src/tabular/features/read-training-table.js';
import type { TabularModel } from '../../../src/tabular/model/model.js';
import { profileTable } from '../../../src/tabular/read/profile-table.js';
import { cutForest } from '../../../src/tabular/train/cross-validate.js';
import { objectiveOf } from '../../../src/tabular/train/losses.js';
import { binColumns } from '../../../src/tabular/trees/bin-columns.js';
import type { Forest } from '../../../src/tabular/trees/forest.js';
import { boost } from '../../../src/tabular/trees/boost.js';
import { treeOptionsFor } from '../../../src/tabular/trees/tree-options.js';
import type { BenchTable } from './tables.js';

export interface FittedTrees {
  readonly model: TabularModel;
  readonly table: TrainingTable;
  /** Time for the trees alone, without reading the file, in ms. */
  readonly treesMs: number;
}

/** One forest from a CSV: every tenth row decides when to stop, as the rival does. */
export async function fitTrees({ train, target }: BenchTable): Promise<FittedTrees> {
  const pieces = [Buffer.from(train)];
  const profile = await profileTable(pieces);
  const features = profile.columns.map(({ name }) => name).filter((name) => name !== target);
  const selection = chooseColumns(profile.columns, profile.rows, { target, features });
  const table = await readTrainingTable(pieces, profile, selection);
  const { classes, plans } = table;
  const scale = classes === undefined ? scaleOf(table.target) : undefined;
  const { mean = 0, deviation = 1 } = scale ?? {};
  const goal = { target: table.target.map((value) => (value - mean) / deviation), classes: classes?.length };
  const all = Int32Array.from(table.target, (_, row) => row);
  const rows = all.filter((row) => row % 10 !== 9);
  const started = performance.now();
  const { forest, losses } = boost({
    table: binColumns(table.matrix),
    objective: objectiveOf(goal, rows),
    rows,
    heldOut: all.filter((row) => row % 10 === 9),
    options: treeOptionsFor(classes?.length),
  });
  const treesMs = performance.now() - started;
  const rounds = losses.indexOf(Math.min(...losses)) + 1;
  const model: TabularModel = {
    task: selection.task,
    target,
    plans,
    predictor: { type: 'trees', forest: cutForest(forest, rounds) },
    ...(classes === undefined ? {} : { classes }),
    ...(scale === undefined ? {} : { scale }),
  };
  return { model, table, treesMs };
}

export function forestOf({ predictor }: TabularModel): Forest {
  if (predictor.type !== 'trees') throw new Error('the model has no trees');
  return predictor.forest;
}

function scaleOf(values: Float64Array): { readonly mean: number; readonly deviation: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return { mean, deviation: Math.sqrt(variance) };
}
