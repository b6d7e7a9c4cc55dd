import {
  defineCommand,
  type CommandContext,
  type CommandReply,
  type SuggestionContext,
} from '../../contracts/command.js';
import { quote } from '../../lib/excerpt.js';
import { tabularStore, type ModelRow } from '../records/records.js';
import type { TabularNeeds } from './datasets-command.js';
import { explainingTables } from './explain-problem.js';
import { findRecord, suggestRecords } from './find-record.js';
import { readValues } from './read-values.js';

const REASONS = 3;
const EXAMPLE_COLUMNS = 3;

const suggest = {
  model: ({ scope, typed }: SuggestionContext) => suggestRecords(scope.store(tabularStore).models, typed),
};

/** `/predict` with a CSV file, or `/predict price=100 city=Solo`. */
export const predictCommand = defineCommand({
  name: 'predict',
  audience: 'staff',
  description: 'tables.command.predict',
  options: {
    values: { type: 'text', until: '|', maxLength: 4000, description: 'tables.command.predict.values' },
    model: { type: 'text', maxLength: 200, description: 'tables.command.model' },
    file: { type: 'file', description: 'tables.command.file' },
  },
  suggest,
  run: (context: CommandContext<TabularNeeds>, { values, model, file }) =>
    explainingTables(context.t, async () => {
      const { scope, services, signal, t } = context;
      const named =
        model === undefined ? undefined : await findRecord(scope.store(tabularStore).models, model);
      const row = named ?? (await services.tabular.model(scope, model));
      const sent = file ?? (values === undefined ? (await context.earlierFiles())[0] : undefined);
      if (sent !== undefined) {
        const bytes = await sent.download();
        const { csv, rows } = await services.tabular.predictFile(scope, row._id, bytes, signal);
        return {
          text: t('tables.predict.file', { rows, name: quote(row.name), version: row.version }),
          files: [{ name: predictedName(sent.fileName), mediaType: 'text/csv', bytes: csv }],
        };
      }
      return values === undefined ? askForValues(context, row) : predictOne(context, row, values);
    }),
});

function predictedName(fileName = 'table.csv'): string {
  return fileName.replace(/(\.csv)?$/i, '-predicted.csv');
}

function askForValues({ t }: CommandContext, { columns }: ModelRow): CommandReply {
  const example = columns
    .slice(0, EXAMPLE_COLUMNS)
    .map((column) => `${/[\s=]/.test(column) ? `"${column}"` : column}=…`)
    .join(' ');
  const names = columns.map((column) => quote(column)).join(', ');
  return { text: t('tables.predict.values', { columns: names, example: example.replaceAll('`', '') }) };
}

async function predictOne(
  { t, scope, services }: CommandContext<TabularNeeds>,
  row: ModelRow,
  values: string,
): Promise<CommandReply> {
  const given = readValues(values, row.columns);
  // What is not said is missing, which every model can bear.
  const cells = Object.fromEntries(row.columns.map((column) => [column, given.get(column) ?? '']));
  const { predictions, probabilities } = await services.tabular.predictRows(scope, row._id, [cells]);
  const [prediction = ''] = predictions;
  const [sure] = probabilities ?? [];
  const target = quote(row.target === '' ? row.name : row.target);
  const said =
    sure === undefined
      ? t('tables.predict.number', { target, prediction: shownNumber(prediction) })
      : t('tables.predict.class', {
          target,
          prediction: quote(String(prediction)),
          sure: Math.round(sure * 100),
        });
  const reasons = (await services.tabular.explain(scope, row, cells, prediction))
    .filter(({ value }) => Math.abs(value) > 1e-6)
    .slice(0, REASONS)
    .map(
      ({ column, value }) => `${quote(column)} ${quote(given.get(column) ?? '–')} (${value > 0 ? '↑' : '↓'})`,
    );
  const because = reasons.length === 0 ? [] : [t('tables.predict.because', { reasons: reasons.join(', ') })];
  return { text: [said, ...because].join('\n') };
}

function shownNumber(value: string | number): string {
  return typeof value === 'string' ? quote(value) : String(Number(value.toPrecision(6)));
}
