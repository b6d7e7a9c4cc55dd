import { TabularError } from '../../contracts/tabular.js';
import type { JobRun } from '../../contracts/queue.js';
import type { Clock, MakeId } from '../../contracts/runtime.js';
import type { TenantScope } from '../../contracts/stores.js';
import { derivedId } from '../../lib/make-id.js';
import { tabularStore, type ModelRow, type TrainingRow } from '../records/records.js';
import type { TrainedWork } from '../work/messages.js';
import type { RunWork } from '../work/run-work.js';
import type { TellTraining } from '../report/tell-training.js';
import { bytesOf, profileOf } from './datasets.js';
import { isImprovement } from './retrain.js';
import { metricsJson } from './metrics-json.js';
import type { ModelFiles } from './model-files.js';

/** Shortest interval between updates of the progress, in ms. */
const WRITE_EVERY_MS = 1000;

export interface TrainingDependencies {
  readonly runWork: RunWork;
  readonly files: ModelFiles;
  readonly clock: Clock;
  readonly makeId: MakeId;
  readonly tell: Pick<TellTraining, 'progress' | 'finished'>;
}

/** One attempt at a training. If a crash interrupted it, it starts over; a finished one is left as it is. */
export async function runTraining(
  scope: TenantScope,
  trainingId: string,
  run: JobRun,
  deps: TrainingDependencies,
): Promise<void> {
  const { trainings, datasets } = scope.store(tabularStore);
  const training = await trainings.get(trainingId);
  if (training === undefined || isOver(training)) return;
  const startedAt = deps.clock.now();
  await trainings.update(trainingId, { status: 'running', stage: 'reading', progress: 0 });
  try {
    const dataset = await datasets.get(training.datasetId);
    if (dataset === undefined)
      throw new TabularError('not-a-table', 'The dataset is gone.', {
        reason: { key: 'tables.reason.datasetGone' },
      });
    const work = await deps.runWork(
      {
        type: 'train',
        profile: profileOf(dataset),
        wish: training.wish,
        name: training.name,
      },
      await bytesOf(scope, dataset),
      { signal: run.signal, onProgress: progressWriter(scope, training, run, deps) },
    );
    await finish(scope, training, work, startedAt, deps);
  } catch (error) {
    if (run.signal.aborted || !(error instanceof TabularError)) throw error;
    await fail(scope, training, error, deps);
  }
}

function isOver({ status }: TrainingRow): boolean {
  return status === 'done' || status === 'failed';
}

function progressWriter(
  scope: TenantScope,
  training: TrainingRow,
  run: JobRun,
  { tell }: TrainingDependencies,
) {
  let writtenAt = 0;
  return (stage: string, share: number): void => {
    const now = performance.now();
    if (now - writtenAt < WRITE_EVERY_MS) return;
    writtenAt = now;
    const progress = Math.min(0.99, share);
    // A lost update is made up for by the next one.
    void scope
      .store(tabularStore)
      .trainings.update(training._id, { stage, progress }, { status: 'running' })
      .catch(() => undefined);
    tell.progress(scope, { ...training, stage, progress });
    void run.progress(progress).catch(() => undefined);
  };
}

async function finish(
  scope: TenantScope,
  training: TrainingRow,
  { result, artifact }: TrainedWork,
  startedAt: Date,
  deps: TrainingDependencies,
): Promise<void> {
  const { trainings, models } = scope.store(tabularStore);
  // A second attempt after a crash stores the same model, not another one.
  const modelId = derivedId('model', training._id);
  const metrics = metricsJson(result);
  if ((await models.get(modelId)) === undefined) {
    const file = await scope.files.save({
      kind: 'document',
      fileName: `${training.name}.onnx`,
      mediaType: 'application/octet-stream',
      bytes: artifact,
    });
    const { model, figures, importance } = result;
    const row: ModelRow = {
      _id: modelId,
      name: training.name,
      version: (await models.newestVersion(training.name)) + 1,
      task: model.task,
      target: model.target,
      ...(model.classes === undefined ? {} : { classes: [...model.classes] }),
      columns:
        model.predictor.type === 'text'
          ? [...model.predictor.columns]
          : model.plans.map(({ column }) => column),
      metrics,
      importance: [...importance],
      ...(figures.type === 'numbers' ? { points: figures.points } : {}),
      active: false,
      wish: training.wish,
      source: 'trained',
      sizeBytes: artifact.length,
      artifactId: file.id,
      nativeId: await deps.files.save(scope, model, training.name),
      datasetId: training.datasetId,
      createdAt: deps.clock.now(),
    };
    const inUse = training.onlyIfBetter === true ? await models.active(training.name) : undefined;
    await models.insert(row);
    if (inUse === undefined || isImprovement(metrics, inUse.metrics)) await models.activate(row);
  }
  const finishedAt = deps.clock.now();
  const done = await trainings.update(training._id, {
    status: 'done',
    stage: 'done',
    progress: 1,
    modelId,
    metrics,
    finishedAt,
    durationMs: finishedAt.getTime() - startedAt.getTime(),
  });
  if (done !== undefined) await deps.tell.finished(scope, done);
}

export async function fail(
  scope: TenantScope,
  training: TrainingRow,
  error: TabularError,
  deps: Pick<TrainingDependencies, 'clock' | 'tell'>,
): Promise<void> {
  const finishedAt = deps.clock.now();
  const { kind, message: detail, options } = error;
  const { reason } = options;
  const failed = await scope.store(tabularStore).trainings.update(training._id, {
    status: 'failed',
    stage: 'failed',
    error: { code: kind.replaceAll('-', '_'), detail, ...(reason === undefined ? {} : { reason }) },
    finishedAt,
    durationMs: finishedAt.getTime() - training.createdAt.getTime(),
  });
  if (failed !== undefined) await deps.tell.finished(scope, failed);
}
