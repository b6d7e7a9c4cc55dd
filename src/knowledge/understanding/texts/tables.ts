import { canonical } from '../words/canonical.js';
import { isRow, type Item, type RowItem, type Section } from './items.js';
import { cellsOf } from './rows.js';
import { nearness, SAME_GROUP, type Lexicon } from '../words/lexicon.js';

/** What the numbers in a column measure. */
export type Measure = 'price' | 'duration' | 'size' | 'weight' | 'number';

export interface Column {
  readonly name: string;
  readonly measure: Measure;
}

/** The rows of one table, with its comparable columns. */
export interface Table {
  readonly section: Section;
  readonly rows: readonly RowItem[];
  readonly columns: readonly Column[];
  /** Rows by their unique code, in the form of `plainCode`. */
  readonly codes: ReadonlyMap<string, RowItem>;
}

/** A column is numeric if at least this share of its cells are numbers. */
const MOSTLY = 0.7;
/** Numbers of at least this size are prices if nothing else says what they are. */
const LEAST_PRICE = 1_000;
const HOURS: readonly (readonly [RegExp, number])[] = [
  [/(\d+(?:[.,]\d+)?)\s?(?:menit|mnt|min(?:ute)?s?)\b/i, 1 / 60],
  [/(\d+(?:[.,]\d+)?)\s?(?:jam|hours?|hrs?)\b/i, 1],
  [/(\d+(?:[.,]\d+)?)\s?(?:hari|days?)\b/i, 24],
  [/(\d+(?:[.,]\d+)?)\s?(?:minggu|weeks?)\b/i, 24 * 7],
  [/(\d+(?:[.,]\d+)?)\s?(?:bulan|months?)\b/i, 24 * 30],
];
const CURRENCY = /\b(?:rp|idr|usd|eur|sgd|myr|aud)\b|[$€£]/i;
/** Words that identify the measure of a column by its name. */
const NAMES: readonly (readonly [Measure, readonly string[]])[] = [
  ['price', ['harga', 'biaya', 'tarif', 'sewa']],
  ['duration', ['durasi', 'lama']],
  ['size', ['ukuran', 'panjang']],
  ['weight', ['berat']],
];

export function tablesOf(items: readonly Item[], lexicon: Lexicon): readonly Table[] {
  const sections = new Map<Section, RowItem[]>();
  for (const item of items) {
    if (!isRow(item)) continue;
    const rows = sections.get(item.section);
    if (rows === undefined) sections.set(item.section, [item]);
    else rows.push(item);
  }
  return [...sections]
    .filter(([, rows]) => rows.length > 1)
    .map(([section, rows]) => ({
      section,
      rows,
      columns: columnsOf(rows, lexicon),
      codes: codesOf(rows),
    }));
}

/** Letters and digits combined in one word, as in `TL-02`. */
const CODE = /^(?=.*\p{L})(?=.*\d)[\p{L}\d./_-]{3,20}$/u;

/** A code however it is written: `F-203`, `f203`, `F 203`. */
export function plainCode(text: string): string {
  return text.toLowerCase().replace(/[^\p{L}\d]/gu, '');
}

/** The rows by the table's code column, if it has one: every value a code, all distinct. */
function codesOf(rows: readonly RowItem[]): ReadonlyMap<string, RowItem> {
  const columns = new Map<string, Map<string, RowItem>>();
  for (const item of rows) {
    const { row } = item.passage;
    for (const { column, value } of row === undefined ? [] : cellsOf(row)) {
      const codes = columns.get(column) ?? new Map<string, RowItem>();
      if (CODE.test(value.trim())) codes.set(plainCode(value), item);
      columns.set(column, codes);
    }
  }
  return [...columns.values()].find(({ size }) => size === rows.length) ?? new Map<string, RowItem>();
}

function columnsOf(rows: readonly RowItem[], lexicon: Lexicon): readonly Column[] {
  const values = new Map<string, string[]>();
  for (const { passage } of rows) {
    for (const { column, value } of passage.row?.cells ?? []) {
      values.set(column, [...(values.get(column) ?? []), value]);
    }
  }
  return [...values].flatMap(([name, cells]) => {
    const numbers = cells.filter((cell) => /\d/.test(cell));
    if (numbers.length < cells.length * MOSTLY) return [];
    return [{ name, measure: measureOf(name, numbers, lexicon) }];
  });
}

function measureOf(name: string, cells: readonly string[], lexicon: Lexicon): Measure {
  const mostly = (test: (cell: string) => boolean): boolean =>
    cells.filter(test).length >= cells.length * MOSTLY;
  if (CURRENCY.test(name) || mostly((cell) => CURRENCY.test(cell))) return 'price';
  if (mostly((cell) => HOURS.some(([unit]) => unit.test(cell)))) return 'duration';
  const measure = measureNamed(name, lexicon);
  if (measure !== undefined) return measure;
  return mostly((cell) => (numberIn(cell) ?? 0) >= LEAST_PRICE) ? 'price' : 'number';
}

function measureNamed(name: string, lexicon: Lexicon): Measure | undefined {
  const nameTerms = lexicon.terms(name);
  return NAMES.find(([, words]) =>
    words.some((word) => nameTerms.some((term) => nearness(term, lexicon.term(word)) >= SAME_GROUP)),
  )?.[0];
}

/** Whether the name of a column says that it holds prices. */
export function isPriceColumn(name: string, lexicon: Lexicon): boolean {
  return CURRENCY.test(name) || measureNamed(name, lexicon) === 'price';
}

/** A cell's value as a number: an amount, or hours for durations. */
export function valueOf({ passage }: RowItem, { name, measure }: Column): number | undefined {
  const cell = passage.row?.cells.find(({ column }) => column === name);
  if (cell === undefined) return undefined;
  if (measure === 'duration') {
    for (const [unit, hours] of HOURS) {
      const [, count] = unit.exec(cell.value) ?? [];
      if (count !== undefined) return Number(count.replace(',', '.')) * hours;
    }
  }
  return numberIn(cell.value);
}

function numberIn(text: string): number | undefined {
  const [digits] = /\d+(?:[.,]\d+)?/.exec(canonical(text)) ?? [];
  return digits === undefined ? undefined : Number(digits.replace(',', '.'));
}
