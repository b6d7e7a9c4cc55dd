import {
  defineCommand,
  defineSubcommand,
  type CommandContext,
  type CommandFile,
  type CommandReply,
  type SuggestionContext,
} from '../../contracts/command.js';
import type { Translate } from '../../contracts/i18n.js';
import type { DatasetColumn } from '../../contracts/tabular.js';
import { excerpt, quote } from '../../lib/text/excerpt.js';
import { fileNameOf } from '../../lib/text/file-name.js';
import { fitsButton } from '../../lib/text/fits-button.js';
import { shortId } from '../../lib/ids/short-id.js';
import { tabularStore, type DatasetRow } from '../records/records.js';
import { datasetPicture } from '../pictures/dataset-picture.js';
import { areValues } from '../read/table-header.js';
import { numberText } from '../report/number-text.js';
import type { Reader } from '../report/reader.js';
import { askDataset } from './ask-dataset.js';
import { explainingTables } from './explain-problem.js';
import type { TabularNeeds } from './needs.js';
import { readFix } from './read-fix.js';
import { findRecord, lookUpRecord, newestRecords, suggestRecords } from './find-record.js';

const MAX_LISTED = 20;
const SHOWN_COLUMNS = 25;
const TARGET_BUTTONS = 3;

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
      async run(context: CommandContext, { dataset }) {
        const row = await lookUpRecord(context.scope.store(tabularStore).datasets, dataset);
        return row === undefined
          ? { text: context.t('tables.notFound', { name: quote(dataset) }) }
          : profileReply(row, context);
      },
    }),
    fix: defineSubcommand({
      description: 'tables.command.datasets.fix',
      options: {
        ...option,
        changes: { type: 'text', maxLength: 1000, description: 'tables.command.datasets.changes' },
      },
      suggest,
      run: (context: CommandContext<TabularNeeds>, { dataset, changes = '' }) =>
        explainingTables(context.t, () => fix(context, dataset, changes)),
    }),
    ask: defineSubcommand({
      description: 'tables.command.datasets.ask',
      options: {
        ...option,
        question: {
          type: 'text',
          required: true,
          maxLength: 500,
          description: 'tables.command.datasets.question',
        },
      },
      suggest,
      run: (context: CommandContext<TabularNeeds>, { dataset, question }) =>
        explainingTables(context.t, async () => {
          const row = await lookUpRecord(context.scope.store(tabularStore).datasets, dataset);
          return row === undefined
            ? { text: context.t('tables.notFound', { name: quote(dataset) }) }
            : askDataset(context, row, question);
        }),
    }),
    add: defineSubcommand({
      description: 'tables.command.datasets.add',
      options: {
        file: { type: 'file', description: 'tables.command.file' },
        name: { type: 'text', maxLength: 100, description: 'tables.command.name' },
      },
      run: (context: CommandContext<TabularNeeds>, { file, name }) =>
        explainingTables(context.t, async () => {
          const attachment = file ?? (await context.earlierFiles())[0];
          if (attachment === undefined) return { text: context.t('tables.train.needFile') };
          return profileReply(await addSent(context, attachment, name), context);
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

/** Stores a file from the chat as a dataset. */
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
  const { rows, isMore } = await newestRecords(scope.store(tabularStore).datasets, MAX_LISTED);
  if (rows.length === 0) return { text: t('tables.datasets.none') };
  const lines = rows.map((row) => `- ${titleOf(row, t)}`);
  const heading = t('tables.datasets.heading', { count: rows.length, more: String(isMore) });
  return { text: [heading, ...lines].join('\n') };
}

/** Reads a table in a different way, as the person describes it. */
async function fix(
  context: CommandContext<TabularNeeds>,
  dataset: string,
  changes: string,
): Promise<CommandReply> {
  const { t, scope, services } = context;
  const row = await findRecord(scope.store(tabularStore).datasets, dataset);
  if (row === undefined) return { text: t('tables.notFound', { name: quote(dataset) }) };
  if (changes === '') return { text: t('tables.datasets.noChanges', { example: fixExample(row) }) };
  const parsed = readFix(changes, row.columns);
  if (parsed.type === 'unclear') {
    return { text: t('tables.datasets.badFix', { text: quote(parsed.text, 60) }) };
  }
  const reply = await profileReply(await services.tabular.rereadDataset(scope, row, parsed.choices), context);
  return { ...reply, text: `${t('tables.datasets.fixed')}\n\n${reply.text}` };
}

/** Describes a table, how it was read and how to correct that, with a picture. */
async function profileReply(row: DatasetRow, reader: Reader): Promise<CommandReply> {
  const { t } = reader;
  const { text, buttons = [] } = datasetReply(row, reader);
  const bytes = await datasetPicture(row, reader);
  const files =
    bytes === undefined
      ? []
      : [{ name: `${fileNameOf(row.name)}-columns.png`, mediaType: 'image/png', bytes }];
  const wrong = t('tables.datasets.wrong', { example: fixExample(row) });
  return { text: `${text}\n${wrong}`, buttons: [...buttons, ...fixButtons(row, t)], files };
}

/** Describes a table, with buttons for the columns somebody may want to predict. */
export function datasetReply(row: DatasetRow, reader: Reader): CommandReply {
  const { t } = reader;
  const visibleColumns = row.columns.slice(0, SHOWN_COLUMNS);
  const rest = row.columns.length - visibleColumns.length;
  const lines = [
    titleOf(row, t),
    ...visibleColumns.map((column) => columnLine(column, reader)),
    // A blank line ends the list.
    `\n${rest > 0 ? `${t('tables.datasets.more', { count: rest })}\n` : ''}${decisionsLine(row, t)}`,
  ];
  if (areValues(row.columns.map(({ name }) => name))) lines.push(t('tables.datasets.noNames'));
  const targets = row.targetCandidates;
  if (targets.length > 0) {
    lines.push(t('tables.datasets.targets', { columns: targets.map((each) => quote(each)).join(', ') }));
  }
  const buttons = targets.slice(0, TARGET_BUTTONS).map((column) => {
    const command = `/train ${column} | ${shortId(row._id)}`;
    const place = row.columns.findIndex(({ name }) => name === column);
    const isUsable = fitsButton(command) && !/^#|\|/.test(column);
    const action = isUsable ? command : `/train #${place + 1} | ${shortId(row._id)}`;
    return [{ label: t('tables.button.train', { column: excerpt(column, 40) }), action }];
  });
  return { text: lines.join('\n'), buttons };
}

const DELIMITER_NAMES: Readonly<Record<string, string>> = {
  ',': 'comma',
  ';': 'semicolon',
  '\t': 'tab',
  '|': 'bar',
};

function decisionsLine({ format, columns }: DatasetRow, t: Translate): string {
  const { encoding, delimiter, titleRows = 0, totalRows = 0 } = format;
  const { decimal, order } = decisiveMarks(columns);
  return t('tables.datasets.decisions', {
    encoding,
    delimiter: DELIMITER_NAMES[delimiter] ?? delimiter,
    decimal: decimal === undefined ? 'none' : decimal === '.' ? 'point' : 'comma',
    dates: order === undefined ? 'none' : order.replace('-', ''),
    above: titleRows,
    totals: totalRows,
  });
}

/** The decimal mark and the order of day and month, as far as the cells depend on them. */
function decisiveMarks(columns: readonly DatasetColumn[]) {
  const formats = columns.flatMap(({ format }) => (format?.isDecisive === true ? [format] : []));
  return {
    decimal: formats.find(({ decimal }) => decimal !== undefined)?.decimal,
    order: formats.find(({ dateOrder }) => dateOrder !== undefined)?.dateOrder,
  };
}

/** Buttons for what is most often in doubt: the order of day and month, and the decimal mark. */
function fixButtons({ _id, columns }: DatasetRow, t: Translate): NonNullable<CommandReply['buttons']> {
  const id = shortId(_id);
  const { decimal, order } = decisiveMarks(columns);
  const dates =
    order === undefined
      ? []
      : order === 'day-first'
        ? [{ label: t('tables.button.monthFirst'), action: `/datasets fix ${id} dates=month-first` }]
        : [{ label: t('tables.button.dayFirst'), action: `/datasets fix ${id} dates=day-first` }];
  const numbers =
    decimal === undefined
      ? []
      : decimal === '.'
        ? [{ label: t('tables.button.decimalComma'), action: `/datasets fix ${id} decimal=,` }]
        : [{ label: t('tables.button.decimalPoint'), action: `/datasets fix ${id} decimal=.` }];
  const row = [...dates, ...numbers];
  return row.length === 0 ? [] : [row];
}

function fixExample({ _id, columns }: DatasetRow): string {
  const name = (columns[0]?.name ?? 'Column').replaceAll('`', '');
  const column = /\s/.test(name) ? `"${name}"` : name;
  return `/datasets fix ${shortId(_id)} delimiter=; ${column}=category`;
}

function titleOf({ _id, name, rows, columns }: DatasetRow, t: Translate): string {
  return t('tables.datasets.title', { name: quote(name), rows, columns: columns.length, id: shortId(_id) });
}

function columnLine(
  { name, type, distinct, missing, min, max, personal }: DatasetColumn,
  { t, locale }: Reader,
): string {
  const shown = (end: number | string): string => (typeof end === 'string' ? end : numberText(end, locale));
  const range =
    min === undefined || max === undefined
      ? ''
      : t('tables.datasets.range', { min: shown(min), max: shown(max) });
  const detail = `${range}${personal ? t('tables.datasets.personal') : ''}`;
  return t('tables.datasets.column', { name: quote(name), type, distinct, missing, detail });
}
