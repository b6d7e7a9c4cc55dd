import { ownValue } from '../../../lib/own-value.js';

/** One value of a row under the name of its column. */
export interface Cell {
  readonly column: string;
  readonly value: string;
}

/** A table row: the value that names it, and the other cells. */
export interface Row {
  readonly name: string;
  /** The column that holds the name. */
  readonly named: string;
  readonly cells: readonly Cell[];
}

const CELL = /^([^:;]{1,60}):\s*(.*)$/u;
const NUMERIC = /^[\s\d.,%+-]*$/u;

/** Reads `Name: Cap; Price: 45000`; `undefined` if the text is not a row. */
export function readRow(text: string): Row | undefined {
  const cells: { column: string; value: string }[] = [];
  for (const part of text.split(/;\s*/u)) {
    const [, column, value] = CELL.exec(part) ?? [];
    const last = cells.at(-1);
    if (column !== undefined && value !== undefined) cells.push({ column, value });
    else if (last === undefined) return undefined;
    // A value may itself contain a semicolon.
    else last.value = `${last.value}; ${part}`;
  }
  if (cells.length < 2) return undefined;
  const name =
    cells.find(({ value }) => isSpoken(value)) ?? cells.find(({ value }) => !NUMERIC.test(value)) ?? cells[0];
  return name && rowNamed(name, cells);
}

/** All cells of a row, starting with the name. */
export function cellsOf({ name, named, cells }: Row): readonly Cell[] {
  return [{ column: named, value: name }, ...cells];
}

function rowNamed(name: Cell, cells: readonly Cell[]): Row {
  return {
    name: name.value,
    named: name.column,
    cells: cells.filter((cell) => cell !== name && cell.value !== ''),
  };
}

/** Whether people would say this aloud as a name: `Kopi Gayo`, not `KP-03`, `5 kg` or `120`. */
function isSpoken(value: string): boolean {
  return !/^\S*\d\S*$/u.test(value.trim()) && /\p{L}{3}/u.test(value);
}

/**
 * Names the rows of a table by the column that distinguishes them, not by a leading category column that is
 * the same in most rows.
 */
export function disambiguateNames(rows: readonly Row[]): readonly Row[] {
  return namedByColumn(withoutCounter(rows));
}

/** Drops a column that only numbers the rows: `No: 1`, `No: 2`, ... */
function withoutCounter(rows: readonly Row[]): readonly Row[] {
  const counter = rows[0]?.cells.find(({ value }) => value === '1')?.column;
  const counts = (row: Row, at: number): boolean =>
    row.cells.some(({ column, value }) => column === counter && value === String(at + 1));
  if (counter === undefined || rows.length < LEAST_COUNTED || !rows.every(counts)) return rows;
  return rows.map((row) => ({ ...row, cells: row.cells.filter(({ column }) => column !== counter) }));
}

function namedByColumn(rows: readonly Row[]): readonly Row[] {
  const columns = new Map<string, string[]>();
  for (const row of rows) {
    for (const { column, value } of cellsOf(row)) {
      columns.set(column, [...(columns.get(column) ?? []), value]);
    }
  }
  const usual = usualNaming(rows);
  if (usual === undefined) return rows;
  const canTell = apart(columns.get(usual) ?? []) >= APART;
  const better = canTell
    ? undefined
    : [...columns].find(([, values]) => values.length === rows.length && canName(values))?.[0];
  return rows.map((row) => namedBy(better ?? usual, row));
}

/** The column that names most rows: among `Nylon`, `Leather` and `TR90`, the last is a name as well. */
function usualNaming(rows: readonly Row[]): string | undefined {
  const counts = new Map<string, number>();
  for (const { named } of rows) counts.set(named, (counts.get(named) ?? 0) + 1);
  const most = Math.max(...counts.values());
  return [...counts].find(([, count]) => count === most)?.[0];
}

function namedBy(column: string, row: Row): Row {
  const cells = cellsOf(row);
  const name = cells.find((cell) => cell.column === column);
  return name === undefined || row.named === column ? row : rowNamed(name, cells);
}

/** With fewer rows, numbers may be consecutive by chance. */
const LEAST_COUNTED = 3;
/** A naming column has at least this share of distinct, speakable values. */
const APART = 0.8;
/** Longer values are descriptions, not names; in characters. */
const LONGEST_NAME = 60;

function canName(values: readonly string[]): boolean {
  return (
    apart(values) >= APART &&
    // A list, such as of the colours of a thing, is no name.
    values.every((value) => value.length <= LONGEST_NAME && !value.includes(';')) &&
    values.filter(isSpoken).length >= values.length * APART
  );
}

function apart(values: readonly string[]): number {
  return new Set(values).size / values.length;
}

const CURRENCY = /\(?\b(rp|idr|usd|eur|sgd|myr|aud)\b\.?\)?|[$€£]/iu;
const SIGNS: Readonly<Record<string, string>> = { rp: 'Rp', idr: 'Rp', usd: 'US$', eur: '€' };

/** A cell as people write it: `Kilat (Rp): 58000` is `Kilat: Rp58.000`, a price of 58000 is `58.000`. */
export function readable({ column, value }: Cell, isPrice: boolean): string {
  const [, currency] = CURRENCY.exec(column) ?? [];
  const label = column
    .replace(CURRENCY, '')
    .replace(/[_\s]+/g, ' ')
    .replace(/\(\s*\)/g, '')
    .trim();
  const isAmount = /^\d{4,}$/.test(value.trim()) && (currency !== undefined || isPrice);
  const text = isAmount ? money(value.trim(), currency) : value.trim();
  return label === '' ? text : `${label}: ${text}`;
}

/** How the cells of a row are shown. */
export interface ShownCells {
  readonly isAsked: (cell: Cell) => boolean;
  /** Whether a plain number is a price, so that its digits are grouped. */
  readonly isPrice: (cell: Cell) => boolean;
  readonly onlyAsked?: boolean;
}

/** How many cells are shown in addition to those asked for. */
const MOST_BESIDE = 3;

/** A row as one line: its name, the requested cells, then some of the others. */
export function rowSentence(
  { name, cells }: Row,
  { isAsked, isPrice, onlyAsked = false }: ShownCells,
): string {
  const notInName = cells.filter(({ value }) => !name.endsWith(` ${value}`));
  const requested = notInName.filter(isAsked);
  const others = onlyAsked ? [] : notInName.filter((cell) => !requested.includes(cell));
  const rest = requested.length === 0 ? others : others.slice(0, MOST_BESIDE);
  const text = [...requested, ...rest].map((cell) => readable(cell, isPrice(cell))).join(', ');
  return text === '' ? name : `${name} — ${text}`;
}

function money(digits: string, currency: string | undefined): string {
  const sign =
    currency === undefined ? '' : (ownValue(SIGNS, currency.toLowerCase()) ?? `${currency.toUpperCase()} `);
  return `${sign}${digits.replace(/\B(?=(\d{3})+(?!\d))/g, '.')}`;
}
