import { TabularError } from '../../contracts/tabular.js';
import type { Matrix } from '../matrix.js';
import { ColumnEncoder, featuresOf, type Cell, type ColumnPlan } from './column-plan.js';
import { ownValue } from '../../lib/own-value.js';

/** A row by column name, as it comes in JSON. */
export type RawRow = Readonly<Record<string, Cell>>;

/** A matrix to be filled, again and again if need be. */
export interface EmptyMatrix {
  readonly matrix: Matrix;
  /** One per column; they write into the matrix. */
  readonly encoders: readonly ColumnEncoder[];
}

/** Empty arrays for the features of the given plans, and an encoder for each column to fill them. */
export function emptyMatrix(plans: readonly ColumnPlan[], rows: number): EmptyMatrix {
  const features = featuresOf(plans);
  const columns = features.map(() => new Float32Array(rows));
  const encoders = plans.map(
    (plan) =>
      new ColumnEncoder(
        plan,
        columns.filter((_, index) => features[index]?.column === plan.column),
      ),
  );
  return { matrix: { rows, features, columns }, encoders };
}

/**
 * Fills a matrix of as many rows; by default a new one.
 *
 * @throws TabularError `missing-column` if no row has a column that the model needs
 */
export function encodeRows(
  plans: readonly ColumnPlan[],
  rows: readonly RawRow[],
  { matrix, encoders }: EmptyMatrix = emptyMatrix(plans, rows.length),
): Matrix {
  for (const { column } of plans) {
    if (!rows.some((row) => Object.hasOwn(row, column))) throw missingColumn(column);
  }
  rows.forEach((row, index) => {
    for (const encoder of encoders) encoder.encode(ownValue(row, encoder.plan.column), index);
  });
  return matrix;
}

export function missingColumn(column: string): TabularError {
  return new TabularError('missing-column', `The column "${column}" is missing; the model needs it.`, {
    column,
  });
}
