import type { Translate } from '../../contracts/i18n.js';
import { escapeMarkdown } from '../../lib/escape-markdown.js';
import type { ModelMetrics, ModelRow, TrainingRow } from '../records/records.js';

/** Columns that are named as what matters most. */
const NAMED = 3;
const FEWEST_SHARE = 0.02;

/** How a training went, in words a shop owner understands. */
export function trainingReport(training: TrainingRow, model: ModelRow | undefined, t: Translate): string {
  const { metrics, error, wish } = training;
  const target = escapeMarkdown(wish.target);
  if (error !== undefined) return t('tables.train.failed', { target, detail: escapeMarkdown(error.detail) });
  if (metrics === undefined) return t('tables.train.failed', { target, detail: '' });
  return [
    t('tables.train.done', { target, rows: metrics.rows_learned }),
    figureLine(metrics, t),
    matterLine(model, t),
    ...metrics.leaks.map(({ column }) => t('tables.train.leak', { column: escapeMarkdown(column) })),
    splitLine(metrics, t),
    leftOutLine(metrics, t),
    t('tables.train.next', { name: escapeMarkdown(training.name) }),
  ]
    .filter((line) => line !== '')
    .join('\n');
}

/** Right in so many of a hundred cases, or off by so much, beside what guessing would do. */
export function figureLine(metrics: ModelMetrics, t: Translate): string {
  const { accuracy, accuracy_interval: interval = [], rmse, mae, r2, baseline } = metrics;
  if (accuracy !== undefined) {
    return t('tables.train.accuracy', {
      right: Math.round(accuracy * 100),
      guess: Math.round(Number(baseline['accuracy'] ?? 0) * 100),
      low: Math.round((interval[0] ?? accuracy) * 100),
      high: Math.round((interval[1] ?? accuracy) * 100),
    });
  }
  if (rmse === undefined || mae === undefined) return '';
  return t('tables.train.error', {
    mae: rounded(mae),
    guess: rounded(Number(baseline['mae'] ?? 0)),
    rmse: rounded(rmse),
    explained: Math.round(Math.max(0, r2 ?? 0) * 100),
  });
}

function matterLine(model: ModelRow | undefined, t: Translate): string {
  const columns = (model?.importance ?? [])
    .filter(({ share }) => share >= FEWEST_SHARE)
    .slice(0, NAMED)
    .map(({ column, share }) => `${escapeMarkdown(column)} (${Math.round(share * 100)} %)`);
  return columns.length === 0 ? '' : t('tables.train.matters', { columns: columns.join(', ') });
}

function splitLine({ split }: ModelMetrics, t: Translate): string {
  switch (split) {
    case 'time':
      return t('tables.train.byTime');
    case 'group':
      return t('tables.train.byGroup');
    default:
      return '';
  }
}

function leftOutLine({ left_out: leftOut }: ModelMetrics, t: Translate): string {
  if (leftOut.length === 0) return '';
  return t('tables.train.leftOut', {
    columns: leftOut.map(({ column }) => escapeMarkdown(column)).join(', '),
  });
}

/** Three digits that mean something. */
function rounded(value: number): number {
  return Number(value.toPrecision(3));
}
