import type { Finding } from '../../contracts/answers.js';
import { weekdaysIn } from '../../lib/time/weekdays-in.js';
import { sameWords, type AnswerIndex } from './texts/answer-index.js';
import {
  haveSameMeaning,
  isOtherQuestion,
  isSameQuestion,
  THRESHOLDS,
  touches,
  type Look,
} from './matching/look.js';
import { isRow, type Item, type RowItem } from './texts/items.js';
import { labelOf, toPossibleAnswer, type CellRequest } from './possible-answer.js';
import { coverMessage, requestedRows } from './row-answers.js';
import { answerKindsIn, wordsOf } from './words/words.js';

/** Probability that the best item is wanted when the message is exactly its name. */
const EXACT_NAME = 0.9;
export const MOST_CHOICES = 3;
/** Choices less likely than this share of the best one are left out. */
const LEAST_SHARE = 0.01;

/**
 * What a look yields: an answer if it is sure, otherwise the likeliest to choose from, or nothing. `question`
 * decides which cells of a row are shown; `message` may also contain the questions before it.
 */
export function decide(index: AnswerIndex, lookup: Look, message: string, question: string): Finding {
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
      return sureRows(index, matches, { question, together: message }, ranking.best);
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

/** Which cells of the rows found are shown. */
interface AskedOfRows {
  readonly question: string;
  /** The question with those before it: it may ask for the price that the question itself does not. */
  readonly together: string;
  readonly columns?: readonly string[];
}

export function sureRows(
  index: AnswerIndex,
  rows: readonly RowItem[],
  { question, together, columns = [] }: AskedOfRows,
  probability: number,
): Finding {
  const ownRequest = cellRequestOf(question, index);
  const asksAmount = ownRequest.asksAmount || cellRequestOf(together, index).asksAmount;
  const request = { ...ownRequest, asksAmount, columns };
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

/** Words that say that something is there, or that it is not: a closed class. */
const PRESENT = new Set('ada masih msh punya tersedia ready habis kosong have got left available'.split(' '));

export function cellRequestOf(message: string, index: AnswerIndex): CellRequest {
  const terms = index.lexicon.terms(message);
  const words = wordsOf(message);
  const kinds = answerKindsIn(words);
  const asksAmount = kinds.has('how-much') || kinds.has('how-many') || terms.some(isAboutPrice(index));
  const asksStock = words.some((word) => PRESENT.has(word));
  return { terms, asksAmount, asksStock, days: weekdaysIn(message) };
}

/** Returns a test for terms that mean a price. */
function isAboutPrice(index: AnswerIndex): (term: CellRequest['terms'][number]) => boolean {
  const groups = index.lexicon.term('harga').groups;
  return (term) => term.groups.some((group) => groups.includes(group));
}
