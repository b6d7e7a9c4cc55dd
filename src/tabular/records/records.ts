import type { Locale } from '../../contracts/message.js';
import type { ColumnType, ReadingChoices, TableProfile, TableReason } from '../../contracts/tabular.js';
import { defineRoomStore, defineRoomTable, type RoomData } from '../../contracts/stores.js';
import type { Row } from '../../contracts/stores/room-store.js';
import type { TrainingChoices } from '../features/choose-columns.js';
import type { ColumnImportance } from '../explain/importance.js';
import type { ScoreRule } from '../service/score-rule.js';
import { recordsOf, text, type Records } from './record-list.js';

export interface DatasetRow extends Row, TableProfile {
  readonly name: string;
  readonly fileName: string;
  readonly fileId: string;
  readonly bytes: number;
  /**
   * Corrections to how the table is read; types as pairs, because a column name may not be a valid key of the
   * store.
   */
  readonly choices?: Omit<ReadingChoices, 'types'> & {
    readonly types?: readonly (readonly [string, ColumnType])[];
  };
  readonly createdAt: Date;
}

export type TrainingStatus = 'queued' | 'running' | 'done' | 'failed';

export interface TrainingRow extends Row {
  readonly datasetId: string;
  readonly fileName: string;
  readonly wish: TrainingChoices;
  readonly name: string;
  readonly status: TrainingStatus;
  readonly progress: number;
  readonly stage: string;
  /** Who requested it: the contact, or the API key. */
  readonly userId: string;
  /** The conversation to notify when it is done. */
  readonly conversationId?: string;
  /** Activates the model only if it is better than the one in use. */
  readonly onlyIfBetter?: boolean;
  /** The turn whose message shows the progress, on channels that can edit messages. */
  readonly turnId?: string;
  readonly locale?: Locale;
  /** Its result is being stored, so it can no longer be stopped. */
  readonly storing?: boolean;
  readonly modelId?: string;
  readonly metrics?: ModelMetrics;
  readonly error?: { readonly code: string; readonly detail: string; readonly reason?: TableReason };
  readonly createdAt: Date;
  readonly finishedAt?: Date;
  readonly durationMs?: number;
}

/** In the format of the API. */
export interface ModelMetrics {
  readonly task: string;
  readonly folds: number;
  /** Rows the figures are based on, predicted by models that never saw them. */
  readonly rows: number;
  readonly rows_learned: number;
  readonly chosen: 'trees' | 'linear';
  readonly split: string;
  readonly accuracy?: number;
  readonly accuracy_interval?: readonly number[];
  readonly macro_f1?: number;
  readonly auc?: number;
  readonly log_loss?: number;
  readonly calibration_error?: number;
  /**
   * For each range of probabilities: the mean probability, the share that was right, and the number of rows.
   */
  readonly calibration?: readonly { readonly said: number; readonly right: number; readonly rows: number }[];
  /** If one of two classes is rare: the probability from which it is predicted, and the resulting figures. */
  readonly rare?: {
    readonly class: string;
    readonly share: number;
    readonly threshold: number;
    readonly recall: number;
    readonly precision: number;
    readonly f1: number;
  };
  /** Figures of each class on rows the model never saw. */
  readonly classes?: readonly {
    readonly class: string;
    readonly rows: number;
    readonly recall: number;
    readonly precision: number;
  }[];
  /** If some of many classes are rare: the weight of each when one is chosen. */
  readonly say_weights?: readonly number[];
  readonly rmse?: number;
  readonly rmse_interval?: readonly number[];
  readonly mae?: number;
  readonly r2?: number;
  readonly baseline: Readonly<Record<string, number | string>>;
  readonly confusion?: {
    readonly labels: readonly string[];
    readonly counts: readonly (readonly number[])[];
  };
  readonly leaks: readonly { readonly column: string; readonly strength: number }[];
  readonly left_out: readonly { readonly column: string; readonly reason: string }[];
  readonly rows_without_target: number;
  readonly rows_in_table: number;
}

export interface ModelRow extends Row {
  readonly name: string;
  readonly version: number;
  readonly task: string;
  readonly target: string;
  readonly classes?: readonly string[];
  /** Columns that rows must have. */
  readonly columns: readonly string[];
  readonly metrics?: ModelMetrics;
  readonly importance: readonly ColumnImportance[];
  /** For regression: actual and predicted values, for the picture. */
  readonly points?: readonly (readonly [number, number])[];
  readonly active: boolean;
  /** Counts the activations of its name; the highest one counts. */
  readonly activation?: number;
  readonly source: 'trained' | 'brought';
  readonly sizeBytes: number;
  readonly artifactId: string;
  /** The model in our own format; absent if an ONNX file was uploaded. */
  readonly nativeId?: string;
  readonly datasetId?: string;
  /** The request it was trained with, so that it can be repeated. */
  readonly wish?: TrainingChoices;
  /** Columns already reported to staff as no longer resembling the training data. */
  readonly drifted?: readonly string[];
  readonly createdAt: Date;
}

/** A contact field that is scored again after each change of the contact; its id is the name of the field. */
export interface ScoringRow extends Row {
  readonly modelId: string;
  readonly of?: string;
  readonly rule?: ScoreRule;
  readonly createdAt: Date;
}

/** A contact field that is scored on a schedule; its id is the name of the field. */
export interface ScoreScheduleRow extends ScoringRow {
  readonly cron: string;
}

/** The highest numbers given to models of one name, which is its id. */
interface NumbersRow extends Row {
  readonly version?: number;
  readonly activation?: number;
}

/** A prediction whose values are being asked for one by one; its id is the conversation's. */
export interface AskedRow extends Row {
  readonly modelId: string;
  /** In the order they are asked for. */
  readonly columns: readonly string[];
  /** In the order of `columns`; `null` if not given yet, empty if skipped. */
  readonly values: readonly (string | null)[];
  readonly createdAt: Date;
}

export interface TabularRecords {
  readonly asked: Records<AskedRow>;
  readonly datasets: Records<DatasetRow>;
  readonly trainings: Records<TrainingRow> & {
    /** Updates a training that is not over; `undefined`: it is over, or gone. */
    updateOpen(id: string, change: Partial<TrainingRow>): Promise<TrainingRow | undefined>;
    /** Updates a training that can still be stopped: it is not over, nor is its result being stored. */
    updateStoppable(id: string, change: Partial<TrainingRow>): Promise<TrainingRow | undefined>;
  };
  readonly scorings: Records<ScoringRow>;
  readonly scoreSchedules: Records<ScoreScheduleRow>;
  readonly models: Records<ModelRow> & {
    /** The active model of a name; without a name the newest active one. */
    active(name?: string): Promise<ModelRow | undefined>;
    /** A version number for a new model of this name; never the same one twice, whichever process asks. */
    nextVersion(name: string): Promise<number>;
    /** Versions of one name, newest first; at most 20. */
    versions(name: string): Promise<readonly ModelRow[]>;
    /** The active model of each name, newest first; at most 100. */
    allActive(): Promise<readonly ModelRow[]>;
    /** Makes it the active model of its name. */
    activate(row: ModelRow): Promise<void>;
  };
}

const MOST_VERSIONS = 20;
const MOST_ACTIVE = 100;
const NEWEST_FIRST = [{ keys: { createdAt: -1, _id: -1 } }] as const;
const datasetTable = defineRoomTable<DatasetRow>('datasets', NEWEST_FIRST);
const trainingTable = defineRoomTable<TrainingRow>('trainings', NEWEST_FIRST);
const askedTable = defineRoomTable<AskedRow>('tabular_asked', [
  { keys: { createdAt: 1 }, options: { expireAfterSeconds: 24 * 60 * 60 } },
]);
const scoringTable = defineRoomTable<ScoringRow>('tabular_scorings', NEWEST_FIRST);
const scoreScheduleTable = defineRoomTable<ScoreScheduleRow>('tabular_score_schedules', NEWEST_FIRST);
const modelTable = defineRoomTable<ModelRow>('tabular_models', NEWEST_FIRST);
const numbersTable = defineRoomTable<NumbersRow>('tabular_model_numbers');

/** What the room stores for each tenant: tables, trainings and models. */
export const tabularStore = defineRoomStore<TabularRecords>({
  tables: [
    askedTable,
    datasetTable,
    trainingTable,
    scoringTable,
    scoreScheduleTable,
    modelTable,
    numbersTable,
  ],
  open: (data) => ({
    asked: recordsOf(data, askedTable),
    datasets: recordsOf(data, datasetTable),
    trainings: { ...recordsOf(data, trainingTable), ...trainingUpdates(data) },
    scorings: recordsOf(data, scoringTable),
    scoreSchedules: recordsOf(data, scoreScheduleTable),
    models: { ...recordsOf(data, modelTable), ...modelQueries(data) },
  }),
});

function trainingUpdates({ rows }: RoomData): Omit<TabularRecords['trainings'], keyof Records<TrainingRow>> {
  const update = async (
    id: string,
    when: { readonly storing?: { readonly $ne: true } },
    change: Partial<TrainingRow>,
  ): Promise<TrainingRow | undefined> =>
    (await rows(trainingTable).findOneAndUpdate(
      { ...when, _id: text(id), status: { $in: ['queued', 'running'] } },
      { $set: change },
      { returnDocument: 'after' },
    )) ?? undefined;
  return {
    updateOpen: (id, change) => update(id, {}, change),
    updateStoppable: (id, change) => update(id, { storing: { $ne: true } }, change),
  };
}

function modelQueries(data: RoomData): Omit<TabularRecords['models'], keyof Records<ModelRow>> {
  const { rows } = data;
  return {
    async active(name) {
      const newest =
        name === undefined
          ? await rows(modelTable).findOne({ active: true }, { sort: { createdAt: -1, _id: -1 } })
          : await rows(modelTable).findOne(
              { active: true, name: text(name) },
              { sort: { activation: -1, createdAt: -1, _id: -1 } },
            );
      return newest ?? undefined;
    },
    nextVersion: (name) => nextNumber(data, text(name), 'version'),
    versions: (name) =>
      rows(modelTable)
        .find({ name: text(name) }, { sort: { version: -1 }, limit: MOST_VERSIONS })
        .toArray(),
    allActive: () =>
      rows(modelTable)
        .find({ active: true }, { sort: { createdAt: -1, _id: -1 }, limit: MOST_ACTIVE })
        .toArray(),
    async activate({ _id, name }) {
      const activation = await nextNumber(data, name, 'activation');
      const change = { $set: { active: true, activation } };
      const { matchedCount } = await rows(modelTable).updateOne({ _id }, change);
      // It was removed meanwhile; the one in use stays.
      if (matchedCount === 0) return;
      // Another process may have activated a later one meanwhile, which then stays.
      const latest = await rows(modelTable).findOne({ name, active: true }, { sort: { activation: -1 } });
      const isEarlier = [
        { activation: { $lt: latest?.activation ?? activation } },
        { activation: { $exists: false } },
      ];
      await rows(modelTable).updateMany({ name, $or: isEarlier }, { $set: { active: false } });
    },
  };
}

/** Counts in one atomic step, after the highest number of the models that were stored without being counted. */
async function nextNumber({ rows }: RoomData, name: string, kind: 'version' | 'activation'): Promise<number> {
  const newest = await rows(modelTable).findOne({ name }, { sort: { [kind]: -1 } });
  const numbers = rows(numbersTable);
  await numbers.updateOne({ _id: name }, { $max: { [kind]: newest?.[kind] ?? 0 } }, { upsert: true });
  const counted = await numbers.findOneAndUpdate(
    { _id: name },
    { $inc: { [kind]: 1 } },
    { returnDocument: 'after' },
  );
  return counted?.[kind] ?? 1;
}
