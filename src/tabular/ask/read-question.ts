import type { DatasetColumn } from '../../contracts/tabular.js';
import { columnMentions, type ColumnMention } from './column-mentions.js';
import { readConditions } from './read-conditions.js';
import type { Measure, Period, TableQuestion } from './question.js';

/** Words of both languages, in lower case. */
const MEASURE_WORDS: readonly (readonly [RegExp, Measure])[] = [
  [/\b(?:mean|average|avg|rata-?rata|rerata)\b/, 'mean'],
  [/\b(?:sum|total of|jumlahkan|jumlah|penjumlahan|total)\b/, 'sum'],
  [/\b(?:min|minimum|lowest|terkecil|terendah|paling sedikit)\b/, 'min'],
  [/\b(?:max|maximum|highest|terbesar|tertinggi|paling banyak)\b/, 'max'],
  [/\b(?:count|how many|number of|hitung|banyaknya|berapa banyak)\b/, 'count'],
];
const PERIOD_WORDS: readonly (readonly [RegExp, Period])[] = [
  [/\b(?:weekday|day of (?:the )?week|nama hari)\b/, 'weekday'],
  [/\b(?:daily|day|hari|harian)\b/, 'day'],
  [/\b(?:weekly|week|minggu|mingguan)\b/, 'week'],
  [/\b(?:monthly|month|bulan|bulanan|trend|tren)\b/, 'month'],
  [/\b(?:yearly|year|tahun|tahunan)\b/, 'year'],
];
const BY = /\b(?:by|per|for each|each|menurut|tiap|setiap|berdasarkan|dari)\b/;
const TOP = /\b(?:top|best|teratas)\s*(\d{1,2})?\b|\b(\d{1,2})\s*(?:terbesar|teratas|largest)\b/;
const BOTTOM = /\b(?:bottom|worst|terbawah)\s*(\d{1,2})?\b|\b(\d{1,2})\s*(?:terkecil|terbawah|smallest)\b/;

/**
 * Parses a question about a table in plain words: "mean total by kota", "jumlah total per bulan", "count by
 * hasil", "top 5 produk by total". `undefined`: it asks nothing that can be computed.
 */
export function readQuestion(text: string, columns: readonly DatasetColumn[]): TableQuestion | undefined {
  const question = text.toLowerCase();
  const { where, rest: unfiltered } = readConditions(question, columns);
  const top = TOP.exec(unfiltered);
  const bottom = BOTTOM.exec(unfiltered);
  const matches = columnMentions(unfiltered, columns);
  const rest = withoutColumns(unfiltered, matches);
  const divided = BY.exec(unfiltered)?.index ?? Number.POSITIVE_INFINITY;
  const period = PERIOD_WORDS.find(([word]) => word.test(rest))?.[1];
  const isNumber = ({ column }: ColumnMention): boolean =>
    column.type === 'number' || column.type === 'boolean';
  const ranked = top ?? bottom;
  // "top 5 produk by total": what is ranked comes before "by", what it is ranked by after it.
  const measured =
    (ranked === null ? matches.find((each) => isNumber(each) && each.at < divided) : undefined) ??
    (ranked === null ? undefined : matches.find((each) => isNumber(each) && each.at > divided)) ??
    (ranked === null && divided < Number.POSITIVE_INFINITY ? undefined : matches.find(isNumber));
  const grouped = matches.find(
    (each) => each !== measured && (ranked !== null || each.at > divided || period === undefined),
  );
  const dates = columns.filter(({ type }) => type === 'date');
  const by = period === undefined ? grouped?.column.name : dateFor(grouped, dates);
  const measure = MEASURE_WORDS.find(([word]) => word.test(rest))?.[1] ?? usualMeasure(measured?.column.name);
  if (measure !== 'count' && measured === undefined) return undefined;
  if (matches.length === 0 && period === undefined && !MEASURE_WORDS.some(([word]) => word.test(rest)))
    return undefined;
  const limit = Number(ranked?.[1] ?? ranked?.[2] ?? Number.NaN);
  return {
    measure,
    ...(measure === 'count' || measured === undefined ? {} : { column: measured.column.name }),
    ...(by === undefined ? {} : { by }),
    ...(period === undefined || by === undefined ? {} : { period }),
    ...(where.length === 0 ? {} : { where }),
    ...(top ? { order: 'largest' as const } : bottom ? { order: 'smallest' as const } : {}),
    ...(Number.isNaN(limit) ? {} : { limit: Math.max(1, limit) }),
  };
}

/**
 * Blanks out column names, because a column may be called "total" or "hari" without that being a word of the
 * question.
 */
function withoutColumns(text: string, columns: readonly ColumnMention[]): string {
  let rest = text;
  for (const { at, length } of columns)
    rest = rest.slice(0, at) + ' '.repeat(length) + rest.slice(at + length);
  return rest;
}

/** What is asked of a column if nothing is said: nobody adds up averages. */
function usualMeasure(column: string | undefined): Measure {
  if (column === undefined) return 'count';
  return MEASURE_WORDS.some(([word, measure]) => measure === 'mean' && word.test(column.toLowerCase()))
    ? 'mean'
    : 'sum';
}

function dateFor(grouped: ColumnMention | undefined, dates: readonly DatasetColumn[]): string | undefined {
  return grouped?.column.type === 'date' ? grouped.column.name : dates[0]?.name;
}
