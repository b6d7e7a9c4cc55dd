import { TabularError, type TableReason, type DatasetColumn } from '../../contracts/tabular.js';
import { isPersonKey } from '../read/column-names.js';
import { unknownColumn } from '../read/profile-table.js';

export type Task = 'classification' | 'regression' | 'text';

export interface TrainingChoices {
  readonly target: string;
  readonly task?: Task;
  readonly features?: readonly string[];
  /** Rows with the same value stay together in the test. */
  readonly group?: string;
  /** The test follows the order of this date. */
  readonly time?: string;
  readonly seed?: number;
  /** By column: 1 if a larger value must never lower the prediction, -1 for the opposite. */
  readonly monotone?: Readonly<Record<string, 1 | -1>>;
}

export interface LeftOut {
  readonly column: string;
  readonly reason: 'id' | 'personal' | 'text' | 'empty' | 'constant';
}

export interface ChosenColumns {
  readonly task: Task;
  readonly target: DatasetColumn;
  readonly features: readonly DatasetColumn[];
  readonly leftOut: readonly LeftOut[];
  readonly group: DatasetColumn | undefined;
  readonly time: DatasetColumn | undefined;
}

/** A target with more distinct values has too many classes to choose from. */
const MOST_CLASSES = 1000;
/** Fewer rows are not enough to learn from and test on. */
export const FEWEST_ROWS = 10;
/** With fewer distinct dates, a split by time is not worthwhile. */
const FEWEST_MOMENTS = 10;

/**
 * Chooses the columns to learn from and what to predict. Personal data and ids are left out unless requested;
 * free text is used by the task `text` alone.
 * @throws TabularError
 */
export function chooseColumns(
  columns: readonly DatasetColumn[],
  rows: number,
  wish: TrainingChoices,
): ChosenColumns {
  if (rows < FEWEST_ROWS) {
    throw cannotTrain(`The table has ${rows} rows; at least ${FEWEST_ROWS} are needed.`, {
      key: 'tables.reason.tooFewRows',
      values: { rows, fewest: FEWEST_ROWS },
    });
  }
  const byName = (name: string): DatasetColumn => {
    const match = columns.find((column) => column.name === name);
    if (match === undefined) throw unknownColumn(name);
    return match;
  };
  const target = byName(wish.target);
  for (const name of Object.keys(wish.monotone ?? {})) byName(name);
  const requested = wish.features?.map(byName);
  if (requested?.includes(target)) {
    throw cannotTrain(`The target "${target.name}" cannot be one of its own features.`, {
      key: 'tables.reason.targetIsFeature',
      values: { column: target.name },
    });
  }
  const group = wish.group === undefined ? groupOf(columns, rows, target) : byName(wish.group);
  const time = wish.time === undefined ? timeOf(columns, target) : byName(wish.time);
  if (time !== undefined && time.type !== 'date') {
    throw cannotTrain(`The column "${time.name}" holds no dates.`, {
      key: 'tables.reason.noDates',
      values: { column: time.name },
    });
  }
  const others = (requested ?? columns).filter((column) => column !== target);
  const task = taskOf(target, others, rows, wish);
  checkTarget(target, task, rows);
  const leftOut: LeftOut[] = [];
  const features = others.filter((column) => {
    const reason = reasonToLeaveOut(column, task, requested !== undefined, column === group);
    if (reason !== undefined) leftOut.push({ column: column.name, reason });
    return reason === undefined;
  });
  if (features.length === 0) {
    throw cannotTrain('No column is left to learn from.', { key: 'tables.reason.nothingToLearnFrom' });
  }
  return { task, target, features, leftOut, group, time };
}

function taskOf(
  target: DatasetColumn,
  others: readonly DatasetColumn[],
  rows: number,
  wish: TrainingChoices,
): Task {
  if (wish.task !== undefined) return wish.task;
  const isText = others.some(({ type }) => type === 'text');
  const hasTable = others.some(({ type, personal }) => type !== 'text' && type !== 'id' && !personal);
  if (target.type !== 'number' && isText && !hasTable) return 'text';
  return target.type === 'number' && target.distinct > Math.min(2, rows) ? 'regression' : 'classification';
}

function checkTarget(target: DatasetColumn, task: Task, rows: number): void {
  const { name, distinct, type } = target;
  if (distinct < 2) throw sameEverywhere(name);
  if (task === 'regression') {
    if (type !== 'number') {
      throw cannotTrain(`The target "${name}" holds no numbers.`, {
        key: 'tables.reason.noNumbers',
        values: { column: name },
      });
    }
    return;
  }
  if (distinct > MOST_CLASSES || (distinct > 20 && distinct > rows / 2)) {
    throw cannotTrain(`The target "${name}" has ${distinct} different values; that is too many classes.`, {
      key: 'tables.reason.tooManyClasses',
      values: { column: name, count: distinct },
    });
  }
}

function reasonToLeaveOut(
  { type, personal, distinct, format }: DatasetColumn,
  task: Task,
  isWanted: boolean,
  isGroup: boolean,
): LeftOut['reason'] | undefined {
  if (distinct === 0) return 'empty';
  if (task === 'text')
    return type === 'text' || isWanted || (!personal && distinct > 20 && !format) ? undefined : 'text';
  if (type === 'text') return 'text';
  if (distinct < 2) return 'constant';
  if (isWanted) return undefined;
  if (personal) return 'personal';
  return type === 'id' || isGroup ? 'id' : undefined;
}

/** A customer number that occurs repeatedly. */
function groupOf(
  columns: readonly DatasetColumn[],
  rows: number,
  target: DatasetColumn,
): DatasetColumn | undefined {
  return columns.find(
    (column) =>
      column !== target &&
      isPersonKey(column.name) &&
      column.type !== 'date' &&
      column.distinct >= 10 &&
      column.distinct < rows * 0.9,
  );
}

/** Of several dates the latest, such as that of an appointment, not of its booking: by then all else is known. */
function timeOf(columns: readonly DatasetColumn[], target: DatasetColumn): DatasetColumn | undefined {
  const dates = columns.filter(
    ({ type, distinct, missing, name }) =>
      type === 'date' && distinct >= FEWEST_MOMENTS && missing === 0 && !/birth|lahir/i.test(name),
  );
  const [latest] = dates.toSorted((a, b) => (String(b.max) > String(a.max) ? 1 : -1));
  return dates.includes(target) ? undefined : latest;
}

export function cannotTrain(message: string, reason?: TableReason): TabularError {
  return new TabularError('cannot-train', message, reason === undefined ? {} : { reason });
}

export function sameEverywhere(column: string): TabularError {
  return cannotTrain(`The target "${column}" has the same value everywhere.`, {
    key: 'tables.reason.sameEverywhere',
    values: { column },
  });
}
