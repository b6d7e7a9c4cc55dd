export const MEASURES = ['count', 'sum', 'mean', 'min', 'max'] as const;
export type Measure = (typeof MEASURES)[number];

export const PERIODS = ['day', 'week', 'month', 'year', 'weekday'] as const;
export type Period = (typeof PERIODS)[number];

/** A question about a table; every number in the answer is computed from its rows. */
export interface TableQuestion {
  readonly measure: Measure;
  /** The column to measure; a count needs none. */
  readonly column?: string;
  /** One line for each value of this column, or for each `period` if it is a date. */
  readonly by?: string;
  readonly period?: Period;
  /** Only rows where these columns have these values. */
  readonly where?: readonly { readonly column: string; readonly is: string }[];
  /** Order of the lines; by default chronological if `period` is set, otherwise the largest first. */
  readonly order?: 'largest' | 'smallest';
  /** Maximum number of lines. */
  readonly limit?: number;
}

export interface AnswerLine {
  /** The value of `by`; absent if there is one line for everything. */
  readonly group?: string;
  readonly value: number;
  /** Number of rows it is computed from. */
  readonly rows: number;
}

export interface TableAnswer {
  readonly lines: readonly AnswerLine[];
  /** Number of lines, including those left out by the limit. */
  readonly allLines: number;
  /** Rows counted, and rows whose value in the measured column is missing or unreadable. */
  readonly rows: number;
  readonly unreadable: number;
}
