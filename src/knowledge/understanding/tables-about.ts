import type { RowItem, Section } from './texts/items.js';
import type { Column, Table } from './texts/tables.js';
import { nearness, SAME_GROUP, type Lexicon, type Term } from './words/lexicon.js';
import { isAsking } from './words/words.js';

/** Terms of at least this weight carry meaning. */
const TELLING = 0.15;

/** Rows that answer a question about a whole table, with the requested columns. */
export interface TableAnswer {
  readonly rows: readonly RowItem[];
  readonly columns: readonly string[];
}

export function isTelling({ text, weight }: Term): boolean {
  return weight >= TELLING && !isAsking(text);
}

/** Of the tables with columns of a measure, those that a message may be about, with these columns and its rows. */
export function tablesAbout(
  rest: readonly Term[],
  measure: Column['measure'],
  tables: readonly Table[],
  lexicon: Lexicon,
) {
  return tables.flatMap((table) => {
    const columns = table.columns.filter((each) => each.measure === measure);
    const about = rowsAbout(rest, table, columns, lexicon);
    return columns.length === 0 || about === undefined ? [] : [{ table, columns, ...about }];
  });
}

/**
 * The rows a message is about, and how many of its terms occur in them or describe the table;
 * `undefined` if a term does not occur in the table at all.
 */
function rowsAbout(
  rest: readonly Term[],
  { rows, section }: Table,
  columns: readonly Column[],
  lexicon: Lexicon,
): { readonly rows: readonly RowItem[]; readonly named: number } | undefined {
  const about = lexicon.terms(titleOf(section));
  const includesTerm = (textTerms: readonly Term[], term: Term): boolean =>
    textTerms.some((each) => nearness(term, each) >= SAME_GROUP);
  const rowTerms = rows.map((row) => lexicon.terms(`${row.text.head} ${row.text.body}`));
  const categories = categoriesOf(rows);
  let indexes = rows.map((_, i) => i);
  let matchCount = 0;
  for (const term of rest) {
    const mentioning = indexes.filter((i) => includesTerm(rowTerms[i] ?? [], term));
    const ofCategory = mentioning.filter((i) => {
      const cells = rows[i]?.passage.row?.cells ?? [];
      return cells.some(
        ({ column, value }) => categories.has(column) && includesTerm(lexicon.terms(value), term),
      );
    });
    // A gift box with coffee is no coffee if the table says which are.
    const fitting = ofCategory.length > 1 ? ofCategory : mentioning;
    const isOfTable =
      includesTerm(about, term) || columns.some(({ name }) => includesTerm(lexicon.terms(name), term));
    // A superlative of a single row makes no sense, so a term that also describes the table refers to the
    // table.
    if (fitting.length > 1 || (fitting.length === 1 && !isOfTable)) indexes = fitting;
    else if (!isOfTable) return undefined;
    matchCount += 1;
  }
  return { rows: indexes.flatMap((i) => rows[i] ?? []), named: matchCount };
}

/** A category has at most this many distinct values per row. */
const ALIKE = 0.5;

/** Columns that sort the rows of a table into kinds: few different values, each without a digit. */
function categoriesOf(rows: readonly RowItem[]): ReadonlySet<string> {
  const columns = new Map<string, string[]>();
  for (const { passage } of rows) {
    for (const { column, value } of passage.row?.cells ?? []) {
      columns.set(column, [...(columns.get(column) ?? []), value]);
    }
  }
  const sorting = [...columns].filter(
    ([, values]) =>
      values.length === rows.length &&
      new Set(values).size <= rows.length * ALIKE &&
      values.every((value) => !/\d/.test(value)),
  );
  return new Set(sorting.map(([column]) => column));
}

export function titleOf({ document, headings }: Section): string {
  return [document.title, ...headings].join(' ');
}

export function isNamed(column: string, terms: readonly Term[], lexicon: Lexicon): boolean {
  const columnTerms = lexicon.terms(column).filter(isTelling);
  return columnTerms.some((each) => terms.some((term) => nearness(term, each) >= SAME_GROUP));
}

/** The columns the message names, plus price columns if it asks for prices. */
export function columnsAsked(
  questionTerms: readonly Term[],
  { columns }: Table,
  rows: readonly RowItem[],
  lexicon: Lexicon,
): readonly string[] {
  const names = new Set(rows.flatMap(({ passage }) => passage.row?.cells.map(({ column }) => column) ?? []));
  const prices = lexicon.term('harga');
  const asksPrice = questionTerms.some((term) => nearness(term, prices) >= SAME_GROUP);
  const isPrice = (name: string): boolean =>
    columns.some((column) => column.name === name && column.measure === 'price');
  return [...names].filter((name) => isNamed(name, questionTerms, lexicon) || (asksPrice && isPrice(name)));
}
