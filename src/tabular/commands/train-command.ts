import {
  defineCommand,
  type CommandContext,
  type CommandReply,
  type SuggestionContext,
} from '../../contracts/command.js';
import type { DatasetColumn } from '../../contracts/tabular.js';
import { quote } from '../../lib/text/excerpt.js';
import { progressReply, trainingButtons } from '../report/progress-text.js';
import { reportButtons, trainingReport } from '../report/training-report.js';
import { tabularStore, type DatasetRow, type TrainingRow } from '../records/records.js';
import { addSent, datasetReply } from './datasets-command.js';
import type { NewTraining } from '../service/new-training.js';
import type { TabularNeeds } from './needs.js';
import { explainingTables } from './explain-problem.js';
import { findRecord, lookUpRecord, suggestRecords } from './find-record.js';

const STATUS = 'status';
const STOP = 'stop';
const WITHOUT = 'without';

const suggest = {
  dataset: ({ scope, typed }: SuggestionContext) => suggestRecords(scope.store(tabularStore).datasets, typed),
};

/**
 * `/train column` with a CSV file, or `/train column | dataset`; without a column, describes the table with
 * buttons for columns to predict. Its own buttons show the progress, stop the training, and train again without
 * columns that give the target away.
 */
export const trainCommand = defineCommand({
  name: 'train',
  audience: 'staff',
  description: 'tables.command.train',
  options: {
    column: { type: 'text', until: '|', maxLength: 200, description: 'tables.command.column' },
    dataset: { type: 'text', maxLength: 200, description: 'tables.command.dataset' },
    file: { type: 'file', description: 'tables.command.file' },
  },
  suggest,
  run: (context: CommandContext<TabularNeeds>, { column, dataset, file }) =>
    explainingTables(context.t, async () => {
      if (column === STATUS && dataset !== undefined) return status(context, dataset);
      if (column === STOP && dataset !== undefined) return stop(context, dataset);
      if (column === WITHOUT && dataset !== undefined) return withoutLeaks(context, dataset);
      const attachment = file ?? (dataset === undefined ? (await context.earlierFiles())[0] : undefined);
      const row =
        attachment === undefined ? await findDataset(context, dataset) : await addSent(context, attachment);
      if (row === undefined) return { text: context.t('tables.train.needFile') };
      if (column === undefined) return choose(context, row);
      return begin(context, row, column);
    }),
});

/** The named dataset, or else the newest. */
async function findDataset(
  { scope }: CommandContext,
  name: string | undefined,
): Promise<DatasetRow | undefined> {
  const { datasets } = scope.store(tabularStore);
  return name === undefined ? (await datasets.list({ limit: 1 })).items[0] : lookUpRecord(datasets, name);
}

function choose(context: CommandContext, row: DatasetRow): CommandReply {
  const reply = datasetReply(row, context);
  return { ...reply, text: `${reply.text}\n\n${context.t('tables.train.choose')}` };
}

async function begin(
  context: CommandContext<TabularNeeds>,
  row: DatasetRow,
  column: string,
): Promise<CommandReply> {
  return train(context, row, { wish: { target: columnOf(row, column)?.name ?? column } });
}

async function train(
  context: CommandContext<TabularNeeds>,
  row: DatasetRow,
  request: Pick<NewTraining, 'wish' | 'name'>,
): Promise<CommandReply> {
  const { t, scope, services, contact, conversation, locale } = context;
  const training = await services.tabular.train(scope, {
    ...request,
    datasetId: row._id,
    userId: contact.id,
    conversationId: conversation.id,
    turnId: context.turnId,
    locale,
  });
  if (training === undefined) return { text: t('tables.train.needFile') };
  return {
    text: t('tables.train.queued', {
      target: quote(training.wish.target),
      name: quote(row.name),
      rows: row.rows,
    }),
    buttons: trainingButtons(training._id, t),
  };
}

/** Finds a column by name, or by number if the name does not suit a button: `#3`. */
function columnOf({ columns }: DatasetRow, requestedName: string): DatasetColumn | undefined {
  const match = columns.find(({ name }) => name.toLowerCase() === requestedName.toLowerCase());
  const [, number] = /^#(\d{1,3})$/.exec(requestedName) ?? [];
  return match ?? (number === undefined ? undefined : columns[Number(number) - 1]);
}

/** Trains a model again from the same table, without the columns that all but give its target away. */
async function withoutLeaks(context: CommandContext<TabularNeeds>, id: string): Promise<CommandReply> {
  const { models, datasets } = context.scope.store(tabularStore);
  const model = await findRecord(models, id);
  const row = model?.datasetId === undefined ? undefined : await datasets.get(model.datasetId);
  if (model?.wish === undefined || row === undefined) {
    return { text: context.t('tables.notFound', { name: quote(id) }) };
  }
  const leaks = model.metrics?.leaks.map(({ column }) => column) ?? [];
  const features = model.columns.filter((column) => !leaks.includes(column));
  return train(context, row, { wish: { ...model.wish, features }, name: model.name });
}

async function status(context: CommandContext<TabularNeeds>, id: string): Promise<CommandReply> {
  const { t, scope } = context;
  const training = await findRecord(scope.store(tabularStore).trainings, id);
  return training === undefined
    ? { text: t('tables.notFound', { name: quote(id) }) }
    : statusOf(context, training);
}

/** How far a training is, or how it ended. */
async function statusOf({ t, scope }: CommandContext, training: TrainingRow): Promise<CommandReply> {
  if (training.status !== 'done' && training.status !== 'failed') return progressReply(training, t);
  const { models } = scope.store(tabularStore);
  const model = training.modelId === undefined ? undefined : await models.get(training.modelId);
  return { text: trainingReport(training, model, t), buttons: reportButtons(model, [], t) };
}

async function stop(context: CommandContext<TabularNeeds>, id: string): Promise<CommandReply> {
  const { t, scope, services } = context;
  const training = await findRecord(scope.store(tabularStore).trainings, id);
  const now = training && (await services.tabular.cancel(scope, training._id));
  if (now === undefined) return { text: t('tables.notFound', { name: quote(id) }) };
  if (now.error?.code === 'cancelled') return { text: t('tables.train.stopped') };
  const current = await statusOf(context, now);
  return { ...current, text: `${t('tables.train.tooLate')}\n\n${current.text}` };
}
