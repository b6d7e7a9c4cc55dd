import { InferenceSession } from 'onnxruntime-node';
import { exportModel } from '../../../src/tabular/onnx/export-model.js';
import { feedsOf } from '../../tabular/model-inputs.js';
import { median } from '../kit/statistics.js';
import type { FittedTrees } from './our-trees.js';
import type { BenchTable } from './tables.js';

const ROWS = 50_000;
const ROUNDS = 5;

/** Time the runtime takes for 50,000 rows of raw columns, in ms. */
export async function artifactMs({ model }: FittedTrees, { test }: BenchTable): Promise<number> {
  const [header = '', ...lines] = test.split('\n');
  const names = header.split(',');
  const rows = Array.from({ length: ROWS }, (_, row) => {
    const cells = (lines[row % lines.length] ?? '').split(',');
    return Object.fromEntries(names.map((name, index) => [name, cells[index] ?? '']));
  });
  const session = await InferenceSession.create(exportModel(model, 'bench'));
  const feeds = feedsOf(model, rows);
  const times: number[] = [];
  for (let round = 0; round <= ROUNDS; round += 1) {
    const started = performance.now();
    await session.run(feeds);
    times.push(performance.now() - started);
  }
  return median(times.slice(1));
}
