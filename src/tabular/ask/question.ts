export const MEASURES = ['count', 'sum', 'mean', 'min', 'max'] as const;
export type Measure = (typeof MEASURES)[number];

export const PERIODS = ['day', 'week', 'month', 'year', 'weekday'] as const;
export type Period = (typeof PERIODS)[number];

/** What is asked of a table; every number of the answer is counted from its rows. */
export interface TableQuestion {
  readonly measure: Measure;
  /** Of which column; a count needs none. */
  readonly column?: string;
  /** One line for each value of this column; of a date for each `period`. */
  readonly by?: string;
  readonly period?: Period;
  /** Only rows where these columns have these values. */
  readonly where?: readonly { readonly column: string; readonly is: string }[];
  /** Of the lines: the largest or smallest first; in their own order where they are times. */
  readonly order?: 'largest' | 'smallest';
  /** Lines at most. */
  readonly limit?: number;
}

export interface AnswerLine {
  /** The value of `by`; absent where there is one line for all. */
  readonly group?: string;
  readonly value: number;
  /** Rows it is made from. */
  readonly rows: number;
}

export interface TableAnswer {
  readonly lines: readonly AnswerLine[];
  /** Lines there are, with those that the limit left out. */
  readonly allLines: number;
  /** Rows that were counted, and those where the column holds nothing that can be read. */
  readonly rows: number;
  readonly unreadable: number;
}
