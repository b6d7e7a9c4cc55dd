import { TabularError } from '../../contracts/tabular.js';
import type { JobRun } from '../../contracts/queue.js';
import type { Clock } from '../../contracts/runtime.js';
import type { TenantScope } from '../../contracts/stores.js';
import { derivedId } from '../../lib/ids/make-id.js';
import { tabularStore, type ModelRow, type TrainingRow } from '../records/records.js';
import type { TrainedWork } from '../work/messages.js';
import type { RunWork } from '../work/run-work.js';
import type { TellTraining } from '../report/tell-training.js';
import { piecesOf, profileOf } from './datasets.js';
import { isImprovement } from './retrain.js';
import { metricsJson } from './metrics-json.js';
import type { ModelFiles } from './model-files.js';

/** Shortest interval between updates of the progress, in ms. */
const WRITE_EVERY_MS = 1000;

export interface TrainingDependencies {
  readonly runWork: RunWork;
  readonly files: ModelFiles;
  readonly clock: Clock;
  readonly tell: Pick<TellTraining, 'progress' | 'finished'>;
}

/** One attempt at a training. If a crash interrupted it, it starts over; one that is over is left as it is. */
export async function runTraining(
  scope: TenantScope,
  trainingId: string,
  run: JobRun,
  deps: TrainingDependencies,
): Promise<void> {
  const { trainings, datasets } = scope.store(tabularStore);
  const begin = { status: 'running', stage: 'reading', progress: 0 } as const;
  const training = await trainings.updateOpen(trainingId, begin);
  if (training === undefined) return;
  const startedAt = deps.clock.now();
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
      await piecesOf(scope, dataset),
      { signal: run.signal, onProgress: progressWriter(scope, training, run, deps) },
    );
    await finish(scope, training, work, startedAt, deps);
  } catch (error) {
    // The queue tries an interrupted training again.
    if (run.signal.aborted || !(error instanceof TabularError) || error.kind === 'interrupted') throw error;
    await fail(scope, training, error, deps);
  }
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
      .trainings.updateOpen(training._id, { stage, progress })
      .then((current) => current && tell.progress(scope, current))
      .catch(() => undefined);
    void run.progress(progress).catch(() => undefined);
  };
}

async function finish(
  scope: TenantScope,
  { _id, name, onlyIfBetter = false }: TrainingRow,
  work: TrainedWork,
  startedAt: Date,
  deps: TrainingDependencies,
): Promise<void> {
  const { trainings, models } = scope.store(tabularStore);
  // From here on it cannot be stopped; if it was stopped before, nothing is stored.
  const training = await trainings.updateOpen(_id, { stage: 'saving', storing: true });
  if (training === undefined) return;
  // A second attempt after a crash stores the same model, not another one.
  const modelId = derivedId('model', _id);
  const model = (await models.get(modelId)) ?? (await storeModel(scope, modelId, training, work, deps));
  const metrics = metricsJson(work.result);
  const inUse = onlyIfBetter ? await models.active(name) : undefined;
  if (inUse === undefined || isImprovement(metrics, inUse.metrics)) await models.activate(model);
  const finishedAt = deps.clock.now();
  const done = await trainings.updateOpen(_id, {
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

async function storeModel(
  scope: TenantScope,
  modelId: string,
  { name, wish, datasetId }: TrainingRow,
  { result, artifact }: TrainedWork,
  { files, clock }: TrainingDependencies,
): Promise<ModelRow> {
  const { models } = scope.store(tabularStore);
  const file = await scope.files.save({
    kind: 'document',
    fileName: `${name}.onnx`,
    mediaType: 'application/octet-stream',
    bytes: artifact,
  });
  const { model, figures, importance } = result;
  const row: ModelRow = {
    _id: modelId,
    name,
    version: await models.nextVersion(name),
    task: model.task,
    target: model.target,
    ...(model.classes === undefined ? {} : { classes: [...model.classes] }),
    columns:
      model.predictor.type === 'text'
        ? [...model.predictor.columns]
        : model.plans.map(({ column }) => column),
    metrics: metricsJson(result),
    importance: [...importance],
    ...(figures.type === 'numbers' ? { points: figures.points } : {}),
    active: false,
    wish,
    source: 'trained',
    sizeBytes: artifact.length,
    artifactId: file.id,
    nativeId: await files.save(scope, model, name),
    datasetId,
    createdAt: clock.now(),
  };
  await models.insert(row);
  return row;
}

/** Records why a training failed, unless it is over. */
export async function fail(
  scope: TenantScope,
  training: TrainingRow,
  error: TabularError,
  deps: Pick<TrainingDependencies, 'clock' | 'tell'>,
): Promise<void> {
  const finishedAt = deps.clock.now();
  const { kind, message: detail, options } = error;
  const { reason } = options;
  const failed = await scope.store(tabularStore).trainings.updateOpen(training._id, {
    status: 'failed',
    stage: 'failed',
    error: { code: kind.replaceAll('-', '_'), detail, ...(reason === undefined ? {} : { reason }) },
    finishedAt,
    durationMs: finishedAt.getTime() - training.createdAt.getTime(),
  });
  if (failed !== undefined) await deps.tell.finished(scope, failed);
}
