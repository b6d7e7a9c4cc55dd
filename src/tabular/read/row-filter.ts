/** How a totals line of a spreadsheet begins, in English and Indonesian. */
const TOTAL =
  /^(?:(?:grand|sub)[ -]?)?(?:total|totals|jumlah|sum)(?: (?:keseluruhan|semua|akhir|umum))?\s*:?$/i;
const LONGEST_TOTAL = 24;
/** More consecutive ones are ordinary rows of a table about totals. */
const MOST_TOTALS = 3;

export interface RowReader {
  /** The array is reused for the next row. Returning `false` stops reading. */
  onRow(cells: readonly string[]): boolean | undefined;
  /** Treats totals below the rows as rows, for a caller that must reproduce the table in full. */
  readonly keepsTotals?: boolean;
}

/** Passes on the rows of a table without blank ones and without totals below the last row. */
export class RowFilter {
  private readonly heldRows: string[][] = [];

  constructor(private readonly reader: RowReader) {}

  add(cells: readonly string[]): boolean {
    const first = cells.find((cell) => cell.trim() !== '');
    if (first === undefined) return true;
    if (this.reader.keepsTotals !== true && isTotal(first, cells)) {
      const goesOn = this.heldRows.length < MOST_TOTALS || this.release();
      this.heldRows.push([...cells]);
      return goesOn;
    }
    return this.release() && this.reader.onRow(cells) !== false;
  }

  /** Number of totals lines after the last row. */
  get leftOut(): number {
    return this.heldRows.length;
  }

  /** Passes on held lines that turned out to be rows, not totals. */
  private release(): boolean {
    if (this.heldRows.length === 0) return true;
    return this.heldRows.splice(0).every((cells) => this.reader.onRow(cells) !== false);
  }
}

/** A totals line leaves some of its cells empty. */
function isTotal(first: string, cells: readonly string[]): boolean {
  return (
    first.length <= LONGEST_TOTAL && TOTAL.test(first.trim()) && cells.some((cell) => cell.trim() === '')
  );
}
