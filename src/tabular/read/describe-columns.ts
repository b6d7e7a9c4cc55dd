import type { ColumnFormat, ColumnType, DatasetColumn, ReadingChoices } from '../../contracts/tabular.js';
import type { ColumnEvidence, Readable } from './column-evidence.js';
import { topOf, type ColumnProfiler } from './column-profiler.js';
import { histogramOf } from './histogram-of.js';
import { dateText, type DateOrder } from './date-format.js';
import { isIdName, isPersonalName } from './column-names.js';
import type { DecimalMark } from './number-format.js';
import { ownValue } from '../../lib/own-value.js';

/** Share of the cells that must be readable as a type; the others count as missing. */
const READABLE_SHARE = 0.95;
/** Up to this many distinct values are categories, however few rows there are. */
const MOST_CATEGORIES = 1000;
/** Share of distinct values from which a column only identifies its rows. */
const ID_SHARE = 0.95;
const FEWEST_FOR_ID = 20;

type Finished = ReturnType<ColumnProfiler['finish']>;

interface Reading {
  readonly type: ColumnType;
  readonly format: ColumnFormat;
}

/** Decides the type of each column; if one is ambiguous, the other columns help. */
export function describeColumns(
  names: readonly string[],
  profilers: readonly ColumnProfiler[],
  rows: number,
  delimiter: string,
  choices: ReadingChoices,
): DatasetColumn[] {
  const finished = profilers.map((profiler) => profiler.finish());
  const decimal = choices.decimal ?? tableDecimal(finished, delimiter);
  const dateOrder = choices.dateOrder ?? tableDateOrder(finished);
  return names.map((name, index) => {
    const column = finished[index];
    if (column === undefined) throw new Error('a column without a profiler');
    const { evidence } = column;
    const marks = { decimal: choices.decimal ?? columnDecimal(evidence, decimal), dateOrder };
    const type = ownValue(choices.types ?? {}, name) ?? typeOf(name, column, rows, marks);
    const reading = { type, format: formatOf(type, evidence, marks) };
    return describe(name, reading, type === 'category' ? withNothing(column) : column);
  });
}

function typeOf(
  name: string,
  { evidence, distinct, top }: Finished,
  rows: number,
  marks: { readonly decimal: DecimalMark; readonly dateOrder: DateOrder },
): ColumnType {
  const { cells } = evidence;
  if (cells === 0) return 'category';
  const enough = cells * READABLE_SHARE;
  if (evidence.booleans === cells && isYesOrNo(top.map(({ value }) => value))) return 'boolean';
  const isUnique = cells >= FEWEST_FOR_ID && distinct >= cells * ID_SHARE;
  const numbers = evidence.numbers[marks.decimal];
  if (numbers.count >= enough) {
    if (evidence.leadingZeros > cells * 0.05) return isUnique ? 'id' : 'category';
    const isWhole = Number.isInteger(numbers.sum) && Number.isInteger(numbers.min);
    return isUnique && isWhole && (isIdName(name) || countsRows(numbers, rows)) ? 'id' : 'number';
  }
  if (evidence.dates[marks.dateOrder].count >= enough) return 'date';
  if (evidence.texts > cells * 0.5 && distinct > Math.max(20, cells * 0.3)) return 'text';
  if (isUnique) return evidence.texts > cells * 0.2 ? 'text' : 'id';
  return distinct <= MOST_CATEGORIES || distinct < cells * 0.5 ? 'category' : 'id';
}

/** Two words, whatever their capitals, or several such as "ya", "tidak" and "tdk"; "Y", "N" and "T" may be grades. */
function isYesOrNo(values: readonly string[]): boolean {
  const words = new Set(values.map((value) => value.toLowerCase()));
  return words.size <= 2 || [...words].every((word) => word.length > 1);
}

/** Whether a number only counts the rows: 1, 2, 3, ... */
function countsRows({ min, max }: { min: number; max: number }, rows: number): boolean {
  return (min === 0 || min === 1) && max - min === rows - 1 && rows >= FEWEST_FOR_ID;
}

function formatOf(
  type: ColumnType,
  evidence: ColumnEvidence,
  marks: { readonly decimal: DecimalMark; readonly dateOrder: DateOrder },
): ColumnFormat {
  if (type === 'number') {
    const currency = [...evidence.currencies].sort((a, b) => b[1] - a[1])[0]?.[0];
    const { '.': point, ',': comma } = evidence.numbers;
    return {
      decimal: marks.decimal,
      ...(currency === undefined ? {} : { currency }),
      ...(isSame(point, comma) ? {} : { isDecisive: true }),
    };
  }
  if (type === 'date') {
    const { 'day-first': dayFirst, 'month-first': monthFirst } = evidence.dates;
    return {
      dateOrder: marks.dateOrder,
      ...(isSame(dayFirst, monthFirst) ? {} : { isDecisive: true }),
      hasTime: evidence.withTime > evidence.dates[marks.dateOrder].count / 2,
    };
  }
  return {};
}

/** Among categories, "none" and the like are values. */
function withNothing(column: Finished): Finished {
  const { distinct, missing, nothing, seen } = column;
  const cells = [...nothing.values()].reduce((sum, count) => sum + count, 0);
  if (cells === 0) return column;
  return {
    ...column,
    distinct: distinct + nothing.size,
    missing: missing - cells,
    top: topOf([...seen, ...nothing]),
  };
}

/** Whether two ways to read the cells give the same values. */
function isSame(one: Readable, other: Readable): boolean {
  return one.count === other.count && one.sum === other.sum && one.min === other.min;
}

function describe(name: string, { type, format }: Reading, column: Finished): DatasetColumn {
  const { evidence, distinct, missing, top, seen } = column;
  const histogram = type === 'number' || type === 'date' ? histogramOf(seen, type, format) : undefined;
  const readable =
    type === 'number'
      ? evidence.numbers[format.decimal ?? '.']
      : type === 'date'
        ? evidence.dates[format.dateOrder ?? 'day-first']
        : undefined;
  const unreadable =
    readable !== undefined
      ? evidence.cells - readable.count
      : type === 'boolean'
        ? evidence.cells - evidence.booleans
        : 0;
  const display = (value: number): number | string => (type === 'date' ? dateText(value) : value);
  const range =
    readable !== undefined && readable.count > 0
      ? { min: display(readable.min), max: display(readable.max) }
      : {};
  return {
    name,
    type,
    missing: missing + unreadable,
    unreadable,
    distinct,
    ...range,
    ...(type === 'number' && readable !== undefined && readable.count > 0
      ? { mean: readable.sum / readable.count }
      : {}),
    ...(readable === undefined ? { top } : {}),
    ...(histogram === undefined ? {} : { histogram }),
    personal: isPersonal(name, type, evidence),
    ...(Object.keys(format).length === 0 ? {} : { format }),
  };
}

function isPersonal(name: string, type: ColumnType, evidence: ColumnEvidence): boolean {
  if (evidence.emails + evidence.phones > evidence.cells * 0.5) return true;
  return type !== 'boolean' && type !== 'date' && isPersonalName(name);
}

/** The column's own cells decide; if they are ambiguous, the table does. */
function columnDecimal({ numbers }: ColumnEvidence, table: DecimalMark): DecimalMark {
  const difference = numbers['.'].count - numbers[','].count;
  if (difference === 0) return table;
  return difference > 0 ? '.' : ',';
}

/** The decimal mark of the unambiguous columns; without any, guessed from the currency and the delimiter. */
function tableDecimal(columns: readonly Finished[], delimiter: string): DecimalMark {
  let point = 0;
  let comma = 0;
  let rupiah = 0;
  for (const { evidence } of columns) {
    const { numbers, cells, currencies } = evidence;
    if (numbers['.'].count > numbers[','].count && numbers['.'].count > cells * 0.5) point += 1;
    if (numbers[','].count > numbers['.'].count && numbers[','].count > cells * 0.5) comma += 1;
    rupiah += [...currencies.keys()].filter((name) => /^(?:rp|idr|rupiah)/i.test(name)).length;
  }
  if (point !== comma) return point > comma ? '.' : ',';
  return rupiah > 0 || delimiter === ';' ? ',' : '.';
}

/** Days above twelve decide; without any, the day comes first, as in most of the world. */
function tableDateOrder(columns: readonly Finished[]): DateOrder {
  let dayFirst = 0;
  let monthFirst = 0;
  for (const { evidence } of columns) {
    dayFirst += evidence.dates['day-first'].count;
    monthFirst += evidence.dates['month-first'].count;
  }
  return monthFirst > dayFirst ? 'month-first' : 'day-first';
}
