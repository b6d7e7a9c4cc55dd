import loadYdf, { type Ydf, type YdfModel } from 'ydf-training';
import { predictTable } from '../../../src/tabular/model/predict-table.js';
import { interleave } from '../kit/interleave.js';
import { digits, printTable, type Row } from '../kit/table.js';
import { artifactTimes } from './artifact.js';
import { LIGHTGBM } from './lightgbm.js';
import { ML_XGBOOST } from './ml-xgboost.js';
import { fitTrees, forestOf, type FittedTrees } from './our-trees.js';
import { outsideRival, type RivalFit } from './outside-rival.js';
import { rowTimes, trainInChild } from './our-model.js';
import { MEGABYTE } from './peak-memory.js';
import { benchTables, quality, type BenchTable } from './tables.js';

const ROUNDS = 3;

/**
 * Trees from a CSV and predictions for a CSV, against the WebAssembly build of YDF, and against LightGBM and
 * ml-xgboost if they are installed, in turn.
 */
export async function tabularBench(): Promise<void> {
  const quiet = (): void => undefined;
  const ydf = await loadYdf({ print: quiet, printErr: quiet });
  for (const table of benchTables()) await compare(ydf, table);
}

async function compare(ydf: Ydf, table: BenchTable): Promise<void> {
  const { ours, theirs, times, outside } = await fitAll(ydf, table);
  const asked = await askBoth(ours, theirs, table);
  theirs.unload();
  const fitRow: Row = {
    what: 'fit, from CSV to trees',
    ours: times.ours,
    rival: times.theirs,
    rivalName: 'ydf-training',
    unit: 'ms',
    goal: { kind: 'at most', ratio: 0.17 },
  };
  const askRow: Row = {
    what: 'predict, from CSV',
    ours: asked.times.ours,
    rival: asked.times.theirs,
    rivalName: 'ydf-training',
    unit: 'ms',
  };
  printTable(
    `tabular: ${table.name}, ${table.rows} rows to learn from, ${table.truth.length} to predict, ${ROUNDS} rounds`,
    [
      fitRow,
      ...outside.flatMap((rival) => besideRival(table, rival, { treesMs: times.trees, quality: asked.ours })),
      askRow,
      qualityRow(table, asked.ours, asked.theirs, 'ydf-training'),
    ],
    await notesOn(ours, table, asked),
  );
}

/** Rounds of all contestants in turn, each with what it fitted last. */
async function fitAll(ydf: Ydf, table: BenchTable) {
  const outside = [
    { name: 'LightGBM', program: outsideRival(LIGHTGBM, table), fits: [] as RivalFit[] },
    { name: 'ml-xgboost', program: outsideRival(ML_XGBOOST, table), fits: [] as RivalFit[] },
  ];
  const fitOurs = (): Promise<FittedTrees> => fitTrees(table);
  const fitTheirs = (): YdfModel =>
    new ydf.GradientBoostedTreesLearner(table.target, table.task).train(table.train);
  // The first fit of each only warms up.
  let [ours, theirs] = [await fitOurs(), fitTheirs()];
  const times = { ours: [] as number[], theirs: [] as number[], trees: [] as number[] };
  for (let round = 0; round < ROUNDS; round += 1) {
    let started = performance.now();
    ours = await fitOurs();
    times.ours.push(performance.now() - started);
    times.trees.push(ours.treesMs);
    theirs.unload();
    started = performance.now();
    theirs = fitTheirs();
    times.theirs.push(performance.now() - started);
    for (const { program, fits } of outside) if (program !== undefined) fits.push(program.fit());
  }
  for (const { program } of outside) program?.close();
  return { ours, theirs, times, outside };
}

/** Row 13's goal is for Adult: on California housing we choose far more and larger trees, with a smaller error. */
function besideRival(
  table: BenchTable,
  { name, fits }: { readonly name: string; readonly fits: readonly RivalFit[] },
  ours: { readonly treesMs: readonly number[]; readonly quality: number },
): Row[] {
  const [first] = fits;
  if (first === undefined) {
    console.log(`  (skipped: ${name} is not installed, so it does not run beside ours)`);
    return [];
  }
  const hasGoal = name === 'LightGBM';
  const time: Row = {
    what: 'fit, from columns in memory, one thread',
    ours: ours.treesMs,
    rival: fits.map(({ fitMs }) => fitMs),
    rivalName: name,
    unit: 'ms',
  };
  const isShare = table.task === 'CLASSIFICATION';
  const quality = qualityRow(table, ours.quality, first.quality, name);
  return [
    hasGoal && isShare ? { ...time, goal: { kind: 'at most', ratio: 1.5 } } : time,
    hasGoal
      ? {
          ...quality,
          goal: isShare ? { kind: 'at least', ratio: 0.999 } : { kind: 'at most', ratio: 1.01 },
        }
      : quality,
  ];
}

function qualityRow({ task }: BenchTable, ours: number, rival: number, rivalName: string): Row {
  const isShare = task === 'CLASSIFICATION';
  return {
    what: isShare ? 'accuracy' : 'root mean squared error',
    ours: [ours],
    rival: [rival],
    rivalName,
    unit: isShare ? '(share that is right)' : '(of the target)',
  };
}

async function notesOn(
  ours: FittedTrees,
  table: BenchTable,
  asked: { readonly ours: number; readonly theirs: number },
): Promise<string[]> {
  const { trees } = forestOf(ours.model);
  const leaves = trees.reduce((sum, { value }) => sum + value.length, 0);
  const rows = rowTimes(ours, table, ROUNDS);
  const artifact = await artifactTimes(ours, table);
  const training = await trainInChild(table);
  return [
    `exactly: ${asked.ours.toPrecision(5)} against ${asked.theirs.toPrecision(5)}`,
    `the forest: ${trees.length} trees, ${leaves} leaves`,
    `in process, of columns in memory: ${digits(rows.inMemory)} us a row; goal at most 5`,
    `in process, of texts, one row after the other: ${digits(rows.oneByOne)} us a row`,
    `50,000 rows of raw columns by the artifact: ${digits(artifact.all)} ms; goal at most 50`,
    `of these, all but the trees (with one tree only): ${digits(artifact.oneTree)} ms`,
    `a whole training in its own process: ${digits(training.ms)} ms, at most ${digits(training.peak / MEGABYTE)} MB`,
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
      const { results } = await predictTable(model, [Buffer.from(table.test)], { choices: {} });
      predictions.ours = results.predictions;
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
