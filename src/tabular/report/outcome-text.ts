import type { Translate } from '../../contracts/i18n.js';
import { quote } from '../../lib/text/excerpt.js';
import type { Outcome } from '../evaluate/outcome.js';
import type { ModelMetrics, ModelRow } from '../records/records.js';

/** A small sample may be unlucky, so a tenth beyond what the test promised is tolerated. */
const WORSE_BY = 1.1;

/** Whether the outcome is clearly worse than the test promised. */
export function isWorse(outcome: Outcome, metrics: ModelMetrics | undefined): boolean {
  if (outcome.type === 'numbers') {
    const { rmse, rmse_interval: interval } = metrics ?? {};
    return rmse !== undefined && outcome.rmse > (interval?.[1] ?? rmse) * WORSE_BY;
  }
  const low = metrics?.accuracy_interval?.[0];
  return low !== undefined && 1 - outcome.right > (1 - low) * WORSE_BY;
}

/** The message that tells staff that a model has become worse. */
export function worseText(outcome: Outcome, { name, version, metrics }: ModelRow, t: Translate): string {
  const figures =
    outcome.type === 'classes'
      ? { now: Math.round(outcome.right * 100), tested: Math.round((metrics?.accuracy ?? 0) * 100) }
      : { now: outcome.rmse, tested: metrics?.rmse ?? 0 };
  return t('tables.score.worse', {
    name: quote(name),
    version,
    kind: outcome.type,
    rows: outcome.rows,
    ...figures,
  });
}
