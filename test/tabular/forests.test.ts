import { InferenceSession, Tensor } from 'onnxruntime-node';
import { expect, it } from 'vitest';
import { seededRandom } from '../../src/tabular/evaluate/random.js';
import type { ColumnPlan } from '../../src/tabular/features/column-plan.js';
import type { Feature, Matrix } from '../../src/tabular/matrix.js';
import type { TabularModel } from '../../src/tabular/model/model.js';
import { Predictor } from '../../src/tabular/model/predict.js';
import { exportModel } from '../../src/tabular/onnx/export-model.js';
import { objectiveOf } from '../../src/tabular/train/losses.js';
import { binColumns } from '../../src/tabular/trees/bin-columns.js';
import { boost } from '../../src/tabular/trees/boost.js';
import { binsOf } from '../../src/tabular/trees/feature-bins.js';
import { leafOf } from '../../src/tabular/trees/forest.js';
import { MaskedForest } from '../../src/tabular/trees/masked/masked-forest.js';
import { fastSigmoid } from '../../src/tabular/trees/fast-sigmoid.js';
import { sigmoid } from '../../src/tabular/trees/objective.js';
import { affordableOptions, treeOptionsFor, type TreeOptions } from '../../src/tabular/trees/tree-options.js';
import { scorerOf } from '../../src/tabular/trees/score-forest.js';
import { WalkedForest } from '../../src/tabular/trees/walked-forest.js';

const CATEGORIES = Array.from({ length: 40 }, (_, code) => `c${code}`);

/** Numbers with gaps, and categories of which some are unknown. */
function someMatrix(rows: number, seed: number): Matrix {
  const random = seededRandom(seed);
  const number = (name: string): Feature => ({ name, column: name, kind: 'number' });
  const category: Feature = { name: 'c', column: 'c', kind: 'category', categories: CATEGORIES };
  const gaps = (): Float32Array =>
    Float32Array.from({ length: rows }, () => (random() < 0.1 ? Number.NaN : Math.round(random() * 50)));
  const codes = Float32Array.from({ length: rows }, () => Math.floor(random() * 41) - 1);
  return { rows, features: [number('a'), category, number('b')], columns: [gaps(), codes, gaps()] };
}

it.each([
  ['two classes with small trees', 2, 15],
  ['three classes with larger trees', 3, 25],
  ['numbers with the largest trees', undefined, 63],
  ['numbers with trees too large for masks', undefined, 90],
])('a forest of %s predicts the same in each memory layout, to the last bit', (_what, classes, leaves) => {
  const matrix = someMatrix(1500, 5);
  const [a, codes, b] = matrix.columns as [Float32Array, Float32Array, Float32Array];
  const random = seededRandom(9);
  const target = Float64Array.from(a, (value, row) => {
    const sum = (value || 20) + ((codes[row] as number) % 7) * (b[row] as number) + random() * 30;
    return classes === undefined ? sum / 50 : Math.floor(sum / 10) % classes;
  });
  const rows = Int32Array.from(target, (_value, row) => row);
  const { forest } = boost({
    table: binColumns(matrix),
    objective: objectiveOf({ target: target.map((value) => value || 0), classes }, rows),
    rows,
    options: { ...treeOptionsFor(classes), leaves, minimumRows: 5, minimumGroup: 20, mostRounds: 25 },
  });
  const fresh = someMatrix(700, 77);
  const { outputs, base } = forest;
  const slow = Float64Array.from({ length: fresh.rows * outputs }, (_value, at) => {
    const trees = forest.trees.filter((_tree, index) => index % outputs === at % outputs);
    return trees.reduce(
      (sum, tree) => sum + (tree.value[leafOf(tree, fresh.columns, Math.floor(at / outputs))] as number),
      base[at % outputs] ?? 0,
    );
  });
  const masked = MaskedForest.of(forest, binsOf(forest.trees));
  expect(masked === undefined).toBe(leaves > 64);
  for (const scorer of [new WalkedForest(forest), masked, scorerOf(forest)]) {
    if (scorer === undefined) continue;
    const scores = scorer.scores(fresh);
    expect(scores).toEqual(slow);
    const some = scorer.scores(fresh, Int32Array.of(600, 3));
    expect([...some]).toEqual([
      ...scores.subarray(600 * outputs, 601 * outputs),
      ...scores.subarray(3 * outputs, 4 * outputs),
    ]);
  }
  expect(forest.trees.some(({ value }) => value.length > leaves * 0.7)).toBe(true);
});

it.each([
  ['two classes', 2],
  ['three classes', 3],
  ['numbers of which one column may only raise the prediction', undefined],
])('a forest of %s is the same with and without WebAssembly', (_what, classes) => {
  const matrix = someMatrix(3000, 11);
  const [a, codes, b] = matrix.columns as [Float32Array, Float32Array, Float32Array];
  const random = seededRandom(3);
  const target = Float64Array.from(a, (value, row) => {
    const sum = (value || 10) + ((codes[row] as number) % 5) * 8 + (b[row] || 30) * random();
    return classes === undefined ? sum / 20 : Math.floor(sum / 25) % classes;
  });
  const rows = Int32Array.from({ length: 2500 }, (_value, row) => row);
  const heldOut = Int32Array.from({ length: 500 }, (_value, row) => 2500 + row);
  const binned = binColumns(matrix);
  expect(binned.memory).toBeDefined();
  const { memory: _memory, ...plain } = binned;
  const options: TreeOptions = {
    ...treeOptionsFor(classes),
    mostRounds: 40,
    ...(classes === undefined ? { monotone: { b: 1 } } : {}),
  };
  const [fast, slow] = [binned, plain].map((table) =>
    boost({ table, objective: objectiveOf({ target, classes }, rows), rows, heldOut, options }),
  );
  expect(fast).toEqual(slow);
  expect(fast?.forest.trees.some(({ sets }) => sets.some((set) => set.length > 1))).toBe(true);
});

it('an artifact sends forty categories, unknown ones and gaps the same way as the forest', async () => {
  const matrix = someMatrix(4000, 21);
  const [a, codes, b] = matrix.columns as [Float32Array, Float32Array, Float32Array];
  const effect = CATEGORIES.map((_category, code) => (code * 17) % 40);
  const target = Float64Array.from(a, (value, row) => (value || 9) + (effect[codes[row] as number] ?? -20));
  const rows = Int32Array.from(target, (_value, row) => row);
  const { forest } = boost({
    table: binColumns(matrix),
    objective: objectiveOf({ target, classes: undefined }, rows),
    rows,
    options: { ...treeOptionsFor(undefined), mostRounds: 45 },
  });
  expect(Math.max(...forest.trees.flatMap(({ sets }) => sets.map((set) => set.length)))).toBeGreaterThan(9);
  const number = (column: string): ColumnPlan => ({ type: 'number', column, decimal: '.' });
  const plans = [
    number('a'),
    { type: 'category', column: 'c', categories: CATEGORIES } as const,
    number('b'),
  ];
  const model: TabularModel = {
    task: 'regression',
    target: 'y',
    plans,
    predictor: { type: 'trees', forest },
  };
  const session = await InferenceSession.create(exportModel(model, 'many'));
  const { prediction } = await session.run({
    a: new Tensor('float32', a, [matrix.rows, 1]),
    c: new Tensor(
      'string',
      [...codes].map((code) => CATEGORIES[code] ?? 'elsewhere'),
      [matrix.rows, 1],
    ),
    b: new Tensor('float32', b, [matrix.rows, 1]),
  });
  const results = prediction?.data as Float32Array;
  const expected = new Predictor(model).predictMatrix(matrix).predictions;
  expect(
    Math.max(...expected.map((value, row) => Math.abs(Number(value) - (results[row] ?? 0)))),
  ).toBeLessThan(1e-5 * 40);
});

it('the sigmoid of training is that of the finished model to nine digits', () => {
  for (let score = -39; score <= 39; score += 0.037) {
    const exact = sigmoid(score);
    expect(Math.abs(fastSigmoid(score) - exact)).toBeLessThan(1e-9 * Math.min(exact, 1));
  }
  expect([fastSigmoid(-1e9) < 1e-17, fastSigmoid(1e9), fastSigmoid(0)]).toEqual([true, 1, 0.5]);
});

it('a very large table is learned in fewer rounds of larger trees, a usual one as ever', () => {
  const usual = treeOptionsFor(2);
  expect(affordableOptions(usual, { rows: 30_000, cells: 30_000 * 14 })).toEqual(usual);
  const large = affordableOptions(usual, { rows: 1_000_000, cells: 1_000_000 * 19 });
  expect([large.leaves > usual.leaves, large.mostRounds < usual.mostRounds]).toEqual([true, true]);
  expect(affordableOptions(usual, { rows: 1_000_000, cells: 1e12 }).mostRounds).toBe(100);
});
