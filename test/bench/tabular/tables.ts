import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../../../src/lib/project-root.js';

const folder = join(projectRoot, '../shared/data/tabular');

/** A table to train on, rows to predict, and their true values. */
export interface BenchTable {
  readonly name: string;
  readonly target: string;
  readonly task: 'CLASSIFICATION' | 'REGRESSION';
  readonly train: string;
  readonly test: string;
  readonly truth: readonly string[];
  readonly rows: number;
  /** If there are two classes: the more frequent one, then the rarer one. */
  readonly classes: readonly string[];
}

export function benchTables(): readonly BenchTable[] {
  if (!existsSync(folder)) {
    console.log('skipped: the tables are not in ../shared/data/tabular');
    return [];
  }
  const [header = '', ...houses] = linesOf('california-housing.csv');
  const part = (isTest: boolean): string =>
    [header, ...houses.filter((_, row) => (row % 5 === 4) === isTest)].join('\n');
  return [
    table('Adult', 'income', 'CLASSIFICATION', [
      linesOf('adult_train.csv').join('\n'),
      linesOf('adult_test.csv').join('\n'),
    ]),
    table('California housing', 'median_house_value', 'REGRESSION', [part(false), part(true)]),
  ];
}

function linesOf(file: string): string[] {
  return readFileSync(join(folder, file), 'utf8').trimEnd().split(/\r?\n/);
}

function table(
  name: string,
  target: string,
  task: BenchTable['task'],
  [train, test]: readonly [string, string],
): BenchTable {
  const truth = columnOf(test, target);
  const counts = new Map<string, number>();
  for (const value of truth) counts.set(value, (counts.get(value) ?? 0) + 1);
  const classes =
    task === 'REGRESSION' ? [] : [...counts].toSorted(([, a], [, b]) => b - a).map(([key]) => key);
  return { name, target, task, train, test, truth, classes, rows: train.split('\n').length - 1 };
}

/** Works because no cell of these tables is quoted. */
function columnOf(csv: string, column: string): string[] {
  const [header = '', ...lines] = csv.split('\n');
  const at = header.split(',').indexOf(column);
  return lines.map((line) => line.split(',')[at] ?? '');
}

/** The rows to predict as texts by column. */
export function rowsOf({ test }: BenchTable): Readonly<Record<string, string>>[] {
  const [header = '', ...lines] = test.split('\n');
  const names = header.split(',');
  return lines.map((line) => {
    const cells = line.split(',');
    return Object.fromEntries(names.map((name, index) => [name, cells[index] ?? '']));
  });
}

/** The share of right predictions, or the root mean squared error. */
export function quality({ task, truth }: BenchTable, predictions: readonly (string | number)[]): number {
  if (task === 'CLASSIFICATION') {
    return predictions.filter((value, row) => value === truth[row]).length / truth.length;
  }
  const squares = truth.map((value, row) => (Number(value) - Number(predictions[row])) ** 2);
  return Math.sqrt(squares.reduce((sum, square) => sum + square, 0) / truth.length);
}
