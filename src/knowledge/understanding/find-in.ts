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
  barFor,
  isSameQuestion,
  look,
  saidByItAlone,
  saySame,
  THRESHOLDS,
  touches,
  type Look,
  type VectorOf,
} from './decide.js';
import type { Features } from './features.js';
import { isRow, type Item } from './items.js';
import { hasCell, rowsMeant, rowsNamed, sayAll } from './row-answers.js';
import { say, type CellRequest } from './say.js';
import { tableAnswer, type TableAnswer } from './table-answers.js';
import { questionsIn } from './questions-in.js';
import { pieceOf, tokensOf } from './told.js';
import { answerKindsIn, wordsOf } from './words.js';

/** How likely the answer to all but the same question is the one that is wanted. */
const SAME_QUESTION = 0.9;
/** How likely what is named in so many words, and is the likeliest, is what is wanted. */
const NAMED = 0.9;
/** How likely rows that were found by comparing columns are what is wanted. */
const TABLE_ANSWER = 0.9;
/** Of more rows than these only the columns that are asked for are told. */
const FEW_ROWS = 2;
const MOST_CHOICES = 3;
/** Pieces that are pointed out to a model. */
const MOST_BEST = 6;
/** A choice this much less likely than the best one would only puzzle. */
const LEAST_SHARE = 0.01;
/** Rows that say all that a message is about may be a little less sure. */
const SURE_ROWS = 0.33;
/** The same for the only passage that says all of it. */
const SAYS_ALL = 0.5;
/** And for one that says so many words: it stands out where little else is known, too. */
const SAYS_MANY = 0.3;
const MANY_WORDS = 3;

export function isAt(item: Item, reference: NonNullable<AskedQuestion['previous']>): boolean {
  if (item.type === 'entry') return reference.type === 'entry' && item.entry.id === reference.id;
  const { chunkId, position } = item.passage;
  return reference.type === 'passage' && reference.chunkId === chunkId && reference.unit === position;
}

/** A question with those that it goes on from. */
export function together({ before, text }: AskedQuestion): string {
  return [...before, text].join(' ');
}

/** All that is compared to find what answers a message. */
export function textsComparedFor(question: AskedQuestion): readonly string[] {
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
    const answer = say(item, cellRequestOf(question.text, index), index.lexicon);
    return { type: 'sure', answer, probability: 1, isSameQuestion: true, more: [] };
  }
  const followed = question.before.length === 0 ? undefined : followUp(index, question, vectorOf);
  if (followed?.type === 'sure') return followed;
  const whole = findWhole(index, question, followed, vectorOf);
  return findHalves(index, question, whole, vectorOf) ?? whole;
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

/** Two questions in one message, where each half has a sure answer of its own: both are told. */
function findHalves(
  index: AnswerIndex,
  question: AskedQuestion,
  whole: Finding,
  vectorOf: VectorOf,
): Finding | undefined {
  const likely = whole.type === 'sure' ? [whole] : [];
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

/** A half may need the other one's words to be sure of what it asks. */
function offers(choices: readonly PossibleAnswer[], { answer }: Sure): boolean {
  return choices.some(({ text }) => text === answer.text);
}

/** Rows of one table are told together anyway. */
function areApart(first: Sure, second: Sure, index: AnswerIndex): boolean {
  const [a, b] = [first, second].map(({ answer }) =>
    index.items.find((item) => isAt(item, answer.reference)),
  );
  if (a === undefined || b === undefined || first.answer.text === second.answer.text) return false;
  return !(isRow(a) && isRow(b) && a.section === b.section) && !saySame(a, b, index.lexicon);
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

/** The business has said it in its own words. */
function isEntry(finding: Finding): boolean {
  return finding.type === 'sure' && finding.answer.entry !== undefined;
}

function tableFinding({ rows, columns }: TableAnswer, question: AskedQuestion, index: AnswerIndex): Finding {
  const isList = rows.length > FEW_ROWS && columns.length > 0;
  const request = { ...cellRequestOf(question.text, index), columns, isList };
  const [answer, ...more] = rows.map((row) => say(row, request, index.lexicon));
  if (answer === undefined) return { type: 'none', near: [], probability: 0 };
  return { type: 'sure', answer, probability: TABLE_ANSWER, isSameQuestion: false, more };
}

/** A question that goes on from another is read with it; what is new in it decides among rows. */
function followUp(index: AnswerIndex, question: AskedQuestion, vectorOf: VectorOf): Finding {
  const whole = together(question);
  const { previous } = question;
  const item = previous && index.items.find((each) => isAt(each, previous));
  if (isRow(item)) {
    const terms = index.lexicon.terms(question.text);
    const matches = rowsNamed(terms, index.items, item, index.lexicon);
    const rows = matches.length > 0 ? matches : hasCell(terms, item, index.lexicon) ? [item] : [];
    if (rows.length > 0) return sureRows(index, rows, question.text, THRESHOLDS.sure, whole);
  }
  return decide(index, look(index, whole, question.locale, vectorOf), whole, question.text);
}

function decide(index: AnswerIndex, lookup: Look, message: string, question: string): Finding {
  const [best] = lookup.best;
  const { ranking, rows, items } = lookup;
  if (best === undefined) return { type: 'none', near: [], probability: 0 };
  const bestRow = rows[ranking.order[0] ?? 0];
  const request = cellRequestOf(question, index);
  const answer = say(best, request, index.lexicon);
  if (sameWords(answer.label) === sameWords(message)) {
    return { type: 'sure', answer, probability: NAMED, isSameQuestion: false, more: [] };
  }
  if (isRow(best)) {
    const matches = rowsMeant(lookup, best, index.lexicon);
    const isAll = sayAll(lookup.terms, matches, index.lexicon);
    const bar = matches.length > 1 ? THRESHOLDS.sure : barFor(lookup, best, index.lexicon, message);
    if (ranking.best >= (isAll ? Math.min(bar, SURE_ROWS) : bar)) {
      return sureRows(index, matches, question, ranking.best, message);
    }
  } else if (isAnswer(lookup, best, bestRow, index, message)) {
    const { best: probability } = ranking;
    return { type: 'sure', answer, probability, isSameQuestion: isSameQuestion(bestRow), more: [] };
  }
  const choices = choicesOf(lookup, items, request, index);
  const isNear = lookup.best.slice(0, MOST_CHOICES).some((item) => touches(lookup, item, index.lexicon));
  if (ranking.bestThree < THRESHOLDS.close || !isNear)
    return { type: 'none', near: choices, probability: ranking.bestThree };
  const [only, ...others] = choices;
  // Several entries that say the same are no reason to ask which is meant.
  const isPlain = only !== undefined && others.length === 0;
  if (isPlain && ranking.bestThree >= barFor(lookup, best, index.lexicon, message)) {
    const { bestThree: probability } = ranking;
    return { type: 'sure', answer: only, probability, isSameQuestion: false, more: [] };
  }
  return { type: 'close', choices, probability: ranking.bestThree };
}

function isAnswer(
  lookup: Look,
  item: Item,
  features: Features | undefined,
  index: AnswerIndex,
  message: string,
): boolean {
  const own = barFor(lookup, item, index.lexicon, message);
  const wordCount = own === THRESHOLDS.sure ? saidByItAlone(lookup, item, index.lexicon) : 0;
  const bar = wordCount === 0 ? own : wordCount >= MANY_WORDS ? SAYS_MANY : SAYS_ALL;
  // Where little is known, nothing stands out: the same question is the same all the same.
  return lookup.ranking.best >= bar || (isSameQuestion(features) && own === THRESHOLDS.sure);
}

function sureRows(
  index: AnswerIndex,
  rows: readonly Item[],
  question: string,
  probability: number,
  together: string,
): Finding {
  const own = cellRequestOf(question, index);
  const request = { ...own, asksAmount: own.asksAmount || cellRequestOf(together, index).asksAmount };
  const [answer, ...more] = rows.map((row) => say(row, request, index.lexicon));
  if (answer === undefined) return { type: 'none', near: [], probability: 0 };
  return { type: 'sure', answer, probability, isSameQuestion: false, more };
}

/** The likeliest three that a person can tell apart. */
function choicesOf(
  lookup: Look,
  items: readonly Item[],
  request: CellRequest,
  index: AnswerIndex,
): PossibleAnswer[] {
  const { order, scores } = lookup.ranking;
  const highest = scores[order[0] ?? 0] ?? 0;
  const choices = new Map<string, PossibleAnswer>();
  const selection: Item[] = [];
  for (const position of order) {
    if (choices.size === MOST_CHOICES) break;
    if (Math.exp((scores[position] ?? 0) - highest) < LEAST_SHARE) break;
    const item = items[position];
    if (item === undefined || selection.some((other) => saySame(other, item, index.lexicon))) continue;
    selection.push(item);
    const answer = say(item, request, index.lexicon);
    const key = answer.label.toLowerCase();
    if (!choices.has(key)) choices.set(key, answer);
  }
  return [...choices.values()];
}

/** The entry that is most likely to answer, whether or not it is likely enough. */
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
  // Behind a passage an entry is as much less likely as its score is lower.
  const share = Math.exp((scores[position] ?? 0) - (scores[order[0] ?? 0] ?? 0));
  const bar = barFor(lookup, item, index.lexicon, question);
  const isSame = isSameQuestion(lookup.rows[position]);
  const likely = Math.max(best * share, isSame ? SAME_QUESTION : 0);
  const score = likely >= bar ? likely : Math.min(likely, THRESHOLDS.sure - 0.01);
  return { entry: item.entry, score, exact: false };
}

export function cellRequestOf(message: string, index: AnswerIndex): CellRequest {
  const terms = index.lexicon.terms(message);
  const asked = answerKindsIn(wordsOf(message));
  const asksAmount = asked.has('how-much') || asked.has('how-many') || terms.some(isAboutPrice(index));
  return { terms, asksAmount };
}

/** Whether a term is one for prices, whichever. */
function isAboutPrice(index: AnswerIndex): (term: CellRequest['terms'][number]) => boolean {
  const groups = index.lexicon.term('harga').groups;
  return (term) => term.groups.some((group) => groups.includes(group));
}
