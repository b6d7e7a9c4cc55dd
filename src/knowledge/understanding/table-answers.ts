import type { AnswerIndex } from './answer-index.js';
import { isRow, type Item, type RowItem } from './items.js';
import { nearness, SAME_GROUP, type Lexicon, type Term } from './lexicon.js';
import { isComparison, superlativeIn, type Superlative } from './superlatives.js';
import { valueOf, type Column, type Table } from './tables.js';
import { isAsking, wordsOf, withoutParticles } from './words.js';

/** Rows of a list that is asked for. */
const MOST_LISTED = 12;
/** Rows that have the least or the most alike. */
const MOST_ALIKE = 4;
const MOST_COMPARED = 4;
/** Terms that weigh this much say something. */
const TELLING = 0.15;

/** Rows that answer a question about a table as a whole, with the columns it asks for. */
export interface TableAnswer {
  readonly rows: readonly RowItem[];
  readonly columns: readonly string[];
}

/**
 * Rows by their codes, the least or the most of something, the price list, one row held against another. Columns are
 * compared as numbers. `undefined` where a message asks for none of these, or for none of a table here.
 */
export function tableAnswer(index: AnswerIndex, message: string, previous?: Item): TableAnswer | undefined {
  const { tables, lexicon } = index;
  if (tables.length === 0) return undefined;
  const coded = byCode(message, tables);
  if (coded.length > 0) return { rows: coded, columns: [] };
  const words = withoutParticles(wordsOf(message));
  const superlative = superlativeIn(words);
  if (superlative !== undefined) {
    return extreme(superlative, restOf(words, superlative.words, lexicon), tables, lexicon, previous);
  }
  const terms = lexicon.terms(message);
  return (
    priceList(terms, tables, lexicon) ?? (isComparison(words) ? compared(terms, tables, lexicon) : undefined)
  );
}

/** Rows whose codes stand in a message. */
function byCode(message: string, tables: readonly Table[]): readonly RowItem[] {
  const words = message.toLowerCase().match(/[\p{L}\d][\p{L}\d./_-]*[\p{L}\d]/gu) ?? [];
  const rows = tables.flatMap(({ codes }) => words.flatMap((word) => codes.get(word) ?? []));
  return [...new Set(rows)].slice(0, MOST_COMPARED);
}

/** What a message is about besides the words that were understood already. */
function restOf(words: readonly string[], understood: readonly string[], lexicon: Lexicon): readonly Term[] {
  return lexicon.termsOf(words.filter((word) => !understood.includes(word))).filter(isTelling);
}

function isTelling({ text, weight }: Term): boolean {
  return weight >= TELLING && !isAsking(text);
}

function extreme(
  { measure, isLeast }: Superlative,
  rest: readonly Term[],
  tables: readonly Table[],
  lexicon: Lexicon,
  previous: Item | undefined,
): TableAnswer | undefined {
  const candidates = tables.flatMap((table) => {
    const columns = table.columns.filter((each) => each.measure === measure);
    const rows = rowsAbout(rest, table, columns, lexicon);
    return columns.length === 0 || rows === undefined ? [] : [{ table, columns, ...rows }];
  });
  // The table that was just spoken of, else the only one that has such a column.
  const near = isRow(previous)
    ? candidates.find(({ table }) => table.section === previous.section)
    : undefined;
  const most = Math.max(0, ...candidates.map(({ named }) => named));
  const best = near === undefined ? candidates.filter(({ named }) => named === most) : [near];
  const [only, ...others] = best;
  if (only === undefined || others.length > 0) return undefined;
  const matches = only.columns.filter(({ name }) => isNamed(name, rest, lexicon));
  const columns = matches.length > 0 ? matches : only.columns;
  const valued = only.rows
    .map((row) => ({ row, value: reach(row, columns, isLeast) }))
    .filter((each): each is { row: RowItem; value: number } => each.value !== undefined);
  const end = isLeast
    ? Math.min(...valued.map(({ value }) => value))
    : Math.max(...valued.map(({ value }) => value));
  const rows = valued.filter(({ value }) => value === end).map(({ row }) => row);
  if (rows.length === 0 || rows.length > MOST_ALIKE) return undefined;
  return { rows, columns: columns.map(({ name }) => name) };
}

function reach(row: RowItem, columns: readonly Column[], isLeast: boolean): number | undefined {
  const values = columns.flatMap((column) => valueOf(row, column) ?? []);
  if (values.length === 0) return undefined;
  return isLeast ? Math.min(...values) : Math.max(...values);
}

/**
 * Rows that a message is about, and how many of its words they or the table say; `undefined` when
 * it has a word that nothing in the table says.
 */
function rowsAbout(
  rest: readonly Term[],
  { rows, section }: Table,
  columns: readonly Column[],
  lexicon: Lexicon,
): { readonly rows: readonly RowItem[]; readonly named: number } | undefined {
  const about = lexicon.terms([section.document.title, ...section.headings].join(' '));
  const says = (own: readonly Term[], term: Term): boolean =>
    own.some((each) => nearness(term, each) >= SAME_GROUP);
  const rowTerms = rows.map((row) => lexicon.terms(`${row.text.head} ${row.text.body}`));
  let indexes = rows.map((_, i) => i);
  let matchCount = 0;
  for (const term of rest) {
    const fitting = indexes.filter((i) => says(rowTerms[i] ?? [], term));
    const isOfTable = says(about, term) || columns.some(({ name }) => says(lexicon.terms(name), term));
    // Of one row alone nothing is the least or the most: what the whole table is about is meant.
    if (fitting.length > 1 || (fitting.length === 1 && !isOfTable)) indexes = fitting;
    else if (!isOfTable) return undefined;
    matchCount += 1;
  }
  return { rows: indexes.flatMap((i) => rows[i] ?? []), named: matchCount };
}

function isNamed(column: string, terms: readonly Term[], lexicon: Lexicon): boolean {
  const own = lexicon.terms(column).filter(isTelling);
  return own.some((each) => terms.some((term) => nearness(term, each) >= SAME_GROUP));
}

/** "daftar harga", "price list": all rows with their prices, when nothing else is asked for. */
function priceList(
  terms: readonly Term[],
  tables: readonly Table[],
  lexicon: Lexicon,
): TableAnswer | undefined {
  const { groups } = lexicon.term('daftar harga');
  const asks = terms.filter((term) => term.groups.some((group) => groups.includes(group)));
  if (asks.length === 0) return undefined;
  const rest = terms.filter((term) => !asks.includes(term)).filter(isTelling);
  const priced = tables.flatMap((table) => {
    const columns = table.columns.filter(({ measure }) => measure === 'price');
    const rows = rowsAbout(rest, table, columns, lexicon);
    return columns.length === 0 || rows === undefined ? [] : [{ columns, ...rows }];
  });
  const rows = priced.flatMap((each) => each.rows).slice(0, MOST_LISTED);
  if (rows.length === 0) return undefined;
  return { rows, columns: priced.flatMap(({ columns }) => columns.map(({ name }) => name)) };
}

/** Two or more rows of one table that a message names, each by a word of its own or in full. */
function compared(
  terms: readonly Term[],
  tables: readonly Table[],
  lexicon: Lexicon,
): TableAnswer | undefined {
  const questionTerms = terms.filter(isTelling);
  const comparisons = tables.flatMap((table) => {
    const rows = rowsNamed(questionTerms, table.rows, lexicon);
    if (rows.length < 2 || rows.length > MOST_COMPARED) return [];
    return [{ rows, columns: columnsAsked(questionTerms, table, rows, lexicon) }];
  });
  return comparisons.find(({ columns }) => columns.length > 0) ?? comparisons[0];
}

function rowsNamed(
  questionTerms: readonly Term[],
  rows: readonly RowItem[],
  lexicon: Lexicon,
): readonly RowItem[] {
  const candidates = rows
    .map((row) => {
      const own = lexicon.terms(row.text.head).filter(isTelling);
      const sharedTerms = new Set(
        questionTerms.filter((term) => own.some((each) => nearness(term, each) >= SAME_GROUP)),
      );
      const isWhole = own.every((each) => questionTerms.some((term) => nearness(term, each) >= SAME_GROUP));
      return { row, said: sharedTerms, isWhole };
    })
    .filter(({ said }) => said.size > 0);
  const isShared = (term: Term): boolean => candidates.every(({ said }) => said.has(term));
  const matchingRows = candidates.filter(
    ({ said, isWhole }) => isWhole || [...said].some((term) => !isShared(term)),
  );
  const whole = matchingRows.filter(({ isWhole }) => isWhole);
  return (whole.length > 1 ? whole : matchingRows).map(({ row }) => row);
}

/** The columns that a message names, and those of prices when it asks for prices. */
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
