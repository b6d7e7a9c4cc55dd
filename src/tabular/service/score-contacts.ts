import { TabularError } from '../../contracts/tabular.js';
import { defineJob, type JobQueue, type JobRun } from '../../contracts/queue.js';
import type { Contact, TenantScope } from '../../contracts/stores.js';
import type { I18n } from '../../contracts/i18n.js';
import { quote } from '../../lib/excerpt.js';
import type { DriftReport } from '../evaluate/drift.js';
import type { RawRow } from '../features/encode-rows.js';
import type { Predictions } from '../model/predict.js';
import { tabularStore, type ModelRow } from '../records/records.js';
import { applyRule, matches, type RuleDependencies, type ScoreRule } from './score-rule.js';

export interface ScoreJob {
  readonly modelId: string;
  /** Of the contact. */
  readonly field: string;
  /** Class whose probability is written; the prediction itself when absent. */
  readonly of?: string;
  readonly rule?: ScoreRule;
}

export const scoreJob = defineJob<ScoreJob>('tabular.score', { concurrency: 1, tries: 3 });

export interface NewScoring extends ScoreJob {
  /** A cron line in the time zone of the business; `null` ends the schedule of the field. */
  readonly schedule?: string | null;
}

export interface Scoring extends ScoreJob {
  readonly nextRunAt?: Date;
}

/** Names that staff are told. */
const NAMED = 10;
/** Contacts that are read and predicted at a time. */
const PAGE = 200;

const scheduleKey = (field: string): string => `every ${field}`;

/**
 * Queues it for now, and again and again when there is a schedule. A field has one schedule: that
 * of another model takes its place.
 */
export async function scoringOf(
  scope: TenantScope,
  model: ModelRow,
  { field, schedule, of, rule }: NewScoring,
  queue: JobQueue,
): Promise<Scoring> {
  if (model.columns.includes(field)) {
    const reason = `The model reads the field "${field}"; its prediction needs a field of its own.`;
    throw new TabularError('invalid-model', reason, { column: field });
  }
  if (of !== undefined && model.classes?.includes(of) !== true) {
    throw new TabularError('invalid-model', `The model knows no class "${of.slice(0, 200)}".`, {
      column: of,
    });
  }
  const data: ScoreJob = {
    modelId: model._id,
    field,
    ...(of === undefined ? {} : { of }),
    ...(rule === undefined ? {} : { rule }),
  };
  const key = scheduleKey(field);
  // The schedule first: when its line is none, nothing has begun.
  const nextRunAt =
    typeof schedule === 'string'
      ? await queue.repeat(scoreJob, scope.tenantId, data, {
          key,
          cron: schedule,
          timezone: scope.settings.timezone,
        })
      : undefined;
  if (schedule === null) await queue.cancel(scoreJob, scope.tenantId, key);
  else await queue.enqueue(scoreJob, scope.tenantId, data, { key: `now ${field}` });
  return { ...data, ...(nextRunAt === undefined ? {} : { nextRunAt }) };
}

export interface ScoringDependencies extends RuleDependencies {
  readonly queue: JobQueue;
  readonly i18n: Pick<I18n, 'translator'>;
  predict(rows: readonly RawRow[]): Promise<Predictions>;
  /** How the rows lie beside those of the training; `undefined` where that is not known. */
  watchDrift(): Promise<{ add(rows: readonly RawRow[]): void; report(): DriftReport } | undefined>;
}

/** Writes what the model says of each contact into its field; a value that is right already is not written again. */
export async function scoreContacts(
  scope: TenantScope,
  job: ScoreJob,
  { signal, progress, attempt }: Pick<JobRun, 'signal' | 'progress' | 'attempt'>,
  deps: ScoringDependencies,
): Promise<void> {
  const { modelId, field, rule } = job;
  const model = await scope.store(tabularStore).models.get(modelId);
  if (model === undefined) {
    await deps.queue.cancel(scoreJob, scope.tenantId, scheduleKey(field));
    return;
  }
  const drift = await deps.watchDrift();
  const met: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await scope.contacts.list({}, { limit: PAGE, ...(cursor === undefined ? {} : { cursor }) });
    const rows = page.items.map((contact) => rowOf(contact, model.columns));
    drift?.add(rows);
    const said = rows.length === 0 ? { predictions: [] } : await deps.predict(rows);
    for (const [index, contact] of page.items.entries()) {
      signal.throwIfAborted();
      const value = scoreOf(said, index, model, job);
      if (rule !== undefined && matches(rule, value) && !matches(rule, contact.fields[field])) {
        await applyRule(scope, contact, rule, deps);
        met.push(contact.name ?? contact.phone ?? contact.id);
      }
      await write(scope, contact, field, value);
    }
    // How many there are is not known before the last page.
    await progress(0.5);
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  await tellOf(scope, job, model, met, drift?.report(), attempt, deps);
}

/** The prediction, or the probability of the class that is asked for. */
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

async function tellOf(
  scope: TenantScope,
  { modelId, field, rule }: ScoreJob,
  model: ModelRow,
  met: readonly string[],
  drift: DriftReport | undefined,
  attempt: number,
  deps: ScoringDependencies,
): Promise<void> {
  const t = deps.i18n.translator(scope.settings.locale);
  if (rule?.tellStaff === true && met.length > 0) {
    const names = met.slice(0, NAMED).map((name) => quote(name));
    const text = t('tables.score.met', { count: met.length, field: quote(field), names: names.join(', ') });
    await deps.tellStaff(scope, `score ${modelId} ${field} ${attempt} ${met.join(' ')}`, text);
  }
  const columns = drift?.columns.map(({ column }) => column) ?? [];
  const known = model.drifted ?? [];
  if (columns.length > 0 || known.length > 0) {
    await scope.store(tabularStore).models.update(modelId, { drifted: columns });
  }
  // Told when it begins, not every night.
  if (columns.length === 0 || columns.every((column) => known.includes(column))) return;
  const named = columns.slice(0, NAMED).map((column) => quote(column));
  const text = t('tables.score.drift', { name: quote(model.name), columns: named.join(', ') });
  await deps.tellStaff(scope, `drift ${modelId} ${columns.join(' ')}`, text);
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

/** The contact as a row of the model: its fields by name, then what every contact has, as its CSV says it. */
function rowOf(contact: Contact, columns: readonly string[]): RawRow {
  const { fields, tags, name, phone, email, locale } = contact;
  const own = { name, phone, email, locale, tags: tags.join(',') };
  const known = new Map<string, RawRow[string]>([...Object.entries(own), ...Object.entries(fields)]);
  return Object.fromEntries(columns.map((column) => [column, known.get(column) ?? null]));
}
