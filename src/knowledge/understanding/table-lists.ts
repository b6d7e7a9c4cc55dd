import type { AnswerIndex } from './texts/answer-index.js';
import type { Table } from './texts/tables.js';
import { columnsAsked, isTelling, tablesAbout, titleOf, type TableAnswer } from './tables-about.js';
import { areNamed, nearness, SAME_GROUP, type Lexicon, type Term } from './words/lexicon.js';
import { wordsOf } from './words/words.js';

/** "daftar harga", "price list": all rows with their prices, if nothing else is asked for. */
export function priceList(
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
export function pricesOfTable(
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
