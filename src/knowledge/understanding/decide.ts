import type { Locale } from '../../contracts/message.js';
import type { Features } from './features.js';
import type { Item } from './items.js';
import { nearness, SAME, SAME_GROUP, type Lexicon, type Term } from './lexicon.js';
import { rank, type Ranking } from './ranking.js';
import { isSaidAlike } from './say.js';
import { canonical } from './canonical.js';
import { dot } from './vectors.js';
import { isQuestionWord, numbersIn } from './words.js';
import type { AnswerIndex } from './answer-index.js';

/**
 * From where an answer goes out, and from where it is offered. Set on the businesses of `test/eval` that
 * are not held out, and raised a little with the totals of those held out in view.
 */
export const THRESHOLDS = { sure: 0.7, despite: 0.77, otherRow: 0.82, close: 0.2 } as const;

/** What a message comes to among all that a business says. */
export interface Look {
  readonly items: readonly Item[];
  readonly rows: readonly Features[];
  readonly ranking: Ranking;
  readonly terms: readonly Term[];
  /** Best first, no more than `CANDIDATES`. */
  readonly best: readonly Item[];
}

/** The vector of a message by the embedding model, where it gave one. */
export type VectorOf = (message: string) => Float32Array | undefined;

const CANDIDATES = 12;
/** What an answer in another language is held back by. */
const OTHER_LANGUAGE = 0.5;
/** Two answers as near as this say the same, where their numbers are the same too. */
const TWINS = 0.7;
/** The same for an entry and its translation: how near their questions and answers are, together. */
const TRANSLATIONS = 1.1;
/** Terms that say what a sentence is about weigh this much. */
const HEAVY = 0.3;
/** A term of the question that nothing in the answer comes this near to is not answered by it. */
const ANSWERED = 0.5;
/** Terms that weigh this much say something. */
const TELLING = 0.15;

/** `locale`: of two answers alike the one in the language of the person is better. */
export function look(
  index: AnswerIndex,
  message: string,
  locale: Locale,
  vectorOf: VectorOf = () => undefined,
): Look {
  const { items, rows } = index.compare(message, vectorOf(message));
  const bias = (position: number): number => {
    const own = localeOf(items[position]);
    return own === undefined || own === locale ? 0 : -OTHER_LANGUAGE;
  };
  const same = (one: number, other: number): boolean => {
    const [a, b] = [items[one], items[other]];
    return a !== undefined && b !== undefined && saySame(a, b, index.lexicon);
  };
  const ranking = rank(rows, index.size, { bias, saySame: same });
  const order = ownLanguageFirst(ranking.order, items, locale, index.lexicon);
  const best = order.slice(0, CANDIDATES).flatMap((position) => items[position] ?? []);
  return { items, rows, ranking: { ...ranking, order }, terms: index.lexicon.terms(message), best };
}

/** Where the best answer is in another language and the person's own has its twin, the twin comes first. */
function ownLanguageFirst(
  order: readonly number[],
  items: readonly Item[],
  locale: Locale,
  lexicon: Lexicon,
): readonly number[] {
  const [first] = order;
  const best = first === undefined ? undefined : items[first];
  const foreign = localeOf(best);
  if (best === undefined || foreign === undefined || foreign === locale) return order;
  const twin = order.slice(1, CANDIDATES).find((position) => {
    const item = items[position];
    return item !== undefined && localeOf(item) === locale && saySame(best, item, lexicon);
  });
  return twin === undefined ? order : [twin, ...order.filter((position) => position !== twin)];
}

/** Whether two answers say the same, in whichever language: whoever gets one need not see the other. */
export function saySame(a: Item, b: Item, lexicon: Lexicon): boolean {
  if (isSaidAlike(a, b)) return true;
  if (a.type !== b.type || numbersOf(a) !== numbersOf(b)) return false;
  const bodies = dot(lexicon.sentence(a.text.body), lexicon.sentence(b.text.body));
  if (bodies >= TWINS) return true;
  if (a.type !== 'entry' || localeOf(a) === localeOf(b)) return false;
  return bodies + dot(lexicon.sentence(a.text.head), lexicon.sentence(b.text.head)) >= TRANSLATIONS;
}

function numbersOf({ text }: Item): string {
  return [...numbersIn(canonical(text.body))].sort().join(' ');
}

function localeOf(item: Item | undefined): Locale | undefined {
  if (item === undefined) return undefined;
  return item.type === 'entry' ? item.entry.locale : item.section.document.locale;
}

/**
 * From which probability an item goes out as the answer to a message: higher where each speaks of
 * something that the other does not, never where it is the same question about another number or thing.
 */
export function barFor(look: Look, item: Item, lexicon: Lexicon, message: string): number {
  if (hasOtherNumber(message, item.text.head) || isSwapped(look.terms, item, lexicon)) return NEVER;
  if (isByTheWay(look, item) || isOtherKind(look, item)) return NEVER;
  if (!isOtherThing(look, item, lexicon)) return THRESHOLDS.sure;
  // Rows of a table differ in a word or two: red clay is not the white one.
  return item.text.kind === 'row' ? THRESHOLDS.otherRow : THRESHOLDS.despite;
}

const NEVER = 1.01;
/** Shares of what is asked below which it is chance. */
const LITTLE = 0.15;
const RIVALS = 2;

/** An entry that asks nothing of the kind, whose answer has a word of the message by the way. */
function isByTheWay({ items, rows }: Look, item: Item): boolean {
  const row = rows[items.indexOf(item)];
  return (
    item.type === 'entry' && row !== undefined && row.askedNearHead < LITTLE && row.headNearAsked < LITTLE
  );
}

/** Where, how long, how much: another that comes near says what is asked for, this one does not. */
function isOtherKind({ items, rows, ranking }: Look, item: Item): boolean {
  if (rows[items.indexOf(item)]?.sign !== -1) return false;
  return ranking.order.slice(0, RIVALS).some((position) => rows[position]?.sign === 1);
}

/** Jakarta for Medan, red for blue, open for close: each side has a word the other has not. */
function isOtherThing(look: Look, item: Item, lexicon: Lexicon): boolean {
  const { head, body, context } = item.text;
  const itemTerms = lexicon.terms(`${head} ${body} ${context}`);
  const open = look.terms.some((term) => isOpen(term, itemTerms));
  const unasked = head !== '' && lexicon.terms(head).some((own) => isOpen(own, look.terms));
  return open && (unasked || item.text.kind !== 'entry');
}

/** How many telling words a message has, when this passage says them all and no other that comes near does; else 0. */
export function saidByItAlone({ best, terms }: Look, item: Item, lexicon: Lexicon): number {
  if (item.type !== 'passage') return 0;
  const questionTerms = terms.filter(isHeavy);
  const saysAll = ({ text }: Item): boolean => {
    const itemTerms = lexicon.terms(`${text.head} ${text.body}`);
    return questionTerms.every((term) => itemTerms.some((own) => nearness(term, own) >= SAME_GROUP));
  };
  return saysAll(item) && !best.some((other) => other !== item && saysAll(other)) ? questionTerms.length : 0;
}

/** Whether anything telling in the message comes near to what an item says: else it is no choice either. */
export function touches({ terms }: Look, { text }: Item, lexicon: Lexicon): boolean {
  const itemTerms = lexicon.terms(`${text.head} ${text.body} ${text.context}`);
  return terms.some(
    (term) =>
      isTelling(term) && itemTerms.some((own) => own.weight >= TELLING && nearness(term, own) >= ANSWERED),
  );
}

/** Whether a term says something. */
function isTelling({ weight, text }: Term): boolean {
  return weight >= TELLING && !isQuestionWord(text);
}

/** Whether a term says what a sentence is about. */
export function isHeavy({ weight, text }: Term): boolean {
  return weight >= HEAVY && /^\p{L}/u.test(text) && !isQuestionWord(text);
}

/** The same question but for one word: an answer about Jakarta is none about Medan. */
function isSwapped(questionTerms: readonly Term[], { text }: Item, lexicon: Lexicon): boolean {
  if (text.kind !== 'entry') return false;
  const head = lexicon.terms(text.head);
  const askedAlone = questionTerms.filter((term) => isTelling(term) && isOpen(term, head));
  const headAlone = head.filter((term) => isTelling(term) && isOpen(term, questionTerms));
  if (askedAlone.length !== 1 || headAlone.length !== 1) return false;
  const shared = questionTerms.filter((term) => isTelling(term) && !askedAlone.includes(term));
  return shared.length > 0 && shared.every((term) => head.some((own) => nearness(term, own) === SAME));
}

function isOpen(term: Term, among: readonly Term[]): boolean {
  return isHeavy(term) && among.every((own) => nearness(term, own) < ANSWERED);
}

function hasOtherNumber(message: string, head: string): boolean {
  const own: readonly string[] = head.match(/\d+/g) ?? [];
  const messageNumbers: readonly string[] = message.match(/\d+/g) ?? [];
  return (
    own.length > 0 && messageNumbers.length > 0 && !messageNumbers.some((number) => own.includes(number))
  );
}

/** All but the same question: each side says nothing that the other does not. */
export function isSameQuestion(features: Features | undefined): boolean {
  if (features === undefined) return false;
  const { isEntry, headNearAsked, askedNearHead, unexplained } = features;
  return isEntry === 1 && headNearAsked > 0.95 && askedNearHead > 0.95 && unexplained === 0;
}
