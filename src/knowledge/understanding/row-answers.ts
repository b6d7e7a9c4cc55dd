import { isHeavy, type Look } from './decide.js';
import { isRow, type Item, type RowItem } from './items.js';
import { nearness, SAME_GROUP, type Lexicon, type Term } from './lexicon.js';

/** Rows said together at most. */
const MOST_ROWS = 5;
const LIGHT = 0.12;
/** A word of the message that the rows come this near to is answered by them. */
const ANSWERED = 0.55;
const AMOUNT = /\d{4,}|\d[.,]\d{3}/;

/**
 * The rows a message is about: the best one, those of its table that answer to just the same words
 * of the message ("karpet berapa?"), and those that answer to a word the best one does not
 * ("tipis sama tebal").
 */
export function rowsMeant(look: Look, best: RowItem, lexicon: Lexicon): readonly RowItem[] {
  const beside = look.best.filter(isRow).filter((item) => item.section === best.section && item !== best);
  const own = matched(look.terms, best, lexicon);
  const ownName = matched(look.terms, best, lexicon, true);
  const isWhole = headIsAsked(look.terms, best, lexicon);
  const matches = [best];
  for (const item of beside) {
    if (matches.length === MOST_ROWS) break;
    const words = matched(look.terms, item, lexicon);
    const inName = matched(look.terms, item, lexicon, true);
    if (inName.size === 0) continue;
    const adds = [...words].some((term) => !own.has(term) && term.weight >= LIGHT);
    // A number may stand in any cell by chance; in a name it tells rows apart.
    const lacks = [...own].some(
      (term) => term.weight >= LIGHT && !(ownName.has(term) ? inName : words).has(term),
    );
    const isAlike = !adds && !lacks && !isWhole;
    // "tebal sama tipis": each row has a word of the message that the other has not.
    const isOther = adds && lacks && [...inName].some((term) => !own.has(term));
    if (isAlike || isOther) matches.push(item);
  }
  return matches;
}

/** Rows of a table whose name is said in a message that goes on from a question about the table. */
export function rowsNamed(
  terms: readonly Term[],
  items: readonly Item[],
  near: Item,
  lexicon: Lexicon,
): readonly RowItem[] {
  if (near.type !== 'passage') return [];
  const rows = items.filter(isRow).filter((item) => item.section === near.section);
  const matches = rows
    .map((item) => ({ item, weight: weightOf(matched(terms, item, lexicon, true)) }))
    .filter(({ weight }) => weight >= LIGHT);
  const most = Math.max(0, ...matches.map(({ weight }) => weight));
  return matches
    .filter(({ weight }) => weight >= most - 0.01)
    .map(({ item }) => item)
    .slice(0, MOST_ROWS);
}

/** Whether a row has a cell that the message names or whose column it names. */
export function hasCell(terms: readonly Term[], item: RowItem, lexicon: Lexicon): boolean {
  const own = (item.passage.row?.cells ?? []).flatMap(({ column, value }) =>
    lexicon.terms(`${column} ${value}`),
  );
  return terms.some((term) => term.weight >= LIGHT && own.some((each) => nearness(term, each) >= SAME_GROUP));
}

/** Terms of a message that a row says. */
function matched(
  terms: readonly Term[],
  item: RowItem,
  lexicon: Lexicon,
  onlyName = false,
): ReadonlySet<Term> {
  const own = lexicon.terms(onlyName ? item.text.head : `${item.text.head} ${item.text.body}`);
  return new Set(terms.filter((term) => own.some((each) => nearness(term, each) >= SAME_GROUP)));
}

function headIsAsked(terms: readonly Term[], item: RowItem, lexicon: Lexicon): boolean {
  return lexicon
    .terms(item.text.head)
    .every((own) => own.weight < LIGHT || terms.some((term) => nearness(term, own) >= SAME_GROUP));
}

function weightOf(terms: ReadonlySet<Term>): number {
  return [...terms].reduce((sum, { weight }) => sum + weight, 0);
}

/** Whether the rows together say all that the message is about. */
export function sayAll(terms: readonly Term[], rows: readonly RowItem[], lexicon: Lexicon): boolean {
  const own = rows.flatMap(({ text }) => lexicon.terms(`${text.head} ${text.body} ${text.context}`));
  const hasAmount = rows.every(({ text }) => AMOUNT.test(text.body));
  const prices = lexicon.term('harga').groups;
  const asksPrice = (term: Term): boolean => hasAmount && term.groups.some((group) => prices.includes(group));
  return terms.every(
    (term) => !isHeavy(term) || asksPrice(term) || own.some((each) => nearness(term, each) >= ANSWERED),
  );
}
