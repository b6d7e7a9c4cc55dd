import type { Contact, TenantScope } from '../../contracts/stores.js';
import type { I18n } from '../../contracts/i18n.js';
import { quote } from '../../lib/text/excerpt.js';
import type { OutcomeWatch } from '../evaluate/outcome.js';
import type { RawRow } from '../features/encode-rows.js';
import type { Predictions } from '../model/predict.js';
import type { ModelRow } from '../records/records.js';
import { applyRule, matches, type RuleDependencies, type ScoreRule } from './score-rule.js';

export interface ScoreJob {
  readonly modelId: string;
  /** The contact field to write. */
  readonly field: string;
  /** Class whose probability is written; absent: the prediction itself. */
  readonly of?: string;
  readonly rule?: ScoreRule;
}

/** Maximum number of names listed in a message to staff. */
export const MAX_NAMED = 10;

export interface BatchScoringDependencies extends RuleDependencies {
  readonly i18n: Pick<I18n, 'translator'>;
  predict(rows: readonly RawRow[]): Promise<Predictions>;
  /** Compares predictions with true values, for contacts whose true value is known. */
  readonly outcome?: Pick<OutcomeWatch, 'add'>;
}

/** Scores these contacts. Returns the names of those whose score started to match the rule. */
export async function scoreBatch(
  scope: TenantScope,
  contacts: readonly Contact[],
  model: ModelRow,
  job: ScoreJob,
  signal: AbortSignal,
  deps: BatchScoringDependencies,
): Promise<string[]> {
  const { field, rule } = job;
  const matchedNames: string[] = [];
  if (contacts.length === 0) return matchedNames;
  const predictions = await deps.predict(contacts.map((contact) => rowOf(contact, model.columns)));
  for (const [index, contact] of contacts.entries()) {
    signal.throwIfAborted();
    const value = scoreOf(predictions, index, model, job);
    deps.outcome?.add(cameTrue(contact, model, job), predictions.predictions[index] ?? '');
    if (rule !== undefined && matches(rule, value) && !matches(rule, contact.fields[field])) {
      await applyRule(scope, contact, rule, deps);
      matchedNames.push(contact.name ?? contact.phone ?? contact.id);
    }
    await write(scope, contact, field, value);
  }
  return matchedNames;
}

/**
 * The true value of the target, from the contact's own field; empty if it is unknown or not one of the
 * model's classes.
 */
function cameTrue({ fields }: Contact, { target, classes }: ModelRow, { field }: ScoreJob): string {
  const value = target === field ? undefined : fields[target];
  if (value === undefined || classes?.includes(String(value)) === false) return '';
  return String(value);
}

/** The prediction, or the probability of the requested class. */
function scoreOf(
  { predictions, all }: Predictions,
  row: number,
  { classes }: ModelRow,
  { of }: ScoreJob,
): string | number | undefined {
  if (of === undefined) return predictions[row];
  const place = classes?.indexOf(of) ?? -1;
  const probability = all?.[row * (classes?.length ?? 0) + place];
  return probability === undefined ? undefined : Math.round(probability * 1000) / 1000;
}

export async function reportRuleMatches(
  scope: TenantScope,
  { field, rule }: ScoreJob,
  matchedNames: readonly string[],
  key: string,
  deps: Pick<BatchScoringDependencies, 'i18n' | 'tellStaff'>,
): Promise<void> {
  if (rule?.tellStaff !== true || matchedNames.length === 0) return;
  const t = deps.i18n.translator(scope.settings.locale);
  const names = matchedNames.slice(0, MAX_NAMED).map((name) => quote(name));
  const text = t('tables.score.met', {
    count: matchedNames.length,
    field: quote(field),
    names: names.join(', '),
  });
  await deps.tellStaff(scope, key, text);
}

async function write(
  scope: TenantScope,
  contact: Contact,
  field: string,
  prediction: string | number | undefined,
): Promise<void> {
  const isNone = prediction === undefined || (typeof prediction === 'number' && !Number.isFinite(prediction));
  const value = isNone ? null : prediction;
  if ((contact.fields[field] ?? null) === value) return;
  await scope.contacts.update(contact.id, { fields: { [field]: value } });
}

/**
 * The contact as a row for the model: its fields, and what every contact has, named as in the CSV of
 * contacts. Fields take precedence.
 */
export function rowOf(contact: Contact, columns: readonly string[]): RawRow {
  const { fields, tags, name, phone, email, locale } = contact;
  const builtInFields = { name, phone, email, locale, tags: tags.join(',') };
  const values = new Map<string, RawRow[string]>([
    ...Object.entries(builtInFields),
    ...Object.entries(fields),
  ]);
  return Object.fromEntries(columns.map((column) => [column, values.get(column) ?? null]));
}
