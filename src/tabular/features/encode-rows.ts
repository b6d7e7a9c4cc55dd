import { TabularError } from '../../contracts/tabular.js';
import type { Matrix } from '../matrix.js';
import { ColumnEncoder, featuresOf, type Cell, type ColumnPlan } from './column-plan.js';
import { ownValue } from '../../lib/own-value.js';

/** A row by column name, as it comes in JSON. */
export type RawRow = Readonly<Record<string, Cell>>;

/** Empty arrays for the features of the given plans, and an encoder for each column to fill them. */
export function emptyMatrix(
  plans: readonly ColumnPlan[],
  rows: number,
): { readonly matrix: Matrix; readonly encoders: readonly ColumnEncoder[] } {
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

/** @throws TabularError `missing-column` if no row has a column that the model needs */
export function encodeRows(plans: readonly ColumnPlan[], rows: readonly RawRow[]): Matrix {
  for (const { column } of plans) {
    if (!rows.some((row) => Object.hasOwn(row, column))) throw missingColumn(column);
  }
  const { matrix, encoders } = emptyMatrix(plans, rows.length);
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
