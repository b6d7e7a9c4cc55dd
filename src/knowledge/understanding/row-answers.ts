import { weekdaysIn } from '../../lib/time/weekdays-in.js';
import type { Look } from './matching/look.js';
import { isRow, type Item, type RowItem } from './texts/items.js';
import { isHeavy, nearness, SAME_GROUP, type Lexicon, type Term } from './words/lexicon.js';

/** Maximum number of rows shown together. */
export const MOST_ROWS = 5;
const LIGHT = 0.12;
/** A content word of the message is covered if a word of the rows is at least this near. */
const ANSWERED = 0.55;
const AMOUNT = /\d{4,}|\d[.,]\d{3}/;

/**
 * The rows a message is about: the best one, rows of its table that match the same words of the
 * message ("karpet berapa?"), and rows that match a word the best one does not ("tipis sama tebal").
 */
export function requestedRows(look: Look, best: RowItem, lexicon: Lexicon): readonly RowItem[] {
  const beside = look.best.filter(isRow).filter((item) => item.section === best.section && item !== best);
  const bestMatches = matched(look.terms, best, lexicon);
  const ownName = matched(look.terms, best, lexicon, true);
  const isWhole = headIsAsked(look.terms, best, lexicon);
  const matches = [best];
  for (const item of beside) {
    if (matches.length === MOST_ROWS) break;
    const words = matched(look.terms, item, lexicon);
    const inName = matched(look.terms, item, lexicon, true);
    if (inName.size === 0) continue;
    const adds = [...words].some((term) => !bestMatches.has(term) && term.weight >= LIGHT);
    // A number may appear in any cell by chance, but in a name it distinguishes rows.
    const lacks = [...bestMatches].some(
      (term) => term.weight >= LIGHT && !(ownName.has(term) ? inName : words).has(term),
    );
    const isAlike = !adds && !lacks && !isWhole;
    // "tebal sama tipis": each row matches a word that the other does not.
    const isOther = adds && lacks && [...inName].some((term) => !bestMatches.has(term));
    if (isAlike || isOther) matches.push(item);
  }
  return matches;
}

/** Rows of the table around `near` that a follow-up names, and the weight of the words it names them by. */
export function rowsNamed(
  terms: readonly Term[],
  items: readonly Item[],
  near: RowItem,
  lexicon: Lexicon,
): { readonly rows: readonly RowItem[]; readonly weight: number } {
  const rows = items.filter(isRow).filter((item) => item.section === near.section);
  const matches = rows
    .map((item) => ({ item, weight: weightOf(matched(terms, item, lexicon, true)) }))
    .filter(({ weight }) => weight >= LIGHT);
  const most = Math.max(0, ...matches.map(({ weight }) => weight));
  const heaviest = matches.filter(({ weight }) => weight >= most - 0.01).map(({ item }) => item);
  return { rows: heaviest.slice(0, MOST_ROWS), weight: most };
}

/** The weight of the words by which a message names cells of a row, or their columns. */
export function cellsNamed(terms: readonly Term[], item: RowItem, lexicon: Lexicon): number {
  const rowTerms = (item.passage.row?.cells ?? []).flatMap(({ column, value }) =>
    lexicon.terms(`${column} ${value}`),
  );
  const named = terms.filter(
    (term) => term.weight >= LIGHT && rowTerms.some((each) => nearness(term, each) >= SAME_GROUP),
  );
  return weightOf(new Set(named));
}

/** The terms of the message that occur in a row. */
function matched(
  terms: readonly Term[],
  item: RowItem,
  lexicon: Lexicon,
  onlyName = false,
): ReadonlySet<Term> {
  const itemTerms = lexicon.terms(onlyName ? item.text.head : `${item.text.head} ${item.text.body}`);
  return new Set(terms.filter((term) => itemTerms.some((each) => nearness(term, each) >= SAME_GROUP)));
}

function headIsAsked(terms: readonly Term[], item: RowItem, lexicon: Lexicon): boolean {
  return lexicon
    .terms(item.text.head)
    .every(
      (itemTerm) => itemTerm.weight < LIGHT || terms.some((term) => nearness(term, itemTerm) >= SAME_GROUP),
    );
}

function weightOf(terms: ReadonlySet<Term>): number {
  return [...terms].reduce((sum, { weight }) => sum + weight, 0);
}

/** Whether the rows together cover every content word of the message. */
export function coverMessage(terms: readonly Term[], rows: readonly RowItem[], lexicon: Lexicon): boolean {
  const tableTerms = rows.flatMap(({ text }) => lexicon.terms(`${text.head} ${text.body} ${text.context}`));
  const hasAmount = rows.every(({ text }) => AMOUNT.test(text.body));
  const prices = lexicon.term('harga').groups;
  const asksPrice = (term: Term): boolean => hasAmount && term.groups.some((group) => prices.includes(group));
  const days = new Set(rows.flatMap(({ text }) => [...weekdaysIn(text.body)]));
  const isDay = (term: Term): boolean => [...weekdaysIn(term.text)].some((day) => days.has(day));
  return terms.every(
    (term) =>
      !isHeavy(term) ||
      asksPrice(term) ||
      isDay(term) ||
      tableTerms.some((each) => nearness(term, each) >= ANSWERED),
  );
}
