import type { ColumnFormat, DatasetColumn } from '../../contracts/tabular.js';
import { dateBy, readDate } from './date-format.js';
import { numberBy, readNumber } from './number-format.js';

const PARTS = 12;
/** Values outside these quantiles would squeeze all others into one bar; they count towards the end bars. */
const ENDS = [0.01, 0.99] as const;

/** The distribution of a column's cells between its usual minimum and maximum. */
export function histogramOf(
  cells: ReadonlyMap<string, number>,
  type: 'number' | 'date',
  { decimal = '.', dateOrder = 'day-first' }: ColumnFormat,
): DatasetColumn['histogram'] {
  const valueOf = (cell: string): number =>
    type === 'number' ? numberBy(decimal, readNumber(cell)) : dateBy(dateOrder, readDate(cell));
  const values = [...cells]
    .map(([cell, count]) => ({ value: valueOf(cell), count }))
    .filter(({ value }) => Number.isFinite(value))
    .sort((a, b) => a.value - b.value);
  const total = values.reduce((sum, { count }) => sum + count, 0);
  const [from, to] = ENDS.map((share) => quantile(values, total * share));
  if (from === undefined || to === undefined || to <= from) return undefined;
  const counts = new Array<number>(PARTS).fill(0);
  for (const { value, count } of values) {
    const part = Math.min(PARTS - 1, Math.max(0, Math.floor(((value - from) / (to - from)) * PARTS)));
    counts[part] = (counts[part] ?? 0) + count;
  }
  return { from, to, counts };
}

function quantile(
  sorted: readonly { readonly value: number; readonly count: number }[],
  rank: number,
): number | undefined {
  let cumulativeCount = 0;
  for (const { value, count } of sorted) {
    cumulativeCount += count;
    if (cumulativeCount >= rank) return value;
  }
  return sorted.at(-1)?.value;
}
