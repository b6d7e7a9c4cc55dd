import { seededRandom, shuffle } from '../evaluate/random.js';
import type { Matrix } from '../matrix.js';
import type { TabularModel } from '../model/model.js';
import { featureContributions } from './contributions.js';

/** How much a raw column matters to a model. */
export interface ColumnImportance {
  readonly column: string;
  /** Share of all contributions, 0..1. */
  readonly share: number;
  /** How much the loss on unseen rows increases when the column's values are shuffled. */
  readonly permutation: number;
}

/** Rows examined; more would make no visible difference. */
const PERMUTED_ROWS = 2000;
const EXPLAINED_ROWS = 200;

export interface ImportanceInput {
  readonly model: TabularModel;
  readonly matrix: Matrix;
  /** Rows that the model behind `loss` never saw. */
  readonly unseen: Int32Array;
  /** The loss on some rows, by a model that never saw them. */
  loss(matrix: Matrix, rows: Int32Array): number;
  readonly seed: number;
}

export function importanceOf(input: ImportanceInput): ColumnImportance[] {
  const columns = [...new Set(input.matrix.features.map(({ column }) => column))];
  const shares = contributionShares(input);
  const permutations = permutationLosses(input, columns);
  return columns
    .map((column) => ({
      column,
      share: shares.get(column) ?? 0,
      permutation: permutations.get(column) ?? 0,
    }))
    .sort((a, b) => b.share - a.share);
}

/** Mean absolute contribution of each column over some rows, as a share of the total. */
function contributionShares({ model, matrix, unseen }: ImportanceInput): Map<string, number> {
  const sums = new Map<string, number>();
  const outputs = model.classes === undefined || model.classes.length === 2 ? 1 : model.classes.length;
  let total = 0;
  for (const row of evenly(unseen, Math.max(20, Math.floor(EXPLAINED_ROWS / outputs)))) {
    for (let output = 0; output < outputs; output += 1) {
      const values = featureContributions(model, matrix, row, output);
      // Features of one column may offset each other, so their net contribution counts.
      const byColumn = new Map<string, number>();
      matrix.features.forEach(({ column }, index) => {
        byColumn.set(column, (byColumn.get(column) ?? 0) + (values[index] ?? 0));
      });
      for (const [column, value] of byColumn) {
        sums.set(column, (sums.get(column) ?? 0) + Math.abs(value));
        total += Math.abs(value);
      }
    }
  }
  return new Map([...sums].map(([column, sum]) => [column, total === 0 ? 0 : sum / total]));
}

function permutationLosses(
  { matrix, unseen, loss, seed }: ImportanceInput,
  columns: readonly string[],
): Map<string, number> {
  const rows = evenly(unseen, PERMUTED_ROWS);
  const base = loss(matrix, rows);
  const random = seededRandom(seed);
  return new Map(
    columns.map((column) => {
      const order = shuffle(rows.slice(), random);
      const mixed = matrix.columns.map((values, index) =>
        matrix.features[index]?.column === column ? permuted(values, rows, order) : values,
      );
      return [column, loss({ ...matrix, columns: mixed }, rows) - base];
    }),
  );
}

function permuted(values: Float32Array, rows: Int32Array, order: Int32Array): Float32Array {
  const mixed = values.slice();
  rows.forEach((row, index) => {
    mixed[row] = values[order[index] as number] as number;
  });
  return mixed;
}

function evenly(rows: Int32Array, most: number): Int32Array {
  if (rows.length <= most) return rows;
  const step = rows.length / most;
  return Int32Array.from({ length: most }, (_, index) => rows[Math.floor(index * step)] as number);
}
