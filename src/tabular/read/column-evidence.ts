import { readDate, type DateOrder } from './date-format.js';
import { readNumber, type DecimalMark } from './number-format.js';
import { readBoolean } from './words.js';

/** Sums over the cells that can be read in one particular way. */
export interface Readable {
  count: number;
  sum: number;
  min: number;
  max: number;
}

const EMAIL = /^[^\s@]+@[^\s@]+\.[a-z]{2,}$/i;
/**
 * Matches what can only be a number: not a date, telephone number or text. Most cells of large tables match.
 */
const ONLY_A_NUMBER = /^-?(?:[1-9]\d*|0)(?:[.,]\d+)?$/;
const PHONE = /^(?:\+|00)\d[\d ().-]{7,}$|^0\d[\d ().-]{7,13}$/;
/** A cell with fewer words is a name or a label, not text. */
const WORDS_OF_A_TEXT = 3;

/** The evidence for each possible type of a column, counted over its cells. */
export class ColumnEvidence {
  cells = 0;
  readonly numbers: Readonly<Record<DecimalMark, Readable>> = { '.': readable(), ',': readable() };
  readonly dates: Readonly<Record<DateOrder, Readable>> = {
    'day-first': readable(),
    'month-first': readable(),
  };
  booleans = 0;
  leadingZeros = 0;
  withTime = 0;
  texts = 0;
  emails = 0;
  phones = 0;
  readonly currencies = new Map<string, number>();

  /** Adds a cleaned, non-empty cell that occurs `count` times. */
  add(cell: string, count: number): void {
    this.cells += count;
    this.addNumber(cell, count);
    if (cell.length > 1 && ONLY_A_NUMBER.test(cell)) return;
    this.addDate(cell, count);
    if (!Number.isNaN(readBoolean(cell))) this.booleans += count;
    if (cell.split(/\s+/, WORDS_OF_A_TEXT).length === WORDS_OF_A_TEXT) this.texts += count;
    if (EMAIL.test(cell)) this.emails += count;
    if (PHONE.test(cell)) this.phones += count;
  }

  private addNumber(cell: string, count: number): void {
    const reading = readNumber(cell);
    note(this.numbers['.'], reading.point, count);
    note(this.numbers[','], reading.comma, count);
    if (reading.hasLeadingZero) this.leadingZeros += count;
    const { currency } = reading;
    if (currency !== undefined && this.currencies.size < 20) {
      this.currencies.set(currency, (this.currencies.get(currency) ?? 0) + count);
    }
  }

  private addDate(cell: string, count: number): void {
    const reading = readDate(cell);
    note(this.dates['day-first'], reading.dayFirst, count);
    note(this.dates['month-first'], reading.monthFirst, count);
    if (reading.hasTime) this.withTime += count;
  }
}

function readable(): Readable {
  return { count: 0, sum: 0, min: Number.POSITIVE_INFINITY, max: Number.NEGATIVE_INFINITY };
}

function note(into: Readable, value: number, count: number): void {
  if (Number.isNaN(value)) return;
  into.count += count;
  into.sum += value * count;
  if (value < into.min) into.min = value;
  if (value > into.max) into.max = value;
}
