import { rowText } from './parse-table.js';
import type { PdfCell, PdfLine } from './pdf-lines.js';

/** A line as it is to be read. A row stands on its own and never continues on the next line. */
export interface PageLine {
  readonly text: string;
  readonly isRow: boolean;
  /** Whether its letters are larger than those of the running text. */
  readonly isLarge?: boolean;
}

interface Column {
  readonly name: string;
  readonly left: number;
  readonly right: number;
}

/** Separates the cells of a row without column names. */
const SEPARATOR = ' | ';
/** Marks an empty cell; otherwise its neighbour would be read in its place. */
const EMPTY = '–';
/** Edges at most this far apart, in points, count as the same edge. */
const SAME_EDGE = 8;
/** Lines within a cell are closer together than rows, by this factor. */
const WITHIN_ROW = 0.8;
/** A gap of this many usual ones ends a paragraph. */
const PARAGRAPH_GAP = 1.7;
const LONGEST_NAME = 40;
/** Titles are at least this many times as high as the text. */
const LARGE = 1.14;

/** Turns the lines of pages into text, tables row by row; a table may continue on the next page. */
export class TableReader {
  private columns: readonly Column[] | undefined;

  read(lines: readonly PdfLine[]): PageLine[] {
    const usual = usualGap(lines);
    const height = usualHeight(lines) * LARGE;
    const read: PageLine[] = [];
    for (let at = 0; at < lines.length;) {
      const end = endOfTable(lines, at, usual);
      const before = lines[at - 1];
      const gap = before === undefined ? 0 : (lines[at]?.top ?? 0) - before.top;
      if (usual > 0 && gap > usual * PARAGRAPH_GAP) read.push({ text: '', isRow: false });
      read.push(...this.readPart(lines.slice(at, end), height));
      at = end;
    }
    return read;
  }

  private readPart(lines: readonly PdfLine[], large: number): PageLine[] {
    if (!lines.some(isApart)) {
      return lines.map(({ cells, height }) => ({
        text: cells.map(({ text }) => text).join(' '),
        isRow: false,
        isLarge: height >= large,
      }));
    }
    const rows = joinedLines(lines);
    const [header] = rows;
    const headerColumns = header === undefined ? undefined : columnsOf(header, rows.slice(1));
    if (headerColumns !== undefined) {
      this.columns = headerColumns;
      return rows.slice(1).map((row) => namedRow(row, headerColumns));
    }
    const { columns } = this;
    if (columns !== undefined && rows.every((row) => fits(row, columns))) {
      return rows.map((row) => namedRow(row, columns));
    }
    this.columns = undefined;
    return rows.map((row) => ({ text: row.map(({ text }) => text).join(SEPARATOR), isRow: true }));
  }
}

function isApart({ cells }: PdfLine): boolean {
  return cells.length > 1;
}

/** The usual distance between lines. */
function usualGap(lines: readonly PdfLine[]): number {
  const gaps = lines.slice(1).map(({ top }, index) => top - (lines[index]?.top ?? top));
  const sorted = gaps.filter((gap) => gap > 0).sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

/** The height of most letters. */
function usualHeight(lines: readonly PdfLine[]): number {
  const letters = new Map<number, number>();
  for (const { cells, height } of lines) {
    const count = cells.reduce((sum, { text }) => sum + text.length, 0);
    letters.set(height, (letters.get(height) ?? 0) + count);
  }
  const [most] = [...letters].sort(([, one], [, other]) => other - one);
  return most?.[0] ?? Infinity;
}

/** The line after the table that begins at `start`, or after that single line if it is not a table. */
function endOfTable(lines: readonly PdfLine[], start: number, usual: number): number {
  let end = start + 1;
  const first = lines[start];
  if (first === undefined || !isApart(first)) return end;
  for (let at = start + 1; at < lines.length; at += 1) {
    const [line, before, after] = [lines[at], lines[at - 1], lines[at + 1]];
    if (line === undefined || before === undefined || line.top < before.top) break;
    const isNear = line.top - before.top <= Math.max(usual, before.height * 2) * 2.5;
    if (isApart(line) && isNear) end = at + 1;
    // A cell over two lines, or a row with only one value.
    else if (!isNear || after === undefined || !isPartOf(line, lines[start], before)) break;
    else end = at + 1;
  }
  return end;
}

function isPartOf({ cells, top }: PdfLine, first: PdfLine | undefined, before: PdfLine): boolean {
  const [cell] = cells;
  if (cell === undefined || cells.length > 1) return false;
  const columns = (first?.cells ?? []).slice(1);
  const isOfColumn = columns.some((column) => sharesEdge(cell, column));
  const isWithin = top - before.top <= before.height * 1.3 && cell.text.length <= LONGEST_NAME;
  return isOfColumn || (isWithin && before.cells.some((each) => Math.abs(each.left - cell.left) <= 2));
}

/** Joins the lines of cells whose text takes several lines: these are closer together than rows. */
function joinedLines(lines: readonly PdfLine[]): PdfCell[][] {
  const usual = usualGap(lines);
  const rows: PdfCell[][] = [];
  let last: PdfLine | undefined;
  for (const line of lines) {
    const row = rows.at(-1);
    const isMore =
      row !== undefined &&
      last !== undefined &&
      line.cells.length < row.length &&
      line.top - last.top < usual * WITHIN_ROW &&
      line.cells.every((cell) => row.some((other) => overlap(cell, other) > 0));
    if (isMore) extend(row, line.cells);
    else rows.push([...line.cells]);
    last = line;
  }
  return rows;
}

function extend(row: PdfCell[], cells: readonly PdfCell[]): void {
  for (const cell of cells) {
    const place = row.findIndex((other) => overlap(cell, other) > 0);
    const above = row[place];
    if (above === undefined) continue;
    row[place] = {
      text: `${above.text} ${cell.text}`,
      left: Math.min(above.left, cell.left),
      right: Math.max(above.right, cell.right),
    };
  }
}

/**
 * The columns named by the first row: it has no digits, the rows below do, and each of their cells lies under
 * one of the names.
 */
function columnsOf(
  header: readonly PdfCell[],
  rows: readonly (readonly PdfCell[])[],
): readonly Column[] | undefined {
  const isNames = header.every(({ text }) => !/\d/.test(text) && text.length <= LONGEST_NAME);
  const hasFigures = rows.some((row) => row.slice(1).some(({ text }) => /\d/.test(text)));
  if (header.length < 2 || !isNames || !hasFigures) return undefined;
  const columns = header.map(({ text, left, right }) => ({ name: text.replace(/[:;]/g, ''), left, right }));
  return rows.every((row) => fits(row, columns)) ? columns : undefined;
}

/** Whether each cell has a column of its own. */
function fits(row: readonly PdfCell[], columns: readonly Column[]): boolean {
  const places = row.map((cell) => placeOf(cell, columns));
  return new Set(places).size === places.length && !places.includes(undefined);
}

function namedRow(row: readonly PdfCell[], columns: readonly Column[]): PageLine {
  const values = columns.map(() => EMPTY);
  for (const cell of row) {
    const place = placeOf(cell, columns);
    if (place !== undefined) values[place] = cell.text;
  }
  return {
    text: rowText(
      columns.map(({ name }) => name),
      values,
    ),
    isRow: true,
  };
}

/** The column a cell belongs to: the one it overlaps most, or else the nearest. */
function placeOf(cell: PdfCell, columns: readonly Column[]): number | undefined {
  const overlaps = columns.map((column) => overlap(cell, column));
  const most = Math.max(...overlaps);
  if (most > 0) return overlaps.indexOf(most);
  const near = columns.map((column) =>
    Math.min(Math.abs(cell.left - column.right), Math.abs(column.left - cell.right)),
  );
  const nearest = Math.min(...near);
  return nearest <= SAME_EDGE * 4 ? near.indexOf(nearest) : undefined;
}

function overlap(one: Pick<PdfCell, 'left' | 'right'>, other: Pick<PdfCell, 'left' | 'right'>): number {
  return Math.min(one.right, other.right) - Math.max(one.left, other.left);
}

function sharesEdge(one: PdfCell, other: PdfCell): boolean {
  return Math.abs(one.left - other.left) <= SAME_EDGE || Math.abs(one.right - other.right) <= SAME_EDGE;
}
