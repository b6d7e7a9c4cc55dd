import { TABLE_LIMITS, TabularError } from '../../contracts/tabular.js';
import { withoutControls } from '../../lib/text/decode-text.js';
import { readDate } from './date-format.js';
import { anyNumber } from './number-format.js';

/** Column names, and the first records that turned out to be rows. */
export interface ReadHeader {
  readonly names: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** The header, a possible second header line, and one that shows what a row looks like. */
const RECORDS_TO_COMPARE = 3;
const LONGEST_NAME = 200;
const UNNAMED = 'Column';

/**
 * Reads the column names from the first records. If header cells were merged, as in `Customer,,Order,` above
 * `Name,City,Date,Amount`, both lines make up the names: `Customer Name`, ...
 */
export class HeaderReader {
  private readonly records: string[][] = [];

  /** Returns `undefined` while more records are needed. */
  add(cells: readonly string[]): ReadHeader | undefined {
    const record = cells.map((cell) => (cell.trim() === '' ? '' : cell));
    if (this.records.length > 0 && record.every((cell) => cell === '')) return undefined;
    this.records.push(record);
    const [header = []] = this.records;
    const isSure = !header.includes('') || this.records.length === RECORDS_TO_COMPARE;
    return isSure ? this.finish() : undefined;
  }

  /** Decides from the records so far, if no more follow. */
  finish(): ReadHeader | undefined {
    const [header, second, third] = this.records;
    if (header === undefined) return undefined;
    return second !== undefined && third !== undefined && isSecondLine(header, second, third)
      ? { names: columnNames(joined(header, second)), rows: [third] }
      : { names: columnNames(header), rows: this.records.slice(1) };
  }
}

const hasDigit = (cell: string | undefined): boolean => /\d/.test(cell ?? '');

/** Whether the second line fills gaps in the header with words, above numbers or dates in the row below. */
function isSecondLine(
  header: readonly string[],
  second: readonly string[],
  third: readonly string[],
): boolean {
  const isTitle = header.filter((cell) => cell !== '').length < 2;
  const words = second.filter((cell) => cell !== '');
  const fillsGap = second.some((cell, column) => cell !== '' && header[column] === '');
  const isWords = !words.some(hasDigit) && new Set(words).size === words.length;
  return (
    !isTitle && fillsGap && isWords && second.some((cell, column) => cell !== '' && hasDigit(third[column]))
  );
}

/** A merged cell applies to the columns that follow it, up to the next filled one. */
function joined(header: readonly string[], second: readonly string[]): string[] {
  let above = '';
  return header.map((cell, column) => {
    if (cell !== '') above = cell.trim();
    const below = second[column]?.trim() ?? '';
    if (below === '') return cell;
    return above === '' ? below : `${above} ${below}`;
  });
}

/** Whether a column had no name. Empty ones are what a spreadsheet writes beside its table. */
export function isUnnamed(name: string): boolean {
  return name.startsWith(UNNAMED) && /^ \d+$/.test(name.slice(UNNAMED.length));
}

/**
 * Whether the names are values, because a table has no header: numbers or dates. Years and the days of a month
 * may well be names.
 */
export function areValues(names: readonly string[]): boolean {
  const plain = names.map((name) => name.replace(/ \(\d+\)$/, ''));
  const numbers = plain.map(anyNumber).filter((value) => !Number.isNaN(value));
  const isSeries = numbers.every((value, index) => index === 0 || value === (numbers[index - 1] ?? 0) + 1);
  const isYears = numbers.every((value) => value >= 1900 && value <= 2100);
  const isNumbers = numbers.length > 0 && !isYears && (numbers.length === 1 || !isSeries);
  return isNumbers || plain.some((name) => !Number.isNaN(readDate(name).dayFirst) && /^\d/.test(name));
}

function columnNames(cells: readonly string[]): string[] {
  if (cells.length > TABLE_LIMITS.columns) {
    throw new TabularError(
      'too-large',
      `The table has ${cells.length} columns; at most ${TABLE_LIMITS.columns} can be read.`,
      {
        reason: {
          key: 'tables.reason.tooManyColumns',
          values: { columns: cells.length, most: TABLE_LIMITS.columns },
        },
      },
    );
  }
  const used = new Set<string>();
  return cells.map((cell, index) => {
    const base = withoutControls(cell).trim().slice(0, LONGEST_NAME) || `${UNNAMED} ${index + 1}`;
    let name = base;
    for (let copy = 2; used.has(name); copy += 1) name = `${base} (${copy})`;
    used.add(name);
    return name;
  });
}
