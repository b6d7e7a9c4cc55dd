import type { MessageKey } from './i18n.js';

export const COLUMN_TYPES = ['number', 'category', 'boolean', 'date', 'text', 'id'] as const;
export type ColumnType = (typeof COLUMN_TYPES)[number];

/** What is known of one column of a table. */
export interface DatasetColumn {
  readonly name: string;
  readonly type: ColumnType;
  /** Cells with nothing in them, or with something that the type cannot read. */
  readonly missing: number;
  /** Of `missing`: cells that hold something else than the type says. */
  readonly unreadable: number;
  readonly distinct: number;
  /** Of numbers; of dates in ISO 8601. */
  readonly min?: number | string;
  readonly max?: number | string;
  readonly mean?: number;
  /** The most frequent values, of all types but numbers and dates. */
  readonly top?: readonly { readonly value: string; readonly count: number }[];
  /** Of numbers and dates (in days since 1970): how many cells lie in equal parts of the usual range. */
  readonly histogram?: { readonly from: number; readonly to: number; readonly counts: readonly number[] };
  /** Names, addresses and the like: left out of models unless named. */
  readonly personal: boolean;
  /** How the cells are read, as decided or corrected. */
  readonly format?: ColumnFormat;
}

export interface ColumnFormat {
  readonly decimal?: '.' | ',';
  readonly dateOrder?: 'day-first' | 'month-first';
  readonly currency?: string;
  readonly hasTime?: boolean;
}

/** How the file was read, as decided or corrected. */
export interface TableFormat {
  readonly encoding: string;
  readonly delimiter: string;
  /** Lines above the header, such as the title of a report; absent where there are none. */
  readonly titleRows?: number;
  /** Lines of sums below the last row, which are left out; absent where there are none. */
  readonly totalRows?: number;
}

/** Corrections of what was decided; what is absent is decided from the file. */
export interface ReadingChoices {
  readonly encoding?: string;
  readonly delimiter?: string;
  readonly titleRows?: number;
  readonly decimal?: '.' | ',';
  readonly dateOrder?: 'day-first' | 'month-first';
  readonly types?: Readonly<Record<string, ColumnType>>;
}

export interface TableProfile {
  readonly rows: number;
  readonly columns: readonly DatasetColumn[];
  /** Names of columns that look like something to predict, the best first. */
  readonly targetCandidates: readonly string[];
  readonly format: TableFormat;
}

/** What a table may be. Bytes are of the file as it came. */
export const TABLE_LIMITS = {
  bytes: 200 * 1024 * 1024,
  rows: 1_000_000,
  columns: 200,
} as const;

/** Why, so that a person can be told in their language. */
export interface TableReason {
  readonly key: Extract<MessageKey, `tables.reason.${string}`>;
  readonly values?: Readonly<Record<string, string | number>>;
}

export type TabularErrorKind =
  /** The file is no table, or a broken one; names the row where it can. */
  | 'not-a-table'
  | 'invalid-csv'
  | 'empty'
  | 'too-large'
  /** A column that the table does not have. */
  | 'unknown-column'
  /** Nothing can be learned: one class, too few rows, no features, a target of all different values. */
  | 'cannot-train'
  /** A question that a table cannot answer. */
  | 'cannot-answer'
  /** A table for prediction without a column that the model needs. */
  | 'missing-column'
  /** A brought model that is no ONNX file, or one that this house does not run. */
  | 'invalid-model'
  /** There is no model, or none is active. */
  | 'no-model'
  | 'cancelled'
  | 'failed';

export class TabularError extends Error {
  override readonly name = 'TabularError';
  constructor(
    readonly kind: TabularErrorKind,
    /** In English, for API clients: says what is wrong and where. */
    message: string,
    readonly options: {
      readonly cause?: unknown;
      readonly column?: string;
      readonly row?: number;
      readonly reason?: TableReason;
    } = {},
  ) {
    super(message, { cause: options.cause });
  }
}
