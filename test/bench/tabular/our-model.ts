import { Predictor } from '../../../src/tabular/model/predict.js';
import { runWork } from '../../../src/tabular/work/run-work.js';
import { median } from '../kit/statistics.js';
import type { FittedTrees } from './our-trees.js';
import { PeakMemory } from './peak-memory.js';
import { rowsOf, type BenchTable } from './tables.js';

/** Prediction time per row in microseconds: of columns in memory together, and of raw rows one at a time. */
export function rowTimes({ model, table: { matrix } }: FittedTrees, table: BenchTable, rounds: number) {
  const predictor = new Predictor(model);
  const rows = rowsOf(table);
  return {
    inMemory: microsecondsPer(matrix.rows, rounds, () => predictor.predictMatrix(matrix)),
    oneByOne: microsecondsPer(rows.length, rounds, () => {
      for (const row of rows) predictor.predictRows([row]);
    }),
  };
}

/** The median of some rounds; the first round only warms up. */
function microsecondsPer(rows: number, rounds: number, predict: () => void): number {
  const times = Array.from({ length: rounds + 1 }, () => {
    const started = performance.now();
    predict();
    return ((performance.now() - started) * 1000) / rows;
  });
  return median(times.slice(1));
}

/** A training as the service does it: cross-validated, in a child process with its threads. */
export async function trainInChild({ train, target }: BenchTable) {
  const files = [Buffer.from(train)];
  const profile = await runWork({ type: 'profile', choices: {} }, files);
  const memory = new PeakMemory();
  const started = performance.now();
  await runWork({ type: 'train', profile, wish: { target }, name: 'bench' }, files);
  return { ms: performance.now() - started, peak: memory.stop() };
}
