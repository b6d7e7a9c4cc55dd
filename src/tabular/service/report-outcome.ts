import type { I18n } from '../../contracts/i18n.js';
import type { TenantScope } from '../../contracts/stores.js';
import type { Outcome } from '../evaluate/outcome.js';
import type { ModelRow } from '../records/records.js';
import { isWorse, worseText } from '../report/outcome-text.js';
import type { RuleDependencies } from './score-rule.js';

/** Tells staff, once per version, if the outcome is clearly worse than the test promised. */
export async function reportOutcome(
  scope: TenantScope,
  model: ModelRow,
  outcome: Outcome | undefined,
  deps: Pick<RuleDependencies, 'tellStaff'> & { readonly i18n: Pick<I18n, 'translator'> },
): Promise<void> {
  if (outcome === undefined || !isWorse(outcome, model.metrics)) return;
  const t = deps.i18n.translator(scope.settings.locale);
  await deps.tellStaff(scope, `worse ${model._id}`, worseText(outcome, model, t));
}
