import {
  TABLE_LIMITS,
  TabularError,
  type DatasetColumn,
  type ReadingChoices,
  type TableFormat,
  type TableProfile,
} from '../../contracts/tabular.js';
import { isTargetName } from './column-names.js';
import { ColumnProfiler } from './column-profiler.js';
import { describeColumns } from './describe-columns.js';
import { isUnnamed } from './table-header.js';
import { readTable, type Pieces } from './table-source.js';

const MOST_TARGETS = 5;
/** A shop owner would hardly want to predict a column with more classes. */
const MOST_CLASSES = 50;

/**
 * Profiles a table in one pass.
 * @throws TabularError
 */
export async function profileTable(pieces: Pieces, choices: ReadingChoices = {}): Promise<TableProfile> {
  let names: readonly string[] = [];
  let format: TableFormat = { encoding: 'utf-8', delimiter: ',' };
  let profilers: ColumnProfiler[] = [];
  let rows = 0;
  await readTable(pieces, choices, {
    onHeader(header, tableFormat) {
      names = header;
      format = tableFormat;
      profilers = header.map(() => new ColumnProfiler(header.length));
    },
    onRow(cells) {
      rows += 1;
      if (rows > TABLE_LIMITS.rows) {
        throw new TabularError('too-large', 'The table has more than 1,000,000 rows.', {
          reason: { key: 'tables.reason.tooManyRows', values: { most: TABLE_LIMITS.rows } },
        });
      }
      for (let index = 0; index < profilers.length; index += 1) profilers[index]?.add(cells[index] ?? '');
      return true;
    },
    onEnd({ totalRows }) {
      if (totalRows > 0) format = { ...format, totalRows };
    },
  });
  if (rows === 0) throw new TabularError('empty', 'The table has no rows below its header.');
  const unknown = Object.keys(choices.types ?? {}).find((name) => !names.includes(name));
  if (unknown !== undefined) throw unknownColumn(unknown);
  const columns = describeColumns(names, profilers, rows, format.delimiter, choices).filter(
    ({ name, distinct }) => distinct > 0 || !isUnnamed(name),
  );
  return { rows, columns, targetCandidates: targetCandidates(columns, rows), format };
}

export function unknownColumn(name: string): TabularError {
  return new TabularError('unknown-column', `The table has no column "${name.slice(0, 200)}".`, {
    column: name,
  });
}

/**
 * Columns somebody may want to predict, likeliest first: named like a target, last in the table, few classes.
 */
function targetCandidates(columns: readonly DatasetColumn[], rows: number): string[] {
  return columns
    .map((column, index) => ({ column, weight: weightOf(column, index, columns.length, rows) }))
    .filter(({ weight }) => weight > 0)
    .sort((a, b) => b.weight - a.weight)
    .slice(0, MOST_TARGETS)
    .map(({ column }) => column.name);
}

function weightOf(column: DatasetColumn, index: number, columns: number, rows: number): number {
  const { type, distinct, missing, personal, name } = column;
  if (distinct < 2 || personal || missing > rows / 2) return 0;
  const kind =
    type === 'boolean'
      ? 2
      : type === 'category' && distinct <= Math.min(MOST_CLASSES, Math.max(2, rows / 5))
        ? 1.5
        : type === 'number' && distinct > 2
          ? 1
          : 0;
  return kind === 0
    ? 0
    : kind + (isTargetName(name) ? 3 : 0) + (index === columns - 1 ? 2.5 : index / columns / 2);
}
