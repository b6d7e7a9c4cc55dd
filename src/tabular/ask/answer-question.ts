import { TabularError, type DatasetColumn, type TableProfile } from '../../contracts/tabular.js';
import { ColumnEncoder } from '../features/column-plan.js';
import { planOf } from '../features/plan-of.js';
import { dateText } from '../read/date-format.js';
import { unknownColumn } from '../read/profile-table.js';
import { readTable, type Pieces } from '../read/table-source.js';
import { cleanCategory, cleanCell } from '../read/words.js';
import type { AnswerLine, Period, TableAnswer, TableQuestion } from './question.js';

const DEFAULT_LINES = 20;
/** More groups than this are not a useful answer, and would fill the memory. */
const MOST_GROUPS = 100_000;
/** The group of the rows without a value. */
export const NO_VALUE = '–';

interface Sums {
  /** The group as its first row spells it. */
  readonly group: string;
  rows: number;
  sum: number;
  min: number;
  max: number;
}

/**
 * Computes the answer from the rows of the table.
 * @throws TabularError
 */
export async function answerQuestion(
  pieces: Pieces,
  table: Pick<TableProfile, 'columns' | 'format'>,
  question: TableQuestion,
): Promise<TableAnswer> {
  const counter = new Counter(table.columns, question);
  await readTable(pieces, table.format, {
    onHeader: () => undefined,
    onRow: (cells) => {
      counter.add(cells);
      return true;
    },
  });
  return counter.finish();
}

class Counter {
  private readonly groups = new Map<string, Sums>();
  private readonly measured: { readonly index: number; readonly encoder: ColumnEncoder } | undefined;
  private readonly group: ((cells: readonly string[]) => string) | undefined;
  private readonly conditions: readonly ((cells: readonly string[]) => boolean)[];
  private rows = 0;
  private unreadable = 0;

  constructor(
    columns: readonly DatasetColumn[],
    private readonly question: TableQuestion,
  ) {
    const { measure, column, by, period, where = [] } = question;
    const at = (name: string): number => {
      const index = columns.findIndex((each) => each.name.toLowerCase() === name.toLowerCase());
      if (index === -1) throw unknownColumn(name);
      return index;
    };
    if (measure !== 'count') {
      if (column === undefined) {
        throw new TabularError('cannot-answer', `Of which column is the ${measure}?`, {
          reason: { key: 'tables.reason.measuredColumn' },
        });
      }
      const index = at(column);
      const described = columns[index];
      if (described?.type !== 'number' && described?.type !== 'boolean') {
        throw new TabularError('cannot-answer', `The column "${column}" holds no numbers.`, {
          column,
          reason: { key: 'tables.reason.noNumbers', values: { column } },
        });
      }
      this.measured = { index, encoder: new ColumnEncoder(planOf(described), []) };
    }
    this.conditions = where.map(({ column: name, is }) => conditionOn(columns, at(name), is.trim()));
    this.group = by === undefined ? undefined : grouping(columns, at(by), period);
  }

  add(cells: readonly string[]): void {
    if (!this.conditions.every((isMet) => isMet(cells))) return;
    const value =
      this.measured === undefined ? 1 : this.measured.encoder.valueOf(cells[this.measured.index] ?? '');
    if (Number.isNaN(value)) {
      this.unreadable += 1;
      return;
    }
    this.rows += 1;
    const group = this.group?.(cells) ?? '';
    const sums = this.groups.get(group.toLowerCase()) ?? this.newGroup(group);
    sums.rows += 1;
    sums.sum += value;
    sums.min = Math.min(sums.min, value);
    sums.max = Math.max(sums.max, value);
  }

  finish(): TableAnswer {
    const { by, order, limit = DEFAULT_LINES } = this.question;
    const isChronological = isInTime(this.question);
    const lines = [...this.groups.values()].map((sums): AnswerLine => ({
      ...(by === undefined ? {} : { group: sums.group === '' ? NO_VALUE : sums.group }),
      value: this.valueOf(sums),
      rows: sums.rows,
    }));
    lines.sort((a, b) =>
      isChronological
        ? compare(a.group, b.group)
        : order === 'smallest'
          ? a.value - b.value
          : b.value - a.value,
    );
    // Over time, the newest lines are the interesting ones.
    const visibleLines = isChronological ? lines.slice(-limit) : lines.slice(0, limit);
    return { lines: visibleLines, allLines: lines.length, rows: this.rows, unreadable: this.unreadable };
  }

  /** As in a spreadsheet, capitals make no difference. */
  private newGroup(group: string): Sums {
    if (this.groups.size >= MOST_GROUPS) {
      throw new TabularError('cannot-answer', 'There are too many different values to count each of them.', {
        reason: { key: 'tables.reason.tooManyGroups' },
      });
    }
    const sums = { group, rows: 0, sum: 0, min: Number.POSITIVE_INFINITY, max: Number.NEGATIVE_INFINITY };
    this.groups.set(group.toLowerCase(), sums);
    return sums;
  }

  private valueOf({ rows, sum, min, max }: Sums): number {
    const { measure } = this.question;
    switch (measure) {
      case 'count':
        return rows;
      case 'sum':
        return sum;
      case 'mean':
        return sum / rows;
      case 'min':
        return min;
      case 'max':
        return max;
      default:
        return measure satisfies never;
    }
  }
}

/** Numbers, dates and yes/no are compared by what they mean: `Rp 350.000` is 350000. */
function conditionOn(
  columns: readonly DatasetColumn[],
  index: number,
  is: string,
): (cells: readonly string[]) => boolean {
  const column = columns[index];
  const plan = column && planOf(column);
  if (plan === undefined || plan.type === 'category') {
    const wanted = is.toLowerCase();
    return (cells) => cleanCategory(cells[index] ?? '').toLowerCase() === wanted;
  }
  const encoder = new ColumnEncoder(plan, []);
  const wanted = encoder.valueOf(is);
  return (cells) => encoder.valueOf(cells[index] ?? '') === wanted;
}

/** Whether the lines are in order of time; then the limit leaves out the earliest. */
export function isInTime({ period, order }: TableQuestion): boolean {
  return period !== undefined && order === undefined;
}

function compare(a = '', b = ''): number {
  return a < b ? -1 : Number(a > b);
}

function grouping(
  columns: readonly DatasetColumn[],
  index: number,
  period: Period | undefined,
): (cells: readonly string[]) => string {
  const column = columns[index];
  if (period === undefined) {
    const clean = column?.type === 'category' ? cleanCategory : cleanCell;
    return (cells) => clean(cells[index] ?? '');
  }
  if (column?.type !== 'date') {
    throw new TabularError('cannot-answer', `The column "${column?.name ?? ''}" holds no dates.`, {
      reason: { key: 'tables.reason.noDates', values: { column: column?.name ?? '' } },
    });
  }
  const encoder = new ColumnEncoder(planOf(column), []);
  return (cells) => {
    const days = encoder.valueOf(cells[index] ?? '');
    return Number.isNaN(days) ? '' : periodOf(Math.floor(days), period);
  };
}

/** The period as text that sorts chronologically. */
function periodOf(days: number, period: Period): string {
  switch (period) {
    case 'day':
      return dateText(days);
    case 'week':
      // The Monday of the week; day 0 was a Thursday.
      return dateText(days - ((((days + 3) % 7) + 7) % 7));
    case 'month':
      return dateText(days).slice(0, 7);
    case 'year':
      return dateText(days).slice(0, 4);
    case 'weekday':
      // 1 is Monday.
      return String(((((days + 3) % 7) + 7) % 7) + 1);
    default:
      return period satisfies never;
  }
}
