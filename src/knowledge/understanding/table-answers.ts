import type { AnswerIndex } from './texts/answer-index.js';
import { isRow, type Item, type RowItem, type Section } from './texts/items.js';
import { areNamed, nearness, SAME_GROUP, type Lexicon, type Term } from './words/lexicon.js';
import { isComparison, superlativeIn, type Superlative } from './superlatives.js';
import { plainCode, valueOf, type Column, type Table } from './texts/tables.js';
import { isAsking, wordsOf, withoutParticles } from './words/words.js';

/** Maximum number of rows shown when several share the extreme value. */
const MOST_ALIKE = 4;
const MOST_COMPARED = 4;
/** Terms of at least this weight carry meaning. */
const TELLING = 0.15;

/** Rows that answer a question about a whole table, with the requested columns. */
export interface TableAnswer {
  readonly rows: readonly RowItem[];
  readonly columns: readonly string[];
}

/**
 * Answers questions that select from a whole table: rows by code, the cheapest or largest, the price list, a
 * comparison. None if the message asks nothing of this kind, or not about any of these tables; several if it
 * does not say which table it means.
 */
export function tableAnswers(index: AnswerIndex, message: string, previous?: Item): readonly TableAnswer[] {
  const { tables, lexicon } = index;
  if (tables.length === 0) return [];
  const coded = byCode(message, tables);
  if (coded.length > 0) return [{ rows: coded, columns: [] }];
  const words = withoutParticles(wordsOf(message));
  const superlative = superlativeIn(words);
  if (superlative !== undefined) {
    return extremes(superlative, restOf(words, superlative.words, lexicon), tables, lexicon, previous);
  }
  const terms = lexicon.terms(message);
  const list = priceList(terms, tables, lexicon) ?? pricesOfTable(terms, tables, lexicon);
  return list ?? (isComparison(words) ? compared(terms, tables, lexicon) : []);
}

/** Whether a message asks for the extreme of a table: "yang paling murah?". */
export function selectsRows(message: string): boolean {
  return superlativeIn(withoutParticles(wordsOf(message))) !== undefined;
}

/** Rows whose codes appear in the message. */
function byCode(message: string, tables: readonly Table[]): readonly RowItem[] {
  const words = message.match(/[\p{L}\d](?:[\p{L}\d./_-]*[\p{L}\d])?/gu) ?? [];
  // "F 203" is one code in two words.
  const pairs = words.flatMap((word, at) =>
    /^\d/.test(words[at + 1] ?? '') ? [`${word}${words[at + 1]}`] : [],
  );
  const rows = tables.flatMap(({ codes }) =>
    [...words, ...pairs].flatMap((word) => codes.get(plainCode(word)) ?? []),
  );
  return [...new Set(rows)].slice(0, MOST_COMPARED);
}

/** The meaningful terms of a message besides those already understood. */
function restOf(words: readonly string[], understood: readonly string[], lexicon: Lexicon): readonly Term[] {
  const open = words.filter((word) => !understood.includes(word));
  return lexicon.terms(open.join(' ')).filter(isTelling);
}

function isTelling({ text, weight }: Term): boolean {
  return weight >= TELLING && !isAsking(text);
}

/** The extremes of the table just talked about, of the only one, or of each that may be meant. */
function extremes(
  { measure, isLeast }: Superlative,
  rest: readonly Term[],
  tables: readonly Table[],
  lexicon: Lexicon,
  previous: Item | undefined,
): readonly TableAnswer[] {
  const candidates = tablesAbout(rest, measure, tables, lexicon);
  const near = isRow(previous)
    ? candidates.find(({ table }) => table.section === previous.section)
    : undefined;
  const most = Math.max(0, ...candidates.map(({ named }) => named));
  const best = near === undefined ? candidates.filter(({ named }) => named === most) : [near];
  return best.flatMap(({ rows, columns }) => {
    const named = columns.filter(({ name }) => isNamed(name, rest, lexicon));
    return extreme(rows, named.length > 0 ? named : columns, isLeast) ?? [];
  });
}

function extreme(
  candidates: readonly RowItem[],
  columns: readonly Column[],
  isLeast: boolean,
): TableAnswer | undefined {
  const valued = candidates
    .map((row) => ({ row, value: reach(row, columns, isLeast) }))
    .filter((each): each is { row: RowItem; value: number } => each.value !== undefined);
  const values = valued.map(({ value }) => value);
  const end = isLeast ? Math.min(...values) : Math.max(...values);
  const rows = valued.filter(({ value }) => value === end).map(({ row }) => row);
  if (rows.length === 0 || rows.length > MOST_ALIKE) return undefined;
  return { rows, columns: columns.map(({ name }) => name) };
}

function reach(row: RowItem, columns: readonly Column[], isLeast: boolean): number | undefined {
  const values = columns.flatMap((column) => valueOf(row, column) ?? []);
  if (values.length === 0) return undefined;
  return isLeast ? Math.min(...values) : Math.max(...values);
}

/** Of the tables with columns of a measure, those that a message may be about, with these columns and its rows. */
function tablesAbout(
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

function titleOf({ document, headings }: Section): string {
  return [document.title, ...headings].join(' ');
}

function isNamed(column: string, terms: readonly Term[], lexicon: Lexicon): boolean {
  const columnTerms = lexicon.terms(column).filter(isTelling);
  return columnTerms.some((each) => terms.some((term) => nearness(term, each) >= SAME_GROUP));
}

/** "daftar harga", "price list": all rows with their prices, if nothing else is asked for. */
function priceList(
  terms: readonly Term[],
  tables: readonly Table[],
  lexicon: Lexicon,
): readonly TableAnswer[] | undefined {
  const { groups } = lexicon.term('daftar harga');
  const asks = terms.filter((term) => term.groups.some((group) => groups.includes(group)));
  if (asks.length === 0) return undefined;
  const rest = terms.filter((term) => !asks.includes(term)).filter(isTelling);
  const priced = tablesAbout(rest, 'price', tables, lexicon);
  const rows = priced.flatMap((each) => each.rows);
  if (rows.length === 0) return undefined;
  return [{ rows, columns: priced.flatMap(({ columns }) => columns.map(({ name }) => name)) }];
}

/** "Room prices", "harga lensa": all rows of the only table whose title or headings say that it is about these. */
function pricesOfTable(
  terms: readonly Term[],
  tables: readonly Table[],
  lexicon: Lexicon,
): readonly TableAnswer[] | undefined {
  const price = lexicon.term('harga');
  const rest = terms.filter((term) => isTelling(term) && nearness(term, price) < SAME_GROUP);
  const asksPrice = terms.some((term) => nearness(term, price) >= SAME_GROUP);
  if (!asksPrice || rest.length === 0) return undefined;
  const titled = tables.filter(({ section }) => areNamed(rest, lexicon.terms(titleOf(section))));
  const [only, ...others] = tablesAbout(rest, 'price', titled, lexicon);
  if (only === undefined || others.length > 0 || only.rows.length < only.table.rows.length) return undefined;
  return [{ rows: only.rows, columns: only.columns.map(({ name }) => name) }];
}

/** "Kopi apa saja", "what coffee do you sell", "which kinds of tea are there". */
const RANGE =
  /\b(?:apa|mana) (?:saja|sj|aja|aj)\b|\b(?:jual|jualan|ada|punya|sedia) \S+ apa\b|\b(?:what|which) (?:\S+ ){1,3}(?:do you (?:have|sell|offer|carry|stock|serve)|have you got|are there|is there)\b|\bwhat (?:kinds?|types?|sorts?) of\b/;
/** Words for the range itself: a closed class. */
const RANGE_WORDS = new Set(
  'jenis macam varian pilihan sedia jualan kind kinds type types sort sorts carry stock serve available'.split(
    ' ',
  ),
);

/** The priced rows of one kind, such as all coffees, with the words that name the kind. */
export interface Range extends TableAnswer {
  readonly kind: readonly Term[];
}

/** What a business has of one kind; `undefined` if a message asks nothing like that, or of no such kind. */
export function rangeOf({ tables, lexicon }: AnswerIndex, message: string): Range | undefined {
  const words = wordsOf(message);
  if (!RANGE.test(words.join(' '))) return undefined;
  const kind = lexicon.terms(message).filter((term) => isTelling(term) && !RANGE_WORDS.has(term.text));
  if (kind.length === 0) return undefined;
  const ranges = tablesAbout(kind, 'price', tables, lexicon).filter(({ rows }) => rows.length > 1);
  if (ranges.length === 0) return undefined;
  const columns = ranges.flatMap(({ table, rows, columns: prices }) => [
    ...columnsAsked(kind, table, rows, lexicon),
    ...prices.map(({ name }) => name),
  ]);
  return { rows: ranges.flatMap(({ rows }) => rows), columns: [...new Set(columns)], kind };
}

/**
 * Two or more rows of one table that the message names, each completely or by a word that the others lack.
 */
function compared(
  terms: readonly Term[],
  tables: readonly Table[],
  lexicon: Lexicon,
): readonly TableAnswer[] {
  const questionTerms = terms.filter(isTelling);
  const comparisons = tables.flatMap((table) => {
    const rows = rowsNamed(questionTerms, table.rows, lexicon);
    if (rows.length < 2 || rows.length > MOST_COMPARED) return [];
    return [{ rows, columns: columnsAsked(questionTerms, table, rows, lexicon) }];
  });
  const best = comparisons.find(({ columns }) => columns.length > 0) ?? comparisons[0];
  return best === undefined ? [] : [best];
}

function rowsNamed(
  questionTerms: readonly Term[],
  rows: readonly RowItem[],
  lexicon: Lexicon,
): readonly RowItem[] {
  const candidates = rows
    .map((row) => {
      const nameTerms = lexicon.terms(row.text.head).filter(isTelling);
      const sharedTerms = new Set(
        questionTerms.filter((term) => nameTerms.some((each) => nearness(term, each) >= SAME_GROUP)),
      );
      const isWhole = nameTerms.every((each) =>
        questionTerms.some((term) => nearness(term, each) >= SAME_GROUP),
      );
      return { row, said: sharedTerms, isWhole };
    })
    .filter(({ said }) => said.size > 0);
  const isShared = (term: Term): boolean => candidates.every(({ said }) => said.has(term));
  const matchingRows = candidates.filter(
    ({ said, isWhole }) => isWhole || [...said].some((term) => !isShared(term)),
  );
  const fullMatches = matchingRows.filter(({ isWhole }) => isWhole);
  return (fullMatches.length > 1 ? fullMatches : matchingRows).map(({ row }) => row);
}

/** The columns the message names, plus price columns if it asks for prices. */
function columnsAsked(
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
