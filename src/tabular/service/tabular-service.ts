import type { TableAnswer, TableQuestion } from '../ask/question.js';
import { TabularError, type ReadingChoices } from '../../contracts/tabular.js';
import type { I18n } from '../../contracts/i18n.js';
import type { MessageIntents, PredictedIntent } from '../../contracts/intents.js';
import { handleJob, type Job, type JobQueue } from '../../contracts/queue.js';
import type { Clock, MakeId } from '../../contracts/runtime.js';
import type { TenantScope } from '../../contracts/stores.js';
import type { ColumnPlan } from '../features/column-plan.js';
import { DriftWatch } from '../evaluate/drift.js';
import { encodeRows, type RawRow } from '../features/encode-rows.js';
import { explainRow, type Contribution } from '../explain/contributions.js';
import type { PredictedTable } from '../model/predict-table.js';
import type { Predictions } from '../model/predict.js';
import { tabularStore, type DatasetRow, type ModelRow, type TrainingRow } from '../records/records.js';
import type { Reader } from '../report/reader.js';
import type { TellTraining } from '../report/tell-training.js';
import { checkModel, predictWithBrought, runBroughtModel } from '../work/run-onnx.js';
import type { RunWork } from '../work/run-work.js';
import { addDataset, askDataset, removeDataset, rereadDataset, type NewDataset } from './datasets.js';
import { contactChanged, rescoreContact, rescoreJob } from './follow-contacts.js';
import { ModelFiles } from './model-files.js';
import { usesOf, type ModelUses } from './model-uses.js';
import type { NewTraining } from './new-training.js';
import { removeModel, type RemovedModel } from './remove-model.js';
import { dueTraining, retrainingOf, retrainJob } from './retrain.js';
import type { RuleDependencies } from './score-rule.js';
import { scoreContacts, scoreJob, scoringOf, type NewScoring, type Scoring } from './score-contacts.js';
import { reportOutcome } from './report-outcome.js';
import {
  queueTraining,
  stopTraining,
  trainingJob,
  trainingOver,
  trainNow,
  type TrainingsDependencies,
} from './trainings.js';

export interface TabularDependencies extends RuleDependencies {
  readonly queue: JobQueue;
  readonly runWork: RunWork;
  readonly clock: Clock;
  readonly makeId: MakeId;
  readonly tell: Pick<TellTraining, 'progress' | 'finished'>;
  readonly i18n: Pick<I18n, 'translator'>;
}

export interface RowPredictions extends Predictions {
  readonly modelId: string;
}

export interface PredictedFile extends PredictedTable {
  readonly model: ModelRow;
  /** The table with its predictions, in parts. */
  readonly csv: readonly Uint8Array[];
}

/** Tables, the models trained on them, and their predictions, for one tenant at a time. */
export class TabularService implements MessageIntents {
  private readonly files = new ModelFiles();

  constructor(private readonly deps: TabularDependencies) {}

  addDataset(scope: TenantScope, dataset: NewDataset): Promise<DatasetRow> {
    return addDataset(scope, dataset, this.deps);
  }

  /** Reads a table in a different way. Throws `TabularError`. */
  rereadDataset(scope: TenantScope, row: DatasetRow, change: ReadingChoices): Promise<DatasetRow> {
    return rereadDataset(scope, row, change, this.deps);
  }

  /** Answers a question from the rows. Throws `TabularError`. */
  askDataset(scope: TenantScope, row: DatasetRow, question: TableQuestion): Promise<TableAnswer> {
    return askDataset(scope, row, question, this.deps);
  }

  removeDataset(scope: TenantScope, id: string): Promise<boolean> {
    return removeDataset(scope, id);
  }

  /**
   * Trains immediately, in case no service is running to take it from the queue; `signal` stops it for good.
   * Throws `TabularError`.
   */
  trainNow(scope: TenantScope, request: NewTraining, signal: AbortSignal): Promise<TrainingRow> {
    return trainNow(scope, request, signal, this.trainingDeps());
  }

  /**
   * Queues a training; requests that cannot work are refused at once. `undefined`: no such dataset. Throws
   * `TabularError`.
   */
  train(scope: TenantScope, request: NewTraining): Promise<TrainingRow | undefined> {
    return queueTraining(scope, request, this.trainingDeps());
  }

  /**
   * Stops a training that is neither over nor being stored, and returns it as it is then. `undefined`: there is
   * no such training.
   */
  cancel(scope: TenantScope, id: string): Promise<TrainingRow | undefined> {
    return stopTraining(scope, id, this.deps);
  }

  /** Resolves when the training is over; rejects if the signal aborts. */
  finished(scope: TenantScope, id: string, signal: AbortSignal): Promise<TrainingRow | undefined> {
    return trainingOver(scope, id, signal, this.deps);
  }

  private trainingDeps(): TrainingsDependencies {
    return { ...this.deps, files: this.files };
  }

  jobs(): readonly Job[] {
    return [
      trainingJob(this.trainingDeps()),
      handleJob(retrainJob, {
        run: async (scope, data) => {
          const training = await dueTraining(scope, data);
          if (training !== undefined) await this.train(scope, training);
        },
      }),
      handleJob(rescoreJob, {
        run: (scope, data, run) =>
          rescoreContact(scope, data, run, {
            ...this.deps,
            predict: (modelId, rows) => this.predictRows(scope, modelId, rows),
          }),
      }),
      handleJob(scoreJob, {
        run: (scope, data, run) =>
          scoreContacts(scope, data, run, {
            ...this.deps,
            watchDrift: () => this.watchDrift(scope, data.modelId),
            predict: (rows) => this.predictRows(scope, data.modelId, rows),
          }),
      }),
    ];
  }

  /** Retrains on a schedule or now. Throws `TabularError`, `QueueError` of kind `invalid-schedule`. */
  retrain(
    scope: TenantScope,
    model: ModelRow,
    options: { readonly schedule?: string | null; readonly conversationId?: string },
  ): Promise<Date | undefined> {
    return retrainingOf(scope, model, options, this.deps.queue);
  }

  /** Compares rows with those a model learned from. */
  private async watchDrift(scope: TenantScope, modelId: string) {
    const predictor = await this.files.predictor(scope, await this.model(scope, modelId));
    const { plans, reference } = predictor?.model ?? {};
    if (plans === undefined || reference === undefined) return undefined;
    const watch = new DriftWatch(reference);
    return {
      add: (rows: readonly RawRow[]) => {
        if (rows.length > 0) watch.add(encodeRows(plans, rows));
      },
      report: () => watch.report(),
    };
  }

  /** Queues the scoring of all contacts. Throws `TabularError`, `QueueError` of kind `invalid-schedule`. */
  async score(scope: TenantScope, request: NewScoring): Promise<Scoring> {
    return scoringOf(scope, await this.model(scope, request.modelId), request, this.deps);
  }

  /** Queues the scores that follow changes of a contact. */
  contactChanged(scope: TenantScope, contactId: string): Promise<void> {
    return contactChanged(scope, contactId, this.deps);
  }

  /** The model of this id or name; without either the newest active one. Throws `TabularError` `no-model`. */
  async model(scope: TenantScope, idOrName?: string): Promise<ModelRow> {
    const { models } = scope.store(tabularStore);
    const row =
      idOrName === undefined
        ? await models.active()
        : ((await models.get(idOrName)) ?? (await models.active(idOrName)));
    if (row === undefined) {
      throw new TabularError(
        'no-model',
        idOrName === undefined ? 'There is no model yet; train one first.' : 'There is no such model.',
      );
    }
    return row;
  }

  /** @throws TabularError */
  async predictRows(
    scope: TenantScope,
    idOrName: string | undefined,
    rows: readonly RawRow[],
  ): Promise<RowPredictions> {
    const row = await this.model(scope, idOrName);
    const predictor = await this.files.predictor(scope, row);
    const predictions =
      predictor?.predictRows(rows) ?? (await runBroughtModel(await this.artifact(scope, row), rows));
    return { modelId: row._id, ...predictions };
  }

  /** The intent that a text model predicts for a message; `undefined` if it cannot tell. */
  async intentOf(scope: TenantScope, name: string, text: string): Promise<PredictedIntent | undefined> {
    const row = await scope.store(tabularStore).models.active(name);
    if (row?.task !== 'text') return undefined;
    return (await this.files.predictor(scope, row))?.takenFor(text);
  }

  /** Pictures for programs are in the language of the business. */
  reader({ settings: { locale } }: TenantScope): Reader {
    return { t: this.deps.i18n.translator(locale), locale };
  }

  /** How the model reads its columns; empty for text models and uploaded models. */
  async plans(scope: TenantScope, modelRow: ModelRow): Promise<readonly ColumnPlan[]> {
    return (await this.files.predictor(scope, modelRow))?.model.plans ?? [];
  }

  /** Why a row gets its prediction, strongest reason first; empty for uploaded models. */
  async explain(
    scope: TenantScope,
    modelRow: ModelRow,
    row: RawRow,
    prediction: string | number,
  ): Promise<Contribution[]> {
    const predictor = await this.files.predictor(scope, modelRow);
    if (predictor === undefined) return [];
    const output = predictor.model.classes?.indexOf(String(prediction)) ?? 0;
    return explainRow(predictor.model, row, Math.max(0, output));
  }

  /** Adds the predictions to a table, in new columns. @throws TabularError */
  async predictFile(
    scope: TenantScope,
    idOrName: string | undefined,
    bytes: Uint8Array,
    {
      because,
      signal,
      tellsStaff = false,
    }: {
      readonly because?: string;
      readonly signal?: AbortSignal;
      /** Tells staff if the model has become worse, for callers whose result no person reads. */
      readonly tellsStaff?: boolean;
    } = {},
  ): Promise<PredictedFile> {
    const row = await this.model(scope, idOrName);
    const predictor = await this.files.predictor(scope, row);
    if (predictor === undefined) return predictBroughtFile(row, await this.artifact(scope, row), bytes);
    const request = {
      type: 'predict',
      model: predictor.model,
      choices: {},
      ...(because === undefined ? {} : { because }),
    } as const;
    const csv: Uint8Array[] = [];
    const onOutput = (part: Uint8Array): void => void csv.push(part);
    const table = await this.deps.runWork(request, [bytes], { onOutput, ...(signal && { signal }) });
    if (tellsStaff) await reportOutcome(scope, row, table.outcome, this.deps);
    return { model: row, csv, ...table };
  }

  async artifact(scope: TenantScope, row: ModelRow): Promise<Uint8Array> {
    const bytes = await scope.files.read(row.artifactId);
    if (bytes === undefined) throw new TabularError('no-model', 'The file of the model is gone.');
    return bytes;
  }

  async activate(scope: TenantScope, id: string): Promise<ModelRow | undefined> {
    const { models } = scope.store(tabularStore);
    const row = await models.get(id);
    if (row !== undefined) await models.activate(row);
    return row && { ...row, active: true };
  }

  /** What changes if a version is removed. */
  uses(scope: TenantScope, model: ModelRow): Promise<ModelUses> {
    return usesOf(scope, model);
  }

  /** Removes a version and ends what it did; see `ModelUses`. `undefined`: there is no such model. */
  removeModel(scope: TenantScope, id: string): Promise<RemovedModel | undefined> {
    return removeModel(scope, id, { queue: this.deps.queue, files: this.files });
  }

  /** Stores an uploaded ONNX file after a child process has tried it. @throws TabularError `invalid-model` */
  async bringModel(
    scope: TenantScope,
    file: { readonly name: string; readonly bytes: Uint8Array },
  ): Promise<ModelRow> {
    const { models } = scope.store(tabularStore);
    const checked = await checkModel(file.bytes);
    const stored = await scope.files.save({
      kind: 'document',
      fileName: `${file.name}.onnx`,
      mediaType: 'application/octet-stream',
      bytes: file.bytes,
    });
    const row: ModelRow = {
      _id: this.deps.makeId('model'),
      name: file.name,
      version: await models.nextVersion(file.name),
      task: checked.hasClasses ? 'classification' : 'regression',
      target: '',
      columns: checked.inputs.map(({ name }) => name),
      importance: [],
      active: false,
      source: 'brought',
      sizeBytes: file.bytes.length,
      artifactId: stored.id,
      createdAt: this.deps.clock.now(),
    };
    await models.insert(row);
    await models.activate(row);
    return { ...row, active: true };
  }
}

/** What a model from somebody else learned from is unknown, so no drift is seen. */
async function predictBroughtFile(
  model: ModelRow,
  artifact: Uint8Array,
  bytes: Uint8Array,
): Promise<PredictedFile> {
  const { csv, rows, ...results } = await predictWithBrought(artifact, bytes);
  return { model, csv: [csv], rows, results, drift: { rows: 0, columns: [] } };
}
