import type { Translate } from '../../contracts/i18n.js';
import { quote } from '../../lib/text/excerpt.js';
import type { DriftReport } from '../evaluate/drift.js';
import type { PredictedTable } from '../model/predict-table.js';
import type { ModelRow } from '../records/records.js';
import { isWorse } from './outcome-text.js';

const MAX_NAMED = 4;

/**
 * Warnings about drift, and how right the predictions were if the true values are known; empty if there is
 * nothing to report.
 */
export function predictionWarnings(
  { drift, outcome }: Pick<PredictedTable, 'drift' | 'outcome'>,
  { metrics }: ModelRow,
  t: Translate,
): string[] {
  const lines = driftLines(drift, t);
  if (outcome?.type === 'classes') {
    const tested = metrics?.accuracy ?? outcome.right;
    lines.push(
      t('tables.predict.outcome', {
        rows: outcome.rows,
        right: Math.round(outcome.right * 100),
        tested: Math.round(tested * 100),
        worse: String(isWorse(outcome, metrics)),
      }),
    );
  }
  if (outcome?.type === 'numbers' && metrics?.rmse !== undefined) {
    lines.push(
      t('tables.predict.outcomeNumbers', {
        rows: outcome.rows,
        rmse: outcome.rmse,
        tested: metrics.rmse,
        worse: String(isWorse(outcome, metrics)),
      }),
    );
  }
  return lines;
}

function driftLines({ columns }: DriftReport, t: Translate): string[] {
  if (columns.length === 0) return [];
  const names = columns.slice(0, MAX_NAMED).map(({ column }) => quote(column));
  return [t('tables.predict.drift', { columns: names.join(', ') })];
}
