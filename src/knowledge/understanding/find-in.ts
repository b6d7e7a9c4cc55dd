import type {
  AskedQuestion,
  Finding,
  KnowledgeForModel,
  KnowledgePiece,
  PossibleAnswer,
} from '../../contracts/answers.js';
import type { FaqMatch } from '../../contracts/knowledge.js';
import type { Locale } from '../../contracts/message.js';
import { sameWords, type AnswerIndex } from './answer-index.js';
import {
  isOtherQuestion,
  isSameQuestion,
  look,
  haveSameMeaning,
  THRESHOLDS,
  touches,
  type Look,
  type VectorOf,
} from './decide.js';
import { isRow, type Item } from './items.js';
import { hasCell, requestedRows, rowsNamed, coverMessage } from './row-answers.js';
import { labelOf, toPossibleAnswer, type CellRequest } from './possible-answer.js';
import { tableAnswer, type TableAnswer } from './table-answers.js';
import { questionsIn } from './questions-in.js';
import { pieceOf, tokensOf } from './knowledge-pieces.js';
import { answerKindsIn, wordsOf } from './words.js';

/** Probability that the answer to a nearly identical question is the one wanted. */
const SAME_QUESTION = 0.9;
/** Probability that the best item is wanted when the message is exactly its name. */
const EXACT_NAME = 0.9;
/** Probability that rows found by comparing columns are wanted. */
const TABLE_ANSWER = 0.9;
/** When more rows than this are shown, only the requested columns are included. */
const FEW_ROWS = 2;
const MOST_CHOICES = 3;
/** How many pieces are marked as most relevant for the model. */
const MOST_BEST = 6;
/** Choices less likely than this share of the best one are left out. */
const LEAST_SHARE = 0.01;
export function isAt(item: Item, reference: NonNullable<AskedQuestion['previous']>): boolean {
  if (item.type === 'entry') return reference.type === 'entry' && item.entry.id === reference.id;
  const { chunkId, position } = item.passage;
  return reference.type === 'passage' && reference.chunkId === chunkId && reference.unit === position;
}

/** A follow-up question together with the questions before it. */
export function together({ before, text }: AskedQuestion): string {
  return [...before, text].join(' ');
}

/** All texts that `findIn` compares for a question; their vectors are computed in one call. */
export function comparedTexts(question: AskedQuestion): readonly string[] {
  return [question.text, together(question), ...questionsIn(question.text).flat()];
}

export function findIn(
  index: AnswerIndex,
  question: AskedQuestion,
  vectorOf: VectorOf = () => undefined,
): Finding {
  const exact = index.findExact(question.text, question.locale);
  const item = exact && index.items.find((each) => each.type === 'entry' && each.entry.id === exact.id);
  if (item !== undefined) {
    const answer = toPossibleAnswer(item, cellRequestOf(question.text, index), index.lexicon);
    return { type: 'sure', answer, probability: 1, isSameQuestion: true, more: [] };
  }
  const followed = question.before.length === 0 ? undefined : followUp(index, question, vectorOf);
  if (followed?.type === 'sure') return followed;
  const wholeFinding = findWhole(index, question, followed, vectorOf);
  return findHalves(index, question, wholeFinding, vectorOf) ?? wholeFinding;
}

function findWhole(
  index: AnswerIndex,
  question: AskedQuestion,
  followed: Finding | undefined,
  vectorOf: VectorOf,
): Finding {
  const lookup = look(index, question.text, question.locale, vectorOf);
  const alone = decide(index, lookup, question.text, question.text);
  if (!isEntry(alone)) {
    const { previous } = question;
    const near = previous && index.items.find((each) => isAt(each, previous));
    const rows = tableAnswer(index, question.text, near);
    if (rows !== undefined) return tableFinding(rows, question, index);
  }
  if (followed === undefined || alone.type === 'sure') return alone;
  return followed.probability >= alone.probability ? followed : alone;
}

/** Answers both of two questions in one message, if each half has a sure answer of its own. */
function findHalves(
  index: AnswerIndex,
  question: AskedQuestion,
  wholeFinding: Finding,
  vectorOf: VectorOf,
): Finding | undefined {
  const likely = wholeFinding.type === 'sure' ? [wholeFinding] : [];
  for (const halves of questionsIn(question.text)) {
    const [first, second] = halves.map((text) => {
      const finding = findWhole(index, { text, before: [], locale: question.locale }, undefined, vectorOf);
      return finding.type === 'close'
        ? (likely.find((each) => offers(finding.choices, each)) ?? finding)
        : finding;
    });
    if (first?.type !== 'sure' || second?.type !== 'sure' || !areApart(first, second, index)) continue;
    const more = [...first.more, second.answer, ...second.more];
    const probability = Math.min(first.probability, second.probability);
    return { ...first, probability, isSameQuestion: false, more };
  }
  return undefined;
}

type Sure = Extract<Finding, { type: 'sure' }>;

/** Whether the choices for one half include the answer found for the whole message. */
function offers(choices: readonly PossibleAnswer[], { answer }: Sure): boolean {
  return choices.some(({ text }) => text === answer.text);
}

/** Whether two answers are different enough to give both; rows of one table already appear together. */
function areApart(first: Sure, second: Sure, index: AnswerIndex): boolean {
  const [a, b] = [first, second].map(({ answer }) =>
    index.items.find((item) => isAt(item, answer.reference)),
  );
  if (a === undefined || b === undefined || first.answer.text === second.answer.text) return false;
  return !(isRow(a) && isRow(b) && a.section === b.section) && !haveSameMeaning(a, b, index.lexicon);
}

export function gatherIn(
  index: AnswerIndex,
  text: string,
  locale: Locale,
  budget: number,
  vectorOf: VectorOf,
): KnowledgeForModel {
  const { items, ranking } = look(index, text, locale, vectorOf);
  const pieces = new Map<string, KnowledgePiece>();
  for (const position of ranking.order) {
    const item = items[position];
    const piece = item && pieceOf(item);
    if (piece !== undefined && !pieces.has(piece.chunkId)) pieces.set(piece.chunkId, piece);
  }
  const best = [...pieces.keys()].slice(0, MOST_BEST);
  const { everything } = index;
  if (everything.tokens <= budget) return { pieces: everything.all(), isAll: true, best };
  let tokens = 0;
  const fitting = [...pieces.values()].filter((piece) => (tokens += tokensOf(piece)) <= budget);
  return { pieces: fitting, isAll: false, best };
}

/** Whether the answer is an FAQ entry, which has precedence over a table. */
function isEntry(finding: Finding): boolean {
  return finding.type === 'sure' && finding.answer.entry !== undefined;
}

function tableFinding({ rows, columns }: TableAnswer, question: AskedQuestion, index: AnswerIndex): Finding {
  const isList = rows.length > FEW_ROWS && columns.length > 0;
  const request = { ...cellRequestOf(question.text, index), columns, isList };
  const [answer, ...more] = rows.map((row) => toPossibleAnswer(row, request, index.lexicon));
  if (answer === undefined) return { type: 'none', near: [], probability: 0 };
  return { type: 'sure', answer, probability: TABLE_ANSWER, isSameQuestion: false, more };
}

/**
 * Reads a follow-up together with the questions before it; after a table row, the follow-up's own words
 * select rows.
 */
function followUp(index: AnswerIndex, question: AskedQuestion, vectorOf: VectorOf): Finding {
  const combined = together(question);
  const { previous } = question;
  const item = previous && index.items.find((each) => isAt(each, previous));
  if (isRow(item)) {
    const terms = index.lexicon.terms(question.text);
    const matches = rowsNamed(terms, index.items, item, index.lexicon);
    const rows = matches.length > 0 ? matches : hasCell(terms, item, index.lexicon) ? [item] : [];
    if (rows.length > 0) return sureRows(index, rows, question.text, THRESHOLDS.sure, combined);
  }
  return decide(index, look(index, combined, question.locale, vectorOf), combined, question.text);
}

function decide(index: AnswerIndex, lookup: Look, message: string, question: string): Finding {
  const [best] = lookup.best;
  const { ranking, rows } = lookup;
  if (best === undefined) return { type: 'none', near: [], probability: 0 };
  const bestRow = rows[ranking.order[0] ?? 0];
  const request = cellRequestOf(question, index);
  const answer = toPossibleAnswer(best, request, index.lexicon);
  if (sameWords(answer.label) === sameWords(message)) {
    return { type: 'sure', answer, probability: EXACT_NAME, isSameQuestion: false, more: [] };
  }
  const isOther = isOtherQuestion(lookup, best, index.lexicon, message);
  const isSure = ranking.best >= minimumFor(best);
  if (isRow(best)) {
    const matches = requestedRows(lookup, best, index.lexicon);
    const isLikely =
      ranking.best >= THRESHOLDS.wholeRows && coverMessage(lookup.terms, matches, index.lexicon);
    if ((isSure || isLikely) && !(isOther && matches.length === 1)) {
      return sureRows(index, matches, question, ranking.best, message);
    }
  } else if (!isOther && (isSure || isSameQuestion(bestRow))) {
    // In a small business nothing stands out statistically, but the same question is still the same.
    const { best: probability } = ranking;
    return { type: 'sure', answer, probability, isSameQuestion: isSameQuestion(bestRow), more: [] };
  }
  const { bestThree: probability } = ranking;
  const candidates = distinctItems(lookup, index);
  // If the candidates all say the same thing, there is nothing to choose between.
  if (candidates.length === 1 && !isOther && probability >= THRESHOLDS.sure) {
    return { type: 'sure', answer, probability, isSameQuestion: false, more: [] };
  }
  const choices = candidates.map((item) => toPossibleAnswer(item, request, index.lexicon));
  const isNear = candidates.some((item) => touches(lookup, item, index.lexicon));
  if (probability < THRESHOLDS.close || !isNear) return { type: 'none', near: choices, probability };
  return { type: 'close', choices, probability };
}

function minimumFor({ text }: Item): number {
  return text.kind === 'passage' ? THRESHOLDS.passage : THRESHOLDS.sure;
}

function sureRows(
  index: AnswerIndex,
  rows: readonly Item[],
  question: string,
  probability: number,
  together: string,
): Finding {
  const ownRequest = cellRequestOf(question, index);
  const request = {
    ...ownRequest,
    asksAmount: ownRequest.asksAmount || cellRequestOf(together, index).asksAmount,
  };
  const [answer, ...more] = rows.map((row) => toPossibleAnswer(row, request, index.lexicon));
  if (answer === undefined) return { type: 'none', near: [], probability: 0 };
  return { type: 'sure', answer, probability, isSameQuestion: false, more };
}

/** The most likely items that say different things under different labels. */
function distinctItems({ ranking, items }: Look, { lexicon }: AnswerIndex): readonly Item[] {
  const { order, scores } = ranking;
  const highest = scores[order[0] ?? 0] ?? 0;
  const distinct: Item[] = [];
  for (const position of order) {
    if (distinct.length === MOST_CHOICES) break;
    const item = items[position];
    if (item === undefined || Math.exp((scores[position] ?? 0) - highest) < LEAST_SHARE) continue;
    const isKnown = distinct.some(
      (other) => haveSameMeaning(other, item, lexicon) || haveSameLabel(other, item),
    );
    if (!isKnown) distinct.push(item);
  }
  return distinct;
}

function haveSameLabel(one: Item, other: Item): boolean {
  return labelOf(one).toLowerCase() === labelOf(other).toLowerCase();
}

/** The FAQ entry most likely to answer, even if it is not likely enough to be shown. */
export function matchEntry(
  index: AnswerIndex,
  question: string,
  locale: Locale,
  vectorOf: VectorOf,
): FaqMatch | undefined {
  const exact = index.findExact(question, locale);
  if (exact !== undefined) return { entry: exact, score: 1, exact: true };
  const lookup = look(index, question, locale, vectorOf);
  const position = lookup.ranking.order.find((each) => lookup.items[each]?.type === 'entry');
  const item = position === undefined ? undefined : lookup.items[position];
  if (position === undefined || item?.type !== 'entry') return undefined;
  const { best, scores, order } = lookup.ranking;
  // If a passage ranks first, the entry's probability is scaled by its score relative to the passage.
  const share = Math.exp((scores[position] ?? 0) - (scores[order[0] ?? 0] ?? 0));
  const isOther = isOtherQuestion(lookup, item, index.lexicon, question);
  const isSame = isSameQuestion(lookup.rows[position]);
  const likely = Math.max(best * share, isSame ? SAME_QUESTION : 0);
  const score = isOther ? Math.min(likely, THRESHOLDS.sure - 0.01) : likely;
  return { entry: item.entry, score, exact: false };
}

export function cellRequestOf(message: string, index: AnswerIndex): CellRequest {
  const terms = index.lexicon.terms(message);
  const kinds = answerKindsIn(wordsOf(message));
  const asksAmount = kinds.has('how-much') || kinds.has('how-many') || terms.some(isAboutPrice(index));
  return { terms, asksAmount };
}

/** Returns a test for terms that mean a price. */
function isAboutPrice(index: AnswerIndex): (term: CellRequest['terms'][number]) => boolean {
  const groups = index.lexicon.term('harga').groups;
  return (term) => term.groups.some((group) => groups.includes(group));
}
