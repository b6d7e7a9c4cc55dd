import { InferenceSession } from 'onnxruntime-node';
import type { TabularModel } from '../../../src/tabular/model/model.js';
import { exportModel } from '../../../src/tabular/onnx/export-model.js';
import { cutForest } from '../../../src/tabular/train/cross-validate.js';
import { feedsOf } from '../../tabular/model-inputs.js';
import { interleave } from '../kit/interleave.js';
import { median } from '../kit/statistics.js';
import { forestOf, type FittedTrees } from './our-trees.js';
import { rowsOf, type BenchTable } from './tables.js';

const ROWS = 50_000;
const ROUNDS = 5;

export interface ArtifactTimes {
  /** Time the runtime takes for 50,000 rows of raw columns, in ms. */
  readonly all: number;
  /** The same with a single tree: what it takes to pass the rows in, encode them and pass the result out. */
  readonly oneTree: number;
}

export async function artifactTimes({ model }: FittedTrees, table: BenchTable): Promise<ArtifactTimes> {
  const given = rowsOf(table);
  const rows = Array.from({ length: ROWS }, (_, row) => given[row % given.length] ?? {});
  const feeds = feedsOf(model, rows);
  const timed = async (timedModel: TabularModel): Promise<() => Promise<number>> => {
    const session = await InferenceSession.create(exportModel(timedModel, 'bench'));
    return async () => {
      const started = performance.now();
      await session.run(feeds);
      return performance.now() - started;
    };
  };
  const times = await interleave(ROUNDS, {
    all: await timed(model),
    oneTree: await timed(withOneTree(model)),
  });
  return { all: median(times.all), oneTree: median(times.oneTree) };
}

function withOneTree(model: TabularModel): TabularModel {
  return { ...model, predictor: { type: 'trees', forest: cutForest(forestOf(model), 1) } };
}
