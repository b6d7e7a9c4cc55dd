import { expect, it } from 'vitest';
import type { ModelMetrics, TrainingRow } from '../../src/tabular/records/records.js';
import { numberText, shortNumber } from '../../src/tabular/report/number-text.js';
import { trainingReport } from '../../src/tabular/report/training-report.js';
import { i18n } from '../commands/open-shop.js';

const METRICS: ModelMetrics = {
  task: 'regression',
  folds: 5,
  rows: 200,
  rows_learned: 200,
  chosen: 'linear',
  split: 'random',
  rmse: 27_700,
  mae: 23_500,
  r2: -0.02,
  baseline: { mae: 23_400, rmse: 27_300 },
  leaks: [],
  left_out: [],
  rows_without_target: 0,
  rows_in_table: 200,
};

function reportOf(change: Partial<ModelMetrics>): string {
  const training = {
    name: 'sales',
    wish: { target: 'sales' },
    status: 'done',
    metrics: { ...METRICS, ...change },
  };
  return trainingReport(training as TrainingRow, undefined, i18n.translator('en'));
}

it('a model that is no better than guessing is said to be none to rely on', () => {
  const warning = 'That is no better than guessing';
  expect(reportOf({})).toContain(warning);
  expect(reportOf({ r2: 0.3, mae: 18_000 })).not.toContain(warning);
  const classes = { task: 'classification', accuracy: 0.7, baseline: { accuracy: 0.7, class: 'no' } };
  expect(reportOf({ ...classes, auc: 0.52 })).toContain(warning);
  // It ranks people well, although no one is likelier to leave than to stay.
  expect(reportOf({ ...classes, auc: 0.8 })).not.toContain(warning);
  expect(reportOf({ ...classes, accuracy: 0.81, auc: 0.85 })).not.toContain(warning);
});

it('numbers are written as the reader writes them, with the digits that tell something', () => {
  const written = [2024, 6758, 1_234_567.8, 14.968, 0.000_412_3, -3].map((value) => [
    numberText(value, 'en'),
    numberText(value, 'id'),
  ]);
  expect(written).toEqual([
    ['2024', '2024'],
    ['6,758', '6.758'],
    ['1,234,568', '1.234.568'],
    ['14.97', '14,97'],
    ['0.000412', '0,000412'],
    ['-3', '-3'],
  ]);
  // In Indonesian, M stands for a thousand millions.
  expect([shortNumber(1_250_000, 'en'), shortNumber(1_250_000, 'id'), shortNumber(9876.5, 'id')]).toEqual([
    '1.25M',
    '1,25\u00A0jt',
    '9877',
  ]);
  expect(reportOf({ r2: 0.3, mae: 0.000_412, rmse: 0.000_6 })).toContain('off by 0.000412 on average');
});
