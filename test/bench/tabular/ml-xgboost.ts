import type { RivalProgram } from './outside-rival.js';

const PROGRAM = `
const fs = require('node:fs');
const [file, testFile, target, task] = process.argv.slice(1);
const isNumber = task === 'REGRESSION';
const read = (path) => fs.readFileSync(path, 'utf8').trimEnd().split('\\n').map((line) => line.split(','));
const [header, ...train] = read(file);
const [, ...test] = read(testFile);
const at = header.indexOf(target);
const codes = header.map(() => new Map());
const codeOf = (column, cell) => {
  if (!codes[column].has(cell)) codes[column].set(cell, codes[column].size);
  return codes[column].get(cell);
};
const isText = header.map((_, column) => train.some((cells) => Number.isNaN(Number(cells[column]))));
const value = (column, cell) => (isText[column] ? codeOf(column, cell) : cell === '' ? -1 : Number(cell));
const inputs = (rows) => rows.map((cells) => cells.flatMap((cell, c) => (c === at ? [] : [value(c, cell)])));
const labels = (rows) => rows.map((cells) => value(at, cells[at]));
const scale = isNumber ? 1e5 : 1;
require('ml-xgboost').then((XGBoost) => {
  const model = new XGBoost({
    booster: 'gbtree', objective: isNumber ? 'reg:linear' : 'binary:logistic', max_depth: 6, eta: 0.1,
    min_child_weight: 1, subsample: 1, colsample_bytree: 1, silent: 1, iterations: 100,
  });
  const [given, truth] = [inputs(train), labels(train).map((label) => label / scale)];
  const started = performance.now();
  model.train(given, truth);
  const took = performance.now() - started;
  const said = model.predict(inputs(test));
  const actual = labels(test);
  const quality = isNumber
    ? Math.sqrt(said.reduce((sum, each, row) => sum + (each * scale - actual[row]) ** 2, 0) / said.length)
    : said.filter((each, row) => Number(each > 0.5) === actual[row]).length / said.length;
  console.log(JSON.stringify({ fit_ms: took, quality }));
});
`;

/**
 * 100 trees of depth 6 from numbers in memory: ml-xgboost takes no texts and no gaps, so categories are codes and
 * a missing number is -1.
 *
 * Installed with `npm install --no-save ml-xgboost@1.1.2`.
 */
export const ML_XGBOOST: RivalProgram = {
  runtime: [process.execPath, '-e'],
  check: "require.resolve('ml-xgboost')",
  program: PROGRAM,
};
