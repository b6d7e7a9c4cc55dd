import { defineJob, type JobQueue, type JobRun } from '../../contracts/queue.js';
import type { Clock } from '../../contracts/runtime.js';
import type { TenantScope } from '../../contracts/stores.js';
import type { RawRow } from '../features/encode-rows.js';
import type { Predictions } from '../model/predict.js';
import { tabularStore, type ScoringRow } from '../records/records.js';
import {
  scoreBatch,
  reportRuleMatches,
  type ScoreJob,
  type BatchScoringDependencies,
} from './score-batch.js';

/** A contact that changed, and a field to score again. */
export interface RescoreJob {
  readonly contactId: string;
  readonly field: string;
}

export const rescoreJob = defineJob<RescoreJob>('tabular.rescore', { concurrency: 2, tries: 3 });
/** Changes often follow one another, so scoring waits this long for the last of them, in ms. */
const RESCORE_AFTER_MS = 1000;
const MOST_FOLLOWED = 50;

/** Starts or stops scoring a field after each change of a contact. */
export async function followChanges(
  scope: TenantScope,
  job: ScoreJob,
  isWanted: boolean,
  clock: Clock,
): Promise<void> {
  const { scorings } = scope.store(tabularStore);
  if (isWanted) await scorings.put(scoringRow(job, clock.now()));
  else await scorings.remove(job.field);
}

export function scoringRow({ field, ...job }: ScoreJob, createdAt: Date): ScoringRow {
  return { _id: field, ...job, createdAt };
}

/** Queues the scores of a contact that changed, to be updated soon. */
export async function contactChanged(
  scope: TenantScope,
  contactId: string,
  { queue, clock }: { readonly queue: JobQueue; readonly clock: Clock },
): Promise<void> {
  const { items } = await scope.store(tabularStore).scorings.list({ limit: MOST_FOLLOWED });
  const at = new Date(clock.now().getTime() + RESCORE_AFTER_MS);
  for (const { _id: field } of items) {
    const key = `${field} of ${contactId}`;
    await queue.enqueue(rescoreJob, scope.tenantId, { contactId, field }, { key, at });
  }
}

export async function rescoreContact(
  scope: TenantScope,
  { contactId, field }: RescoreJob,
  { signal }: Pick<JobRun, 'signal'>,
  deps: Omit<BatchScoringDependencies, 'predict'> & {
    predict(modelId: string, rows: readonly RawRow[]): Promise<Predictions>;
  },
): Promise<void> {
  const { scorings, models } = scope.store(tabularStore);
  const scoring = await scorings.get(field);
  const contact = await scope.contacts.get(contactId);
  if (scoring === undefined || contact === undefined) return;
  const model = await models.get(scoring.modelId);
  if (model === undefined) {
    await scorings.remove(field);
    return;
  }
  const job = { ...scoring, field };
  const predict = (rows: readonly RawRow[]): Promise<Predictions> => deps.predict(model._id, rows);
  const matchedNames = await scoreBatch(scope, [contact], model, job, signal, { ...deps, predict });
  const was = String(contact.fields[field] ?? '');
  await reportRuleMatches(
    scope,
    job,
    matchedNames,
    `rescore ${model._id} ${field} ${contact.id} ${was}`,
    deps,
  );
}
