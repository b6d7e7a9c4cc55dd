import { TabularError } from '../../contracts/tabular.js';
import { defineJob, type JobQueue, type JobRun } from '../../contracts/queue.js';
import type { Clock } from '../../contracts/runtime.js';
import type { TenantScope } from '../../contracts/stores.js';
import { quote } from '../../lib/text/excerpt.js';
import type { DriftReport } from '../evaluate/drift.js';
import { OutcomeWatch } from '../evaluate/outcome.js';
import type { RawRow } from '../features/encode-rows.js';
import { tabularStore, type ModelRow } from '../records/records.js';
import { followChanges, scoringRow } from './follow-contacts.js';
import { reportOutcome } from './report-outcome.js';
import {
  MAX_NAMED,
  rowOf,
  scoreBatch,
  reportRuleMatches,
  type ScoreJob,
  type BatchScoringDependencies,
} from './score-batch.js';

export const scoreJob = defineJob<ScoreJob>('tabular.score', { concurrency: 1, tries: 3 });

export interface NewScoring extends ScoreJob {
  /** Also score whenever a contact changes: `true` starts that, `false` ends it. */
  readonly onChange?: boolean;
  /** A cron expression in the time zone of the business; `null` ends the schedule of the field. */
  readonly schedule?: string | null;
}

export interface Scoring extends ScoreJob {
  readonly nextRunAt?: Date;
}

/** Contacts read and predicted at a time. */
const PAGE = 200;

const scheduleKey = (field: string): string => `every ${field}`;

/**
 * Queues a scoring for now, and repeatedly if there is a schedule. A field has one schedule: that of another
 * model replaces it.
 */
export async function scoringOf(
  scope: TenantScope,
  model: ModelRow,
  { field, schedule, onChange, of, rule }: NewScoring,
  { queue, clock }: { readonly queue: JobQueue; readonly clock: Clock },
): Promise<Scoring> {
  if (model.columns.includes(field)) {
    const message = `The model reads the field "${field}"; its prediction needs a field of its own.`;
    throw new TabularError('invalid-model', message, {
      column: field,
      reason: { key: 'tables.reason.fieldIsRead', values: { field } },
    });
  }
  if (of !== undefined && model.classes?.includes(of) !== true) {
    throw new TabularError('invalid-model', `The model knows no class "${of.slice(0, 200)}".`, {
      column: of,
      reason: { key: 'tables.reason.noSuchClass', values: { class: of.slice(0, 200) } },
    });
  }
  const data: ScoreJob = {
    modelId: model._id,
    field,
    ...(of === undefined ? {} : { of }),
    ...(rule === undefined ? {} : { rule }),
  };
  const key = scheduleKey(field);
  // The schedule comes first: if its expression is invalid, nothing has been started.
  const nextRunAt =
    typeof schedule === 'string'
      ? await queue.repeat(scoreJob, scope.tenantId, data, {
          key,
          cron: schedule,
          timezone: scope.settings.timezone,
        })
      : undefined;
  if (typeof schedule === 'string') {
    const row = { ...scoringRow(data, clock.now()), cron: schedule };
    await scope.store(tabularStore).scoreSchedules.put(row);
  }
  if (onChange !== undefined) await followChanges(scope, data, onChange, clock);
  if (schedule === null) await endSchedule(scope, field, queue);
  else if (onChange !== false) await queue.enqueue(scoreJob, scope.tenantId, data, { key: `now ${field}` });
  return { ...data, ...(nextRunAt === undefined ? {} : { nextRunAt }) };
}

async function endSchedule(scope: TenantScope, field: string, queue: JobQueue): Promise<void> {
  await queue.cancel(scoreJob, scope.tenantId, scheduleKey(field));
  await scope.store(tabularStore).scoreSchedules.remove(field);
}

/** Stops a model that is gone from writing this field, on schedule and after changes. */
export async function endScoring(
  scope: TenantScope,
  field: string,
  modelId: string,
  queue: JobQueue,
): Promise<void> {
  const { scorings, scoreSchedules } = scope.store(tabularStore);
  if ((await scorings.get(field))?.modelId === modelId) await scorings.remove(field);
  const schedule = await scoreSchedules.get(field);
  // The schedule of a field may have been taken over by another model.
  if (schedule === undefined || schedule.modelId === modelId) await endSchedule(scope, field, queue);
}

export interface ScoringDependencies extends BatchScoringDependencies {
  readonly queue: JobQueue;
  /** Compares the rows with the training data; `undefined` if nothing is known about that. */
  watchDrift(): Promise<{ add(rows: readonly RawRow[]): void; report(): DriftReport } | undefined>;
}

/**
 * Writes the prediction for each contact into its field; values that are already right are not written again.
 */
export async function scoreContacts(
  scope: TenantScope,
  job: ScoreJob,
  { signal, progress, attempt }: Pick<JobRun, 'signal' | 'progress' | 'attempt'>,
  deps: ScoringDependencies,
): Promise<void> {
  const { modelId, field } = job;
  const model = await scope.store(tabularStore).models.get(modelId);
  if (model === undefined) return endScoring(scope, field, modelId, deps.queue);
  const drift = await deps.watchDrift();
  const outcome = new OutcomeWatch({
    ...(model.classes === undefined ? {} : { classes: model.classes }),
    valueOf: Number,
  });
  const matchedNames: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await scope.contacts.list({}, { limit: PAGE, ...(cursor === undefined ? {} : { cursor }) });
    drift?.add(page.items.map((contact) => rowOf(contact, model.columns)));
    matchedNames.push(...(await scoreBatch(scope, page.items, model, job, signal, { ...deps, outcome })));
    // The number of contacts is unknown until the last page.
    await progress(0.5);
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  await reportRuleMatches(
    scope,
    job,
    matchedNames,
    `score ${modelId} ${field} ${attempt} ${matchedNames.join(' ')}`,
    deps,
  );
  await tellOfDrift(scope, modelId, model, drift?.report(), deps);
  await reportOutcome(scope, model, outcome.outcome(), deps);
}

async function tellOfDrift(
  scope: TenantScope,
  modelId: string,
  model: ModelRow,
  drift: DriftReport | undefined,
  deps: Pick<ScoringDependencies, 'i18n' | 'tellStaff'>,
): Promise<void> {
  const t = deps.i18n.translator(scope.settings.locale);
  const columns = drift?.columns.map(({ column }) => column) ?? [];
  const previous = model.drifted ?? [];
  if (columns.length > 0 || previous.length > 0) {
    await scope.store(tabularStore).models.update(modelId, { drifted: columns });
  }
  // Reported when drift begins, not every night.
  if (columns.length === 0 || columns.every((column) => previous.includes(column))) return;
  const names = columns.slice(0, MAX_NAMED).map((column) => quote(column));
  const text = t('tables.score.drift', { name: quote(model.name), columns: names.join(', ') });
  await deps.tellStaff(scope, `drift ${modelId} ${columns.join(' ')}`, text);
}
