/** What a spreadsheet's line of sums begins with, in the languages of the house. */
const TOTAL =
  /^(?:(?:grand|sub)[ -]?)?(?:total|totals|jumlah|sum)(?: (?:keseluruhan|semua|akhir|umum))?\s*:?$/i;
const LONGEST_TOTAL = 24;
/** More of them one below the other are rows of a table about totals. */
const MOST_TOTALS = 3;

export interface RowReader {
  /** The array is reused for the next row. `false` ends it. */
  onRow(cells: readonly string[]): boolean | undefined;
  /** Totals below the rows are rows like any other: who gives the table back gives it back whole. */
  readonly keepsTotals?: boolean;
}

/** Passes the rows of a table on: not the blank ones, and not the sums that stand below the last one. */
export class RowFilter {
  private readonly held: string[][] = [];

  constructor(private readonly reader: RowReader) {}

  add(cells: readonly string[]): boolean {
    const first = cells.find((cell) => cell.trim() !== '');
    if (first === undefined) return true;
    if (this.reader.keepsTotals !== true && isTotal(first, cells)) {
      const goesOn = this.held.length < MOST_TOTALS || this.release();
      this.held.push([...cells]);
      return goesOn;
    }
    return this.release() && this.reader.onRow(cells) !== false;
  }

  /** After the last row: sums that no other row has followed. */
  get leftOut(): number {
    return this.held.length;
  }

  /** Another row follows, so what looked like a sum is a row. */
  private release(): boolean {
    if (this.held.length === 0) return true;
    return this.held.splice(0).every((cells) => this.reader.onRow(cells) !== false);
  }
}

/** A line of sums leaves some of its cells empty. */
function isTotal(first: string, cells: readonly string[]): boolean {
  return (
    first.length <= LONGEST_TOTAL && TOTAL.test(first.trim()) && cells.some((cell) => cell.trim() === '')
  );
}
