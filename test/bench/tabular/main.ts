import loadYdf, { type Ydf, type YdfModel } from 'ydf-training';
import { Predictor } from '../../../src/tabular/model/predict.js';
import { predictTable } from '../../../src/tabular/model/predict-table.js';
import { interleave } from '../kit/interleave.js';
import { median } from '../kit/statistics.js';
import { digits, printTable, type Row } from '../kit/table.js';
import { artifactMs } from './artifact.js';
import { lightGbm, type LightGbm } from './lightgbm.js';
import { fitTrees, type FittedTrees } from './our-trees.js';
import { benchTables, quality, type BenchTable } from './tables.js';

const ROUNDS = 3;

/**
 * Trees from a CSV and predictions for a CSV, against the WebAssembly build of YDF and against LightGBM, in
 * turn.
 */
export async function tabularBench(): Promise<void> {
  const quiet = (): void => undefined;
  const ydf = await loadYdf({ print: quiet, printErr: quiet });
  for (const table of benchTables()) await compare(ydf, table);
}

async function compare(ydf: Ydf, table: BenchTable): Promise<void> {
  let ours: FittedTrees | undefined;
  let theirs: YdfModel | undefined;
  const treesMs: number[] = [];
  const python = lightGbm(table);
  let native: ReturnType<LightGbm['fit']> | undefined;
  const fits = await interleave(ROUNDS, {
    ours: async () => {
      const started = performance.now();
      ours = await fitTrees(table);
      treesMs.push(ours.treesMs);
      return performance.now() - started;
    },
    theirs: () => {
      theirs?.unload();
      const started = performance.now();
      theirs = new ydf.GradientBoostedTreesLearner(table.target, table.task).train(table.train);
      return Promise.resolve(performance.now() - started);
    },
    lightGbm() {
      native = python?.fit();
      return Promise.resolve(native?.fitMs ?? Number.NaN);
    },
  });
  python?.close();
  if (ours === undefined || theirs === undefined) return;
  const results = await askBoth(ours, theirs, table);
  theirs.unload();
  const isShare = table.task === 'CLASSIFICATION';
  printTable(
    `tabular: ${table.name}, ${table.rows} rows to learn from, ${table.truth.length} to predict, ${ROUNDS} rounds`,
    [
      {
        what: 'fit, from CSV to trees',
        ours: fits.ours,
        rival: fits.theirs,
        rivalName: 'ydf-training',
        unit: 'ms',
        goal: { kind: 'at most', ratio: 0.17 },
      },
      ...besideLightGbm(table, native, {
        treesMs: treesMs.slice(1),
        quality: results.ours,
        fits: fits.lightGbm,
      }),
      {
        what: 'predict, from CSV',
        ours: results.times.ours,
        rival: results.times.theirs,
        rivalName: 'ydf-training',
        unit: 'ms',
      },
      {
        what: isShare ? 'accuracy' : 'root mean squared error',
        ours: [results.ours],
        rival: [results.theirs],
        rivalName: 'ydf-training',
        unit: isShare ? '(share that is right)' : '(of the target)',
      },
    ],
    [
      `exactly: ${results.ours.toPrecision(5)} against ${results.theirs.toPrecision(5)}`,
      `the trees alone, without reading: ${digits(median(treesMs))} ms`,
      `in process, of columns in memory: ${digits(perRow(ours))} us a row; goal at most 5`,
      `50,000 rows of raw columns by the artifact: ${digits(await artifactMs(ours, table))} ms; goal at most 50`,
    ],
  );
}

function besideLightGbm(
  { task }: BenchTable,
  native: ReturnType<LightGbm['fit']> | undefined,
  ours: { readonly treesMs: readonly number[]; readonly quality: number; readonly fits: readonly number[] },
): Row[] {
  if (native === undefined) {
    console.log('  (skipped: there is no Python with LightGBM to run beside it)');
    return [];
  }
  const isShare = task === 'CLASSIFICATION';
  return [
    {
      what: 'fit, from columns in memory, one thread',
      ours: ours.treesMs,
      rival: ours.fits,
      rivalName: 'LightGBM',
      unit: 'ms',
      goal: { kind: 'at most', ratio: 1.5 },
    },
    {
      what: isShare ? 'accuracy' : 'root mean squared error',
      ours: [ours.quality],
      rival: [native.quality],
      rivalName: 'LightGBM',
      unit: isShare ? '(share that is right)' : '(of the target)',
      goal: isShare ? { kind: 'at least', ratio: 0.999 } : { kind: 'at most', ratio: 1.01 },
    },
  ];
}

async function askBoth({ model }: FittedTrees, theirs: YdfModel, table: BenchTable) {
  const predictions: { ours: readonly (string | number)[]; theirs: readonly (string | number)[] } = {
    ours: [],
    theirs: [],
  };
  const times = await interleave(ROUNDS, {
    ours: async () => {
      const started = performance.now();
      predictions.ours = (
        await predictTable(model, [Buffer.from(table.test)], { choices: {} })
      ).results.predictions;
      return performance.now() - started;
    },
    theirs: () => {
      const started = performance.now();
      predictions.theirs = theirs.predict(table.test);
      return Promise.resolve(performance.now() - started);
    },
  });
  const [frequent = '', rarer = ''] = table.classes;
  const labels =
    table.task === 'REGRESSION'
      ? predictions.theirs
      : predictions.theirs.map((probability) => (Number(probability) > 0.5 ? rarer : frequent));
  return { times, ours: quality(table, predictions.ours), theirs: quality(table, labels) };
}

/** Prediction time per row in microseconds: the median of several rounds over all training rows. */
function perRow({ model, table: { matrix } }: FittedTrees): number {
  const predictor = new Predictor(model);
  const rounds = Array.from({ length: ROUNDS + 1 }, () => {
    const started = performance.now();
    predictor.predictMatrix(matrix);
    return ((performance.now() - started) * 1000) / matrix.rows;
  });
  return median(rounds.slice(1));
}
