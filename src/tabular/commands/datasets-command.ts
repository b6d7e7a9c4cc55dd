import {
  defineCommand,
  defineSubcommand,
  type CommandContext,
  type CommandFile,
  type CommandReply,
  type SuggestionContext,
} from '../../contracts/command.js';
import type { Translate } from '../../contracts/i18n.js';
import { allItems } from '../../contracts/stores.js';
import type { DatasetColumn } from '../../contracts/tabular.js';
import { quote } from '../../lib/excerpt.js';
import { shortId } from '../../lib/short-id.js';
import { tabularStore, type DatasetRow } from '../records/records.js';
import type { TabularService } from '../service/tabular-service.js';
import { explainingTables } from './explain-problem.js';
import { findRecord, suggestRecords } from './find-record.js';

export interface TabularNeeds {
  readonly tabular: TabularService;
}

const SHOWN = 20;
const SHOWN_COLUMNS = 25;
const TARGET_BUTTONS = 3;
/** Of a button's action, in bytes, on the narrowest platform. */
const LONGEST_ACTION = 64;

const option = { dataset: { type: 'text', required: true, description: 'tables.command.dataset' } } as const;
const suggest = {
  dataset: ({ scope, typed }: SuggestionContext) => suggestRecords(scope.store(tabularStore).datasets, typed),
};

/** `/datasets`: the tables of a business. */
export const datasetsCommand = defineCommand({
  name: 'datasets',
  audience: 'staff',
  description: 'tables.command.datasets',
  options: {},
  subcommands: {
    list: defineSubcommand({ description: 'tables.command.datasets.list', options: {}, run: list }),
    show: defineSubcommand({
      description: 'tables.command.datasets.show',
      options: option,
      suggest,
      async run({ t, scope }: CommandContext, { dataset }) {
        const row = await findRecord(scope.store(tabularStore).datasets, dataset);
        return row === undefined
          ? { text: t('tables.notFound', { name: quote(dataset) }) }
          : datasetReply(row, t);
      },
    }),
    add: defineSubcommand({
      description: 'tables.command.datasets.add',
      options: {
        file: { type: 'file', description: 'tables.command.file' },
        name: { type: 'text', maxLength: 100, description: 'tables.command.name' },
      },
      run: (context: CommandContext<TabularNeeds>, { file, name }) =>
        explainingTables(context.t, async () => {
          const sent = file ?? (await context.earlierFiles())[0];
          if (sent === undefined) return { text: context.t('tables.train.needFile') };
          return datasetReply(await addSent(context, sent, name), context.t);
        }),
    }),
    remove: defineSubcommand({
      description: 'tables.command.datasets.remove',
      options: option,
      suggest,
      async run({ t, scope, services }: CommandContext<TabularNeeds>, { dataset }) {
        const row = await findRecord(scope.store(tabularStore).datasets, dataset);
        if (row === undefined || !(await services.tabular.removeDataset(scope, row._id))) {
          return { text: t('tables.notFound', { name: quote(dataset) }) };
        }
        return { text: t('tables.datasets.removed', { name: quote(row.name) }) };
      },
    }),
  },
  run: list,
});

/** A file of the chat as a dataset. */
export async function addSent(
  { scope, services }: CommandContext<TabularNeeds>,
  file: CommandFile,
  name?: string,
): Promise<DatasetRow> {
  return services.tabular.addDataset(scope, {
    fileName: file.fileName ?? 'table.csv',
    bytes: await file.download(),
    ...(name === undefined ? {} : { name }),
  });
}

async function list({ t, scope }: CommandContext): Promise<CommandReply> {
  const rows = await allItems((page) => scope.store(tabularStore).datasets.list(page), SHOWN);
  if (rows.length === 0) return { text: t('tables.datasets.none') };
  const lines = rows.map((row) => `- ${titleOf(row, t)}`);
  return { text: [t('tables.datasets.heading', { count: rows.length }), ...lines].join('\n') };
}

/** What a table holds, with a button for each column that may be predicted. */
export function datasetReply(row: DatasetRow, t: Translate): CommandReply {
  const shown = row.columns.slice(0, SHOWN_COLUMNS);
  const rest = row.columns.length - shown.length;
  const lines = [
    titleOf(row, t),
    ...shown.map((column) => columnLine(column, t)),
    ...(rest > 0 ? [t('tables.datasets.more', { count: rest })] : []),
  ];
  const targets = row.targetCandidates;
  if (targets.length > 0) {
    lines.push(t('tables.datasets.targets', { columns: targets.map((each) => quote(each)).join(', ') }));
  }
  const buttons = targets.slice(0, TARGET_BUTTONS).flatMap((column) => {
    const action = `/train ${column} | ${shortId(row._id)}`;
    const label = t('tables.button.train', { column });
    return Buffer.byteLength(action) > LONGEST_ACTION ? [] : [[{ label, action }]];
  });
  return { text: lines.join('\n'), buttons };
}

function titleOf({ _id, name, rows, columns }: DatasetRow, t: Translate): string {
  return t('tables.datasets.title', { name: quote(name), rows, columns: columns.length, id: shortId(_id) });
}

function columnLine(
  { name, type, distinct, missing, min, max, personal }: DatasetColumn,
  t: Translate,
): string {
  const range =
    min === undefined || max === undefined
      ? ''
      : t('tables.datasets.range', { min: shownEnd(min), max: shownEnd(max) });
  const detail = `${range}${personal ? t('tables.datasets.personal') : ''}`;
  return t('tables.datasets.column', { name: quote(name), type, distinct, missing, detail });
}

function shownEnd(value: number | string): string {
  return typeof value === 'string' ? value : String(Number(value.toPrecision(6)));
}
