import { defineJob, handleJob, type Job, type JobQueue } from '../../contracts/queue.js';
import type { Clock, MakeId } from '../../contracts/runtime.js';
import type { TenantScope } from '../../contracts/stores.js';
import { TabularError } from '../../contracts/tabular.js';
import { chooseColumns } from '../features/choose-columns.js';
import { tabularStore, type TrainingRow } from '../records/records.js';
import type { NewTraining } from './new-training.js';
import { fail, runTraining, type TrainingDependencies } from './run-training.js';

const trainJob = defineJob<{ readonly trainingId: string }>('tabular.train', { concurrency: 1, tries: 3 });
/** Interval between checks of a training that is being waited for, in ms. */
const LOOK_EVERY_MS = 200;
/**
 * A process that trains by itself says this often that it is still there; if it has not for the longer time,
 * the service takes its training over. In ms.
 */
const RENEW_EVERY_MS = 20_000;
const TAKEN_OVER_AFTER_MS = 90_000;

export interface TrainingsDependencies extends TrainingDependencies {
  readonly queue: JobQueue;
  readonly makeId: MakeId;
}

/** Trains in this process; `signal` stops the training for good. */
export async function trainNow(
  scope: TenantScope,
  request: NewTraining,
  signal: AbortSignal,
  deps: TrainingsDependencies,
): Promise<TrainingRow> {
  const row = await prepare(scope, request, deps);
  if (row === undefined) throw new TabularError('not-a-table', 'There is no such dataset.');
  const over = new AbortController();
  await putOffTakeover(scope, row._id, deps);
  const renewing = renewUntil(over.signal, scope, row._id, deps);
  try {
    await runTraining(scope, row._id, { signal, attempt: 1, progress: () => Promise.resolve() }, deps);
  } catch (error) {
    if (signal.aborted) await stopTraining(scope, row._id, deps);
    else if (error instanceof TabularError) await fail(scope, row, error, deps);
    else throw error;
  } finally {
    over.abort();
    await renewing;
  }
  await deps.queue.cancel(trainJob, scope.tenantId, row._id);
  return (await scope.store(tabularStore).trainings.get(row._id)) ?? row;
}

async function putOffTakeover(
  scope: TenantScope,
  trainingId: string,
  { queue, clock }: Pick<TrainingsDependencies, 'queue' | 'clock'>,
): Promise<void> {
  const at = new Date(clock.now().getTime() + TAKEN_OVER_AFTER_MS);
  await queue.enqueue(trainJob, scope.tenantId, { trainingId }, { key: trainingId, at });
}

async function renewUntil(
  over: AbortSignal,
  scope: TenantScope,
  trainingId: string,
  deps: TrainingsDependencies,
): Promise<void> {
  for (;;) {
    try {
      await deps.clock.sleep(RENEW_EVERY_MS, over);
      await putOffTakeover(scope, trainingId, deps);
    } catch {
      // The training is over; or the store is out of reach, and the next time may work.
      if (over.aborted) return;
    }
  }
}

export async function queueTraining(
  scope: TenantScope,
  request: NewTraining,
  deps: Pick<TrainingsDependencies, 'queue' | 'clock' | 'makeId'>,
): Promise<TrainingRow | undefined> {
  const row = await prepare(scope, request, deps);
  if (row?.status === 'queued') {
    await deps.queue.enqueue(trainJob, scope.tenantId, { trainingId: row._id }, { key: row._id });
  }
  return row;
}

/** Validates a request and stores it, once per id. */
async function prepare(
  scope: TenantScope,
  request: NewTraining,
  { clock, makeId }: Pick<TrainingsDependencies, 'clock' | 'makeId'>,
): Promise<TrainingRow | undefined> {
  const { trainings, datasets } = scope.store(tabularStore);
  const dataset = await datasets.get(request.datasetId);
  if (dataset === undefined) return undefined;
  const existing = request.id === undefined ? undefined : await trainings.get(request.id);
  if (existing !== undefined) return existing;
  chooseColumns(dataset.columns, dataset.rows, request.wish);
  const { id, wish, name = wish.target, userId, onlyIfBetter, conversationId, turnId, locale } = request;
  const row: TrainingRow = {
    _id: id ?? makeId('training'),
    datasetId: dataset._id,
    fileName: dataset.fileName,
    wish,
    name,
    status: 'queued',
    progress: 0,
    stage: 'queued',
    userId,
    ...(onlyIfBetter === undefined ? {} : { onlyIfBetter }),
    ...(conversationId === undefined ? {} : { conversationId }),
    ...(turnId === undefined ? {} : { turnId }),
    ...(locale === undefined ? {} : { locale }),
    createdAt: clock.now(),
  };
  await trainings.insert(row);
  return row;
}

export async function stopTraining(
  scope: TenantScope,
  id: string,
  { queue, clock, tell }: Pick<TrainingsDependencies, 'queue' | 'clock' | 'tell'>,
): Promise<TrainingRow | undefined> {
  const { trainings } = scope.store(tabularStore);
  const stopped = await trainings.updateStoppable(id, {
    status: 'failed',
    stage: 'failed',
    error: { code: 'cancelled', detail: 'The training was stopped.' },
    finishedAt: clock.now(),
  });
  if (stopped === undefined) return trainings.get(id);
  await queue.cancel(trainJob, scope.tenantId, id);
  await tell.finished(scope, stopped);
  return stopped;
}

export async function trainingOver(
  scope: TenantScope,
  id: string,
  signal: AbortSignal,
  { clock }: { readonly clock: Clock },
): Promise<TrainingRow | undefined> {
  for (;;) {
    const row = await scope.store(tabularStore).trainings.get(id);
    if (row === undefined || row.status === 'done' || row.status === 'failed') return row;
    await clock.sleep(LOOK_EVERY_MS, signal);
  }
}

export function trainingJob(deps: TrainingsDependencies): Job {
  return handleJob(trainJob, {
    run: (scope, { trainingId }, run) => runTraining(scope, trainingId, run, deps),
    async givenUp(scope, { trainingId }, cause) {
      const training = await scope.store(tabularStore).trainings.get(trainingId);
      if (training === undefined) return;
      const error =
        cause instanceof TabularError
          ? cause
          : new TabularError('failed', 'The training failed again and again.', {
              cause,
              reason: { key: 'tables.reason.failedAgain' },
            });
      await fail(scope, training, error, deps);
    },
  });
}
