import type { DatasetColumn } from '../../contracts/tabular.js';
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
  const { where, rest: unfiltered } = conditions(question, columns);
  const top = TOP.exec(unfiltered);
  const bottom = BOTTOM.exec(unfiltered);
  const matches = namedColumns(unfiltered, columns);
  const rest = withoutColumns(unfiltered, matches);
  const divided = BY.exec(unfiltered)?.index ?? Number.POSITIVE_INFINITY;
  const period = PERIOD_WORDS.find(([word]) => word.test(rest))?.[1];
  const isNumber = ({ column }: NamedColumn): boolean =>
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
  const measure =
    MEASURE_WORDS.find(([word]) => word.test(rest))?.[1] ?? (measured === undefined ? 'count' : 'sum');
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

interface NamedColumn {
  readonly column: DatasetColumn;
  readonly at: number;
  readonly length: number;
}

/** Columns in the order they are mentioned; of overlapping names the longest wins. */
function namedColumns(text: string, columns: readonly DatasetColumn[]): NamedColumn[] {
  const matches: NamedColumn[] = [];
  for (const column of columns.toSorted((a, b) => b.name.length - a.name.length)) {
    for (const name of new Set([column.name.toLowerCase(), column.name.toLowerCase().replaceAll('_', ' ')])) {
      const at = wordAt(text, name);
      if (at === -1 || matches.some((each) => at < each.at + each.length && each.at < at + name.length))
        continue;
      matches.push({ column, at, length: name.length });
      break;
    }
  }
  return matches.sort((a, b) => a.at - b.at);
}

function wordAt(text: string, name: string): number {
  for (let at = text.indexOf(name); at !== -1; at = text.indexOf(name, at + 1)) {
    const before = text[at - 1] ?? ' ';
    const after = text[at + name.length] ?? ' ';
    if (!/[\p{L}\p{N}_]/u.test(before) && !/[\p{L}\p{N}_]/u.test(after)) return at;
  }
  return -1;
}

/**
 * Blanks out column names, because a column may be called "total" or "hari" without that being a word of the
 * question.
 */
function withoutColumns(text: string, columns: readonly NamedColumn[]): string {
  let rest = text;
  for (const { at, length } of columns)
    rest = rest.slice(0, at) + ' '.repeat(length) + rest.slice(at + length);
  return rest;
}

/** Parses `kota=Solo` and `where kota is "Solo"`. */
function conditions(
  text: string,
  columns: readonly DatasetColumn[],
): { readonly where: { column: string; is: string }[]; readonly rest: string } {
  const where: { column: string; is: string }[] = [];
  let rest = text;
  for (const { name } of columns) {
    const escaped = name.toLowerCase().replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    const pattern = new RegExp(
      `(?:\\b(?:where|untuk|di mana|dengan)\\s+)?(?<![\\p{L}\\p{N}_])${escaped}\\s*(?:=|\\bis\\b|\\badalah\\b)\\s*(?:"([^"]*)"|(\\S+))`,
      'u',
    );
    const match = pattern.exec(rest);
    if (match === null) continue;
    where.push({ column: name, is: match[1] ?? match[2] ?? '' });
    rest = rest.replace(match[0], ' ');
  }
  return { where, rest };
}

function dateFor(grouped: NamedColumn | undefined, dates: readonly DatasetColumn[]): string | undefined {
  return grouped?.column.type === 'date' ? grouped.column.name : dates[0]?.name;
}
