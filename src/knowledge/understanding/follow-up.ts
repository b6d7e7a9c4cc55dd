import type { AskedQuestion, Finding, PossibleAnswer } from '../../contracts/answers.js';
import { leansBack } from '../../lib/text/follow-up.js';
import type { AnswerIndex } from './texts/answer-index.js';
import { canonical } from './words/canonical.js';
import { cellRequestOf, decide, sureRows } from './decide.js';
import { isRow, type Item, type RowItem } from './texts/items.js';
import { areNamed, isHeavy, nearness, SAME_GROUP, type Lexicon, type Term } from './words/lexicon.js';
import { look, THRESHOLDS, type VectorOf } from './matching/look.js';
import { quoteOf, toPossibleAnswer } from './possible-answer.js';
import { cellsNamed, MOST_ROWS, rowsNamed } from './row-answers.js';
import { fits, signsAskedFor, signsIn, type RequestedSigns } from './matching/signs.js';
import { measureCompared } from './superlatives.js';
import { answerKindsIn, isNegated, numbersIn, wordsOf } from './words/words.js';

/** An answer found for all words of a follow-up contains a new one if it has one at least this near. */
const ANSWERED = 0.55;
/** Another answer must be this much nearer to the new words than the one before. */
const NEARER = 0.1;
/** A new word at least this near to one of the last answer is about the same subject. */
const RELATED = 0.35;
/** Probability that the last answer is wanted if it contains everything new. */
const SAID = 0.9;
/** Longest message, in words, that may continue another without saying so. */
const MOST_WORDS = 5;
const MOST_CHOICES = 3;
/** Words of follow-ups that add nothing new: a closed class. */
const LINKING = new Set(
  `too also either as well else then buat untuk pakai pake jam pukul hari day time kali sekali cuma cuman only just
   first take takes arrive arrives sampai sampe nyampe sampainya sampenya nyampenya tiba`.split(/\s+/),
);

/** What a follow-up adds to the question before it. */
interface Addition {
  /** Content words. */
  readonly terms: readonly Term[];
  readonly numbers: ReadonlySet<string>;
  /** What its answer must contain: "how much?" asks for an amount. */
  readonly signs: readonly RequestedSigns[];
}

/** A follow-up question together with the questions before it. */
export function together({ before, text }: AskedQuestion): string {
  return [...before, text].join(' ');
}

/**
 * The answer to a question that continues the one before: the last answer again if it contains what is new in
 * the question, another one that does, or `partial` if nothing does. `alone` is what was found for the
 * question by itself. `undefined`: it does not continue anything.
 */
export function findFollowUp(
  index: AnswerIndex,
  question: AskedQuestion,
  alone: Finding,
  vectorOf: VectorOf,
): Finding | undefined {
  const previous = question.previous && index.itemAt(question.previous);
  const addition = additionOf(question.text, index.lexicon);
  if (question.before.length === 0) {
    if (previous === undefined || wordsOf(question.text).length > MOST_WORDS) return undefined;
    return continued(index, question, previous, addition, alone);
  }
  const rows = rowsOf(index, question, addition);
  if (rows !== undefined) return rows;
  const combined = together(question);
  const followed = decide(index, look(index, combined, question.locale, vectorOf), combined, question.text);
  if (previous === undefined || isEmpty(addition)) return likelier(followed, alone);
  return afterAnswer({ index, question, previous, addition, alone, followed });
}

/** A short question that does not say so may still be answered by what was just said. */
function continued(
  index: AnswerIndex,
  question: AskedQuestion,
  previous: Item,
  addition: Addition,
  alone: Finding,
): Finding | undefined {
  const saysMore = addition.terms.length > 0;
  if (isEmpty(addition) || (saysMore && alone.type === 'sure')) return undefined;
  if (isRow(previous) && !saysMore) return rowsOf(index, question, addition);
  return contains(previous, addition, index.lexicon) ? again(index, question, previous) : undefined;
}

interface AfterAnswer {
  readonly index: AnswerIndex;
  readonly question: AskedQuestion;
  readonly previous: Item;
  readonly addition: Addition;
  readonly alone: Finding;
  /** What was found for the questions together. */
  readonly followed: Finding;
}

function afterAnswer(follow: AfterAnswer): Finding {
  const { index, question, previous, addition, alone, followed } = follow;
  if (contains(previous, addition, index.lexicon)) {
    const isSubject = leansBack(question.text) || isSureOf(followed, previous, index);
    const named = isSubject ? undefined : [alone, followed].find((each) => isNamedIn(each, follow));
    return named ?? again(index, question, previous);
  }
  const neighbour = neighbourNamed(follow);
  if (neighbour !== undefined) return again(index, question, neighbour);
  const another = [followed, alone].find((each) => isNearer(each, follow));
  if (another !== undefined) return another;
  const choices = isSureOf(followed, previous, index) ? [] : nearerChoices(follow);
  const probability = Math.max(followed.probability, alone.probability);
  if (choices.length > 0) return { type: 'close', choices, probability };
  const isRelated = nearnessTo(previous, addition, index.lexicon).every((near) => near >= RELATED);
  if (leansBack(question.text) || isRelated) {
    return {
      type: 'partial',
      answer: again(index, question, previous).answer,
      probability: followed.probability,
    };
  }
  return alone.type === 'sure'
    ? { type: 'none', near: [alone.answer], probability: alone.probability }
    : alone;
}

/** "Bandung: ..." and then "to Makassar?": the only passage beside the last answer with all the new words. */
function neighbourNamed({ index, previous, addition }: AfterAnswer): Item | undefined {
  if (previous.type !== 'passage' || addition.terms.length === 0) return undefined;
  const named = index.items.filter(
    (item) =>
      item.type === 'passage' &&
      item.section === previous.section &&
      areNamed(addition.terms, index.lexicon.terms(item.passage.unit.text)),
  );
  return named.length === 1 ? named[0] : undefined;
}

function isSureOf(finding: Finding, previous: Item, index: AnswerIndex): boolean {
  const item = finding.type === 'sure' ? index.itemAt(finding.answer.reference) : undefined;
  return item !== undefined && isSameSource(item, previous);
}

/** Whether a finding is sure of another answer that comes nearer to the new words. */
function isNearer(finding: Finding, { index, previous, addition }: AfterAnswer): boolean {
  const item = finding.type === 'sure' ? index.itemAt(finding.answer.reference) : undefined;
  if (item === undefined || isSameSource(item, previous) || addition.terms.length === 0) return false;
  const near = nearnessTo(item, addition, index.lexicon);
  const before = nearnessTo(previous, addition, index.lexicon);
  return near.every((each) => each >= ANSWERED) && total(near) >= total(before) + NEARER;
}

/** Whether a finding is sure of another answer whose own question or heading has all the new words. */
function isNamedIn(finding: Finding, { index, previous, addition }: AfterAnswer): boolean {
  const item = finding.type === 'sure' ? index.itemAt(finding.answer.reference) : undefined;
  if (item === undefined || isSameSource(item, previous) || addition.terms.length === 0) return false;
  return areNamed(addition.terms, index.lexicon.terms(item.text.head));
}

/** Of everything that was offered, what is nearer to the new words than the last answer. */
function nearerChoices({
  index,
  previous,
  addition,
  alone,
  followed,
}: AfterAnswer): readonly PossibleAnswer[] {
  const { lexicon } = index;
  const least = total(nearnessTo(previous, addition, lexicon)) + NEARER;
  const offered = [followed, alone].flatMap((finding) => (finding.type === 'close' ? finding.choices : []));
  const nearer = offered.filter(({ reference }) => {
    const item = index.itemAt(reference);
    if (item === undefined || isSameSource(item, previous)) return false;
    const near = nearnessTo(item, addition, lexicon);
    return total(near) >= least && near.some((each) => each >= ANSWERED);
  });
  return [...new Map(nearer.map((choice) => [choice.label, choice])).values()].slice(0, MOST_CHOICES);
}

/** Rows of the table just quoted that a follow-up names, or the same rows for another of their cells. */
function rowsOf(
  index: AnswerIndex,
  question: AskedQuestion,
  { terms: added }: Addition,
): Finding | undefined {
  const [row, ...others] = rowsBefore(index, question);
  if (row === undefined) return undefined;
  const terms = index.lexicon.terms(question.text);
  const named = rowsNamed(terms, index.items, row, index.lexicon);
  const cells = cellsNamed(terms, row, index.lexicon);
  const compared = others.length > 0 ? columnsCompared(index, question.text, row) : [];
  const asked = added.length === 0 ? columnsAskedFor(index, question.text, row) : [];
  const columns = compared.length > 0 ? compared : asked;
  const isOfCell = columns.length > 0 || cells > named.weight;
  const rows = isOfCell || (named.rows.length === 0 && cells > 0) ? [row, ...others] : named.rows;
  if (rows.length === 0) return undefined;
  return sureRows(
    index,
    rows,
    { question: question.text, together: together(question), columns },
    THRESHOLDS.sure,
  );
}

/** The rows of one table that the previous answer showed. */
function rowsBefore(index: AnswerIndex, { previous, previousRows = [] }: AskedQuestion): readonly RowItem[] {
  const [row, ...others] = [previous, ...previousRows].map((each) => each && index.itemAt(each));
  if (!isRow(row)) return [];
  const beside = others.filter(isRow).filter(({ section }) => section === row.section);
  return beside.length < MOST_ROWS ? [row, ...beside] : [row];
}

/** "Which one is cheaper?" after several rows asks for their prices. */
function columnsCompared(index: AnswerIndex, text: string, row: RowItem): readonly string[] {
  const measure = measureCompared(wordsOf(text));
  const table = index.tables.find(({ section }) => section === row.section);
  return (table?.columns ?? []).filter((column) => column.measure === measure).map(({ name }) => name);
}

/** "How long?" after a row asks for its column of durations. */
function columnsAskedFor(index: AnswerIndex, text: string, row: RowItem): readonly string[] {
  const table = index.tables.find(({ section }) => section === row.section);
  const kinds = answerKindsIn(wordsOf(canonical(text)));
  return (table?.columns ?? [])
    .filter(({ measure }) => measure === 'duration' && kinds.has('how-long'))
    .map(({ name }) => name);
}

function additionOf(text: string, lexicon: Lexicon): Addition {
  const words = wordsOf(text);
  return {
    terms: lexicon.terms(text).filter((term) => isHeavy(term) && !isLinking(term) && !isNegated([term.text])),
    numbers: numbersIn(canonical(text)),
    signs: signsAskedFor(answerKindsIn(words)),
  };
}

/** "Berapa lama" asks for a kind of answer; it is not part of one. */
function isLinking({ text }: Term): boolean {
  return LINKING.has(text) || answerKindsIn(text.split(' ')).size > 0;
}

function isEmpty({ terms, numbers, signs }: Addition): boolean {
  return terms.length === 0 && numbers.size === 0 && signs.length === 0;
}

/** Whether the text of an item contains everything a follow-up adds. */
function contains(item: Item, addition: Addition, lexicon: Lexicon): boolean {
  const text = textOf(item);
  const numbers = numbersIn(canonical(text));
  if (addition.signs.length > 0 && fits(addition.signs, signsIn(saidBy(item))) < 1) return false;
  if ([...addition.numbers].some((number) => !numbers.has(number))) return false;
  return nearnessTo(item, addition, lexicon).every((near) => near >= SAME_GROUP);
}

/** How near the text of an item comes to each new word; an amount answers a word for price. */
function nearnessTo(item: Item, { terms }: Addition, lexicon: Lexicon): readonly number[] {
  const text = textOf(item);
  const itemTerms = lexicon.terms(text);
  const prices = ['harga', 'bayar'].flatMap((word) => lexicon.term(word).groups);
  const hasAmount = signsIn(text).has('amount');
  return terms.map((term) => {
    if (hasAmount && term.groups.some((group) => prices.includes(group))) return 1;
    return Math.max(0, ...itemTerms.map((each) => nearness(term, each)));
  });
}

/** What an item is about and says itself, without the passages around it. */
function textOf(item: Item): string {
  const { head, context } = item.text;
  return [head, isRow(item) ? context : '', saidBy(item)].join(' ');
}

/** What a person reads of an item. */
function saidBy(item: Item): string {
  return isRow(item) ? item.text.body : quoteOf(item);
}

/** Entries with several phrasings are several items. */
function isSameSource(one: Item, other: Item): boolean {
  return one.type === 'entry' && other.type === 'entry' ? one.entry.id === other.entry.id : one === other;
}

/** An item once more, with the rows that were shown beside it. */
function again(index: AnswerIndex, question: AskedQuestion, item: Item): Extract<Finding, { type: 'sure' }> {
  const request = cellRequestOf(question.text, index);
  const rows = rowsBefore(index, question);
  const beside = rows[0] === item ? rows.slice(1) : [];
  const answerOf = (each: Item): PossibleAnswer => toPossibleAnswer(each, request, index.lexicon);
  return {
    type: 'sure',
    answer: answerOf(item),
    probability: SAID,
    isSameQuestion: false,
    more: beside.map(answerOf),
  };
}

function likelier(followed: Finding, alone: Finding): Finding {
  if (followed.type === 'sure') return followed;
  return alone.type === 'sure' || alone.probability > followed.probability ? alone : followed;
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
