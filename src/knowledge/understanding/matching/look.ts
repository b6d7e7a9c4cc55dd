import type { Locale } from '../../../contracts/message.js';
import type { Features, Text } from './features.js';
import type { Item } from '../texts/items.js';
import { isHeavy, nearness, SAME, type Lexicon, type Term } from '../words/lexicon.js';
import { rank, type Ranking } from './ranking.js';
import { haveSameText, labelOf, quoteOf } from '../possible-answer.js';
import { canonical } from '../words/canonical.js';
import { dot } from '../words/vectors.js';
import { isQuestionWord, numbersIn } from '../words/words.js';
import type { AnswerIndex } from '../texts/answer-index.js';

/**
 * Minimum probabilities for giving an answer, for giving a passage of a document, for giving table rows that
 * cover every content word of the message, and for offering answers as choices. A passage needs less than an
 * entry or a row, which answer one particular question. Chosen on the businesses of `test/eval` that are not
 * held out.
 */
export const THRESHOLDS = { sure: 0.62, passage: 0.55, wholeRows: 0.3, close: 0.12 } as const;

/** How a message compares with everything a business says. */
export interface Look {
  readonly items: readonly Item[];
  readonly rows: readonly Features[];
  readonly ranking: Ranking;
  readonly terms: readonly Term[];
  /** Best first, at most `CANDIDATES`. */
  readonly best: readonly Item[];
}

/** Looks up the embedding model's vector for a message, if there is one. */
export type VectorOf = (message: string) => Float32Array | undefined;

const CANDIDATES = 12;
/** Subtracted from the score of an answer in another language. */
const OTHER_LANGUAGE = 0.5;
/** Two answers with this cosine say the same thing, if their numbers agree too. */
const TWINS = 0.7;
/**
 * Two texts in different languages say the same thing if the cosines of their titles and bodies, plus the
 * share of numbers that occur in both, weighted, add up to this. Translated entries of the sample business
 * reach 0.9 or more; of the 41 pairs of five mixed businesses one does, about vaccines for another animal.
 */
const TRANSLATIONS = 0.9;
const SHARED_NUMBERS = 0.5;
/** A term counts as answered if a term of the answer is at least this near. */
const ANSWERED = 0.5;
/** Terms of at least this weight carry meaning. */
const TELLING = 0.15;

/** Compares a message with the index. Of two equal answers, the one in `locale` ranks first. */
export function look(
  index: AnswerIndex,
  message: string,
  locale: Locale,
  vectorOf: VectorOf = () => undefined,
): Look {
  const { items, rows } = index.compare(message, vectorOf(message));
  const bias = (position: number): number => {
    const itemLocale = localeOf(items[position]);
    return itemLocale === undefined || itemLocale === locale ? 0 : -OTHER_LANGUAGE;
  };
  const same = (one: number, other: number): boolean => {
    const [a, b] = [items[one], items[other]];
    return a !== undefined && b !== undefined && haveSameMeaning(a, b, index.lexicon);
  };
  const ranking = rank(rows, index.size, { bias, haveSameMeaning: same });
  const order = ownLanguageFirst(ranking.order, items, locale, index.lexicon);
  const best = order.slice(0, CANDIDATES).flatMap((position) => items[position] ?? []);
  return { items, rows, ranking: { ...ranking, order }, terms: index.lexicon.terms(message), best };
}

/** Puts the translation in the person's language before each candidate in another one. */
function ownLanguageFirst(
  order: readonly number[],
  items: readonly Item[],
  locale: Locale,
  lexicon: Lexicon,
): readonly number[] {
  const rest = order.slice(0, CANDIDATES);
  const reordered: number[] = [];
  while (rest.length > 0) {
    const [position = 0] = rest.splice(0, 1);
    const twin = rest.findIndex((other) => isOwnTranslation(items[position], items[other], locale, lexicon));
    if (twin >= 0) reordered.push(...rest.splice(twin, 1));
    reordered.push(position);
  }
  return [...reordered, ...order.slice(CANDIDATES)];
}

function isOwnTranslation(
  item: Item | undefined,
  other: Item | undefined,
  locale: Locale,
  lexicon: Lexicon,
): boolean {
  if (item === undefined || other === undefined) return false;
  const foreign = localeOf(item);
  if (foreign === undefined || foreign === locale || localeOf(other) !== locale) return false;
  return haveSameMeaning(item, other, lexicon);
}

/** Whether two answers say the same thing, in either language, so that showing one is enough. */
export function haveSameMeaning(a: Item, b: Item, lexicon: Lexicon): boolean {
  if (haveSameText(a, b)) return true;
  if (a.text.kind !== b.text.kind) return false;
  if (localeOf(a) !== localeOf(b) && a.text.kind !== 'row') return isTranslation(a, b, lexicon);
  return (
    cosine(a.text.body, b.text.body, lexicon) >= TWINS &&
    shareOf(numbersIn(canonical(a.text.body)), numbersIn(canonical(b.text.body))) === 1
  );
}

function isTranslation(a: Item, b: Item, lexicon: Lexicon): boolean {
  const [one, other] = [quoteOf(a), quoteOf(b)];
  const [numbers, otherNumbers] = [numbersIn(canonical(one)), numbersIn(canonical(other))];
  const shared = numbers.size === 0 ? 0 : shareOf(numbers, otherNumbers);
  const cosines = cosine(titleOf(a), titleOf(b), lexicon) + cosine(one, other, lexicon);
  return cosines + SHARED_NUMBERS * shared >= TRANSLATIONS;
}

function cosine(one: string, other: string, lexicon: Lexicon): number {
  return dot(lexicon.sentence(one), lexicon.sentence(other));
}

function titleOf(item: Item): string {
  return item.text.kind === 'passage' ? labelOf(item) : item.text.head;
}

/** The share of elements that occur in both sets; 1 if both are empty. */
function shareOf(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  const all = new Set([...a, ...b]).size;
  return all === 0 ? 1 : [...a].filter((each) => b.has(each)).length / all;
}

function localeOf(item: Item | undefined): Locale | undefined {
  if (item === undefined) return undefined;
  return item.type === 'entry' ? item.entry.locale : item.section.document.locale;
}

/**
 * Whether an item answers a different question, however near it comes: one with another number, one about
 * Jakarta when Medan was asked about, or one that shares only a word of its answer with the message.
 */
export function isOtherQuestion(look: Look, item: Item, lexicon: Lexicon, message: string): boolean {
  const { text } = item;
  return (
    hasOtherNumber(message, text.head) || isSwapped(look.terms, text, lexicon) || isInPassing(look, item)
  );
}

/** An overlap below this share of a question is chance. */
const LITTLE = 0.15;

function isInPassing({ items, rows }: Look, item: Item): boolean {
  const row = rows[items.indexOf(item)];
  return (
    item.type === 'entry' && row !== undefined && row.askedNearHead < LITTLE && row.headNearAsked < LITTLE
  );
}

/**
 * Whether any meaningful word of the message is near a word of the item. An item for which this is false is
 * not even offered.
 */
export function touches({ terms }: Look, { text }: Item, lexicon: Lexicon): boolean {
  const itemTerms = lexicon.terms(`${text.head} ${text.body} ${text.context}`);
  return terms.some(
    (term) =>
      isTelling(term) &&
      itemTerms.some((itemTerm) => itemTerm.weight >= TELLING && nearness(term, itemTerm) >= ANSWERED),
  );
}

/** Whether a term carries meaning. */
function isTelling({ weight, text }: Term): boolean {
  return weight >= TELLING && !isQuestionWord(text);
}

/** Whether the questions differ in exactly one word: an answer about Jakarta does not answer one about Medan. */
function isSwapped(questionTerms: readonly Term[], text: Text, lexicon: Lexicon): boolean {
  if (text.kind !== 'entry') return false;
  const head = lexicon.terms(text.head);
  const askedAlone = questionTerms.filter((term) => isTelling(term) && isOpen(term, head));
  const headAlone = head.filter((term) => isTelling(term) && isOpen(term, questionTerms));
  if (askedAlone.length !== 1 || headAlone.length !== 1) return false;
  const shared = questionTerms.filter((term) => isTelling(term) && !askedAlone.includes(term));
  return (
    shared.length > 0 && shared.every((term) => head.some((headTerm) => nearness(term, headTerm) === SAME))
  );
}

/** Words of one kind, such as "car" and "motorbike", are less near to each other than this. */
const SAME_THING = 0.65;

function isOpen(term: Term, among: readonly Term[]): boolean {
  return isHeavy(term) && among.every((other) => nearness(term, other) < SAME_THING);
}

function hasOtherNumber(message: string, head: string): boolean {
  const headNumbers: readonly string[] = head.match(/\d+/g) ?? [];
  const messageNumbers: readonly string[] = message.match(/\d+/g) ?? [];
  return (
    headNumbers.length > 0 &&
    messageNumbers.length > 0 &&
    !messageNumbers.some((number) => headNumbers.includes(number))
  );
}

/** Whether the message and the entry ask the same thing: neither contains anything the other lacks. */
export function isSameQuestion(features: Features | undefined): boolean {
  if (features === undefined) return false;
  const { isEntry, headNearAsked, askedNearHead, unexplained } = features;
  return isEntry === 1 && headNearAsked > 0.95 && askedNearHead > 0.95 && unexplained === 0;
}
