import { defineJob, type JobQueue } from '../../contracts/queue.js';
import { allItems, type TenantScope } from '../../contracts/stores.js';
import { TabularError } from '../../contracts/tabular.js';
import { derivedId } from '../../lib/ids/make-id.js';
import { tabularStore, type DatasetRow, type ModelMetrics, type ModelRow } from '../records/records.js';
import type { NewTraining } from './new-training.js';

export interface RetrainJob {
  /** Name of the model. */
  readonly name: string;
  /** Where the result is reported. */
  readonly conversationId?: string;
}

export const retrainJob = defineJob<RetrainJob>('tabular.retrain', { concurrency: 1, tries: 3 });

/** Maximum number of tables searched for a newer one. */
const SEARCHED = 500;

const keyOf = (name: string): string => `every ${name}`;

/**
 * Retrains a model the way the version in use was trained, if there is a newer table of the same name; the
 * new version is used only if it is better. Repeats on a `schedule`, or runs once without one; `schedule:
 * null` ends the repetition.
 */
export async function retrainingOf(
  scope: TenantScope,
  model: ModelRow,
  { schedule, conversationId }: { readonly schedule?: string | null; readonly conversationId?: string },
  queue: JobQueue,
): Promise<Date | undefined> {
  if (model.wish === undefined) {
    throw new TabularError('cannot-train', 'A model that was brought cannot be trained again here.', {
      reason: { key: 'tables.reason.broughtNotTrained' },
    });
  }
  const { name } = model;
  const data = { name, ...(conversationId === undefined ? {} : { conversationId }) };
  if (schedule === null) {
    await queue.cancel(retrainJob, scope.tenantId, keyOf(name));
    return undefined;
  }
  if (schedule === undefined) {
    await queue.enqueue(retrainJob, scope.tenantId, data, { key: `now ${name}` });
    return undefined;
  }
  const { timezone } = scope.settings;
  return queue.repeat(retrainJob, scope.tenantId, data, { key: keyOf(name), cron: schedule, timezone });
}

/** The training that is due; `undefined` if there is nothing newer to learn from. */
export async function dueTraining(
  scope: TenantScope,
  { name, conversationId }: RetrainJob,
): Promise<NewTraining | undefined> {
  const { models, datasets } = scope.store(tabularStore);
  const [newest] = await models.versions(name);
  const inUse = (await models.active(name)) ?? newest;
  if (inUse?.wish === undefined || newest?.datasetId === undefined) return undefined;
  const learned = await datasets.get(newest.datasetId);
  const dataset = await newestNamed(scope, learned);
  if (dataset === undefined || dataset._id === newest.datasetId) return undefined;
  return {
    // Once for each table, however often the job runs.
    id: derivedId('training', 'again', name, dataset._id),
    datasetId: dataset._id,
    wish: inUse.wish,
    name,
    userId: 'schedule',
    onlyIfBetter: true,
    ...(conversationId === undefined ? {} : { conversationId }),
  };
}

async function newestNamed(
  scope: TenantScope,
  learned: DatasetRow | undefined,
): Promise<DatasetRow | undefined> {
  if (learned === undefined) return undefined;
  const all = await allItems((page) => scope.store(tabularStore).datasets.list(page), SEARCHED);
  return all.find((row) => row.name === learned.name);
}

/** Compares figures on unseen rows; with a tie the model in use stays. */
export function isImprovement(fresh: ModelMetrics, inUse: ModelMetrics | undefined): boolean {
  if (inUse === undefined) return true;
  if (fresh.rare !== undefined && inUse.rare !== undefined) return fresh.rare.f1 > inUse.rare.f1;
  const isUneven = fresh.say_weights !== undefined && inUse.say_weights !== undefined;
  if (isUneven) return (fresh.macro_f1 ?? 0) > (inUse.macro_f1 ?? 0);
  if (fresh.accuracy !== undefined && inUse.accuracy !== undefined) return fresh.accuracy > inUse.accuracy;
  return (fresh.r2 ?? 0) > (inUse.r2 ?? 0);
}
