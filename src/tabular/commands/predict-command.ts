import {
  defineCommand,
  defineSubcommand,
  type CommandContext,
  type CommandFile,
  type CommandReply,
  type SuggestionContext,
} from '../../contracts/command.js';
import { quote } from '../../lib/text/excerpt.js';
import { shortId } from '../../lib/ids/short-id.js';
import { predictionWarnings } from '../report/drift-text.js';
import { tabularStore, type ModelRow } from '../records/records.js';
import { finishAsking, pickAnswer, startAsking, takeAnswer } from './ask-values.js';
import type { TabularNeeds } from './needs.js';
import { explainingTables } from './explain-problem.js';
import { findRecord, suggestRecords } from './find-record.js';
import { predictOne } from './predict-one.js';
import { readValues, type GivenValues } from './read-values.js';

type Context = CommandContext<TabularNeeds>;

const SHOWN_MODELS = 8;
const modelOption = { type: 'text', maxLength: 200, description: 'tables.command.model' } as const;
const roundOption = {
  type: 'integer',
  min: 0,
  required: true,
  description: 'tables.command.predict',
} as const;
const suggest = {
  model: ({ scope, typed }: SuggestionContext) => suggestRecords(scope.store(tabularStore).models, typed),
};

/** `/predict` with a CSV file, `/predict price=100 city=Solo`, or alone, which asks for each value. */
export const predictCommand = defineCommand({
  name: 'predict',
  audience: 'staff',
  description: 'tables.command.predict',
  options: {
    values: {
      type: 'text',
      until: '|',
      unnamed: true,
      maxLength: 4000,
      description: 'tables.command.predict.values',
    },
    // A table of cars has a column called "model".
    model: { ...modelOption, unnamed: true },
    file: { type: 'file', description: 'tables.command.file' },
  },
  suggest,
  subcommands: {
    with: unlisted({ model: modelOption }, async (context, { model }) => {
      const row = await modelOf(context, model);
      return startAsking(context, row);
    }),
    answer: unlisted(
      { text: { type: 'text', maxLength: 4000, description: 'tables.command.predict.values' } },
      (context, { text = '' }) => takeAnswer(context, text),
    ),
    pick: unlisted(
      {
        round: roundOption,
        question: { type: 'integer', min: 0, required: true, description: 'tables.command.column' },
        choice: { type: 'integer', min: 0, description: 'tables.command.predict.values' },
      },
      (context, { round, question, choice }) => pickAnswer(context, { round, question, choice }),
    ),
    now: unlisted({ round: roundOption }, (context, { round }) => finishAsking(context, round)),
    file: unlisted({ model: modelOption }, async (context, { model }) => {
      const [attachment] = await context.earlierFiles();
      if (attachment === undefined) return { text: context.t('tables.predict.needFile') };
      return predictSent(context, await modelOf(context, model), attachment);
    }),
  },
  run: (context: Context, { values, model, file }) =>
    explainingTables(context.t, async () => {
      if (file !== undefined) return predictSent(context, await modelOf(context, model), file);
      if (values === undefined) return begin(context, model);
      const row = model === undefined ? await modelFor(context, values) : await modelOf(context, model);
      const input = readValues(values, row.columns);
      if (input.values.size === 0) {
        return { text: [...unusedValues(input, context), needValues(context, row)].join('\n') };
      }
      const reply = await predictOne(context, row, input.values);
      return { ...reply, text: [...unusedValues(input, context), reply.text].join('\n') };
    }),
});

/** A subcommand for buttons and for replies to questions, not listed in menus. */
function unlisted<const Options extends Parameters<typeof defineSubcommand>[0]['options']>(
  options: Options,
  run: (
    context: Context,
    values: Parameters<Parameters<typeof defineSubcommand<Options, TabularNeeds>>[0]['run']>[1],
  ) => Promise<CommandReply>,
) {
  return defineSubcommand<Options, TabularNeeds>({
    unlisted: true,
    description: 'tables.command.predict',
    options,
    run: (context, values) => explainingTables(context.t, () => run(context, values)),
  });
}

async function modelOf({ scope, services }: Context, requested: string | undefined): Promise<ModelRow> {
  const match =
    requested === undefined ? undefined : await findRecord(scope.store(tabularStore).models, requested);
  return match ?? services.tabular.model(scope, requested);
}

/** The active model that has the most of the columns named. */
async function modelFor({ scope, services }: Context, values: string): Promise<ModelRow> {
  const active = await scope.store(tabularStore).models.allActive();
  const matchCounts = active.map((row) => readValues(values, row.columns).values.size);
  const best = active[matchCounts.indexOf(Math.max(...matchCounts))];
  return best ?? services.tabular.model(scope);
}

/**
 * Asks which model if there are several, then for the values; offers a file that was sent earlier instead.
 */
async function begin(context: Context, requested: string | undefined): Promise<CommandReply> {
  const { scope, t } = context;
  const active = await scope.store(tabularStore).models.allActive();
  if (requested === undefined && active.length > 1) {
    const buttons = active.slice(0, SHOWN_MODELS).map(({ _id, name, target }) => [
      {
        label: target === '' || target === name ? name : `${name} (${target})`,
        action: `/predict with ${shortId(_id)}`,
      },
    ]);
    return { text: t('tables.predict.which'), buttons };
  }
  const row = await modelOf(context, requested);
  const [earlier] = await context.earlierFiles();
  const reply = await startAsking(context, row);
  if (earlier?.fileName === undefined || !/\.(?:csv|tsv|txt)$/i.test(earlier.fileName)) return reply;
  const label = t('tables.button.predictFile', { name: earlier.fileName.slice(0, 30) });
  return {
    ...reply,
    buttons: [...(reply.buttons ?? []), [{ label, action: `/predict file ${shortId(row._id)}` }]],
  };
}

async function predictSent(context: Context, row: ModelRow, attachment: CommandFile): Promise<CommandReply> {
  const { scope, services, signal, t } = context;
  const predicted = await services.tabular.predictFile(scope, row._id, await attachment.download(), {
    because: t('tables.predict.becauseColumn'),
    signal,
  });
  return {
    text: [
      t('tables.predict.file', { rows: predicted.rows, name: quote(row.name), version: row.version }),
      ...predictionWarnings(predicted, row, t),
    ].join('\n'),
    files: [
      {
        name: predictedName(attachment.fileName),
        mediaType: 'text/csv',
        bytes: Buffer.concat(predicted.csv),
      },
    ],
  };
}

function predictedName(fileName = 'table.csv'): string {
  return fileName.replace(/(\.csv)?$/i, '-predicted.csv');
}

const EXAMPLE_COLUMNS = 3;

/** Says which values were not used, because no column has their name. */
function unusedValues({ unknown }: GivenValues, { t }: Context): string[] {
  if (unknown.length === 0) return [];
  const columns = unknown.map((name) => `“${quote(name)}”`).join(', ');
  return [t('tables.predict.unknown', { count: unknown.length, columns })];
}

/** Explains how to give values, if the text names no column. */
function needValues({ t }: Context, { columns }: ModelRow): string {
  const example = columns
    .slice(0, EXAMPLE_COLUMNS)
    .map((column) => `${/[\s=]/.test(column) ? `"${column}"` : column}=…`)
    .join(' ');
  const names = columns.map((column) => quote(column)).join(', ');
  return t('tables.predict.values', { columns: names, example: example.replaceAll('`', '') });
}
