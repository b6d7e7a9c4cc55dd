import type { MessageKey } from './i18n.js';

export const COLUMN_TYPES = ['number', 'category', 'boolean', 'date', 'text', 'id'] as const;
export type ColumnType = (typeof COLUMN_TYPES)[number];

/** A description of one column of a table. */
export interface DatasetColumn {
  readonly name: string;
  readonly type: ColumnType;
  /** Empty cells, and cells the type cannot read. */
  readonly missing: number;
  /** The part of `missing` that holds something other than the type expects. */
  readonly unreadable: number;
  readonly distinct: number;
  /** For numbers; for dates in ISO 8601. */
  readonly min?: number | string;
  readonly max?: number | string;
  readonly mean?: number;
  /** The most frequent values, for all types except numbers and dates. */
  readonly top?: readonly { readonly value: string; readonly count: number }[];
  /** For numbers and dates (in days since 1970): cell counts in equal parts of the usual range. */
  readonly histogram?: { readonly from: number; readonly to: number; readonly counts: readonly number[] };
  /** Names, addresses and the like: excluded from models unless named explicitly. */
  readonly personal: boolean;
  /** How the cells are parsed, as detected or corrected. */
  readonly format?: ColumnFormat;
}

export interface ColumnFormat {
  readonly decimal?: '.' | ',';
  readonly dateOrder?: 'day-first' | 'month-first';
  readonly currency?: string;
  readonly hasTime?: boolean;
  /** With another decimal mark or order of day and month, some cells would be read differently. */
  readonly isDecisive?: true;
}

/** How the file was parsed, as detected or corrected. */
export interface TableFormat {
  readonly encoding: string;
  readonly delimiter: string;
  /** Lines above the header, such as a report's title; absent if there are none. */
  readonly titleRows?: number;
  /** Total lines below the last row, which are skipped; absent if there are none. */
  readonly totalRows?: number;
}

/** Corrections to what was detected; absent fields are detected from the file. */
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
  /** Columns that look like something to predict, best first. */
  readonly targetCandidates: readonly string[];
  readonly format: TableFormat;
}

/** Limits of a table. Bytes refer to the file as received. */
export const TABLE_LIMITS = {
  bytes: 200 * 1024 * 1024,
  rows: 1_000_000,
  columns: 200,
} as const;

/** The reason, so that a person can be told in their language. */
export interface TableReason {
  readonly key: Extract<MessageKey, `tables.reason.${string}`>;
  readonly values?: Readonly<Record<string, string | number>>;
}

export type TabularErrorKind =
  /** The file is not a table, or a broken one; names the row where possible. */
  | 'not-a-table'
  | 'invalid-csv'
  | 'empty'
  | 'too-large'
  /** The table has no such column. */
  | 'unknown-column'
  /**
   * Nothing can be learned: one class, too few rows, no features, or a target that is different in every row.
   */
  | 'cannot-train'
  /** A question the table cannot answer. */
  | 'cannot-answer'
  /** A table for prediction lacks a column the model needs. */
  | 'missing-column'
  /** An uploaded model that is not an ONNX file, or not one we run. */
  | 'invalid-model'
  /** The model does not exist, or none is active. */
  | 'no-model'
  | 'cancelled'
  /** The process that worked on the table was ended from outside; it may succeed next time. */
  | 'interrupted'
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
