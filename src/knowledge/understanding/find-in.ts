import type {
  AskedQuestion,
  Finding,
  KnowledgeForModel,
  KnowledgePiece,
  PossibleAnswer,
} from '../../contracts/answers.js';
import type { FaqMatch } from '../../contracts/knowledge.js';
import type { Locale } from '../../contracts/message.js';
import type { AnswerIndex } from './texts/answer-index.js';
import { cellRequestOf, decide, MOST_CHOICES } from './decide.js';
import { findFollowUp, together } from './follow-up.js';
import {
  isOtherQuestion,
  isSameQuestion,
  look,
  haveSameMeaning,
  THRESHOLDS,
  type VectorOf,
} from './matching/look.js';
import { isRow } from './texts/items.js';
import { areNamed } from './words/lexicon.js';
import { toPossibleAnswer } from './possible-answer.js';
import { selectsRows, tableAnswers } from './table-answers.js';
import { rangeOf, type Range } from './table-lists.js';
import type { TableAnswer } from './tables-about.js';
import { questionsIn, questionWithin } from './questions-in.js';
import { pieceOf, tokensOf } from './texts/knowledge-pieces.js';

/** Probability that the answer to a nearly identical question is the one wanted. */
const SAME_QUESTION = 0.9;
/** Probability that rows found by comparing columns are wanted. */
const TABLE_ANSWER = 0.9;
/** A message with this probability of choices agrees with the answer to the question in it. */
const AGREES = 0.4;
/** When more rows than this are shown, only the requested columns are included. */
const FEW_ROWS = 2;
/** How many rows of a list are shown at a time. */
const MOST_LISTED = 12;
/** How many pieces are marked as most relevant for the model. */
const MOST_BEST = 6;

/** All texts that `findIn` compares for a question; their vectors are computed in one call. */
export function comparedTexts(question: AskedQuestion): readonly string[] {
  const { text } = question;
  return [text, together(question), ...questionsIn(text).flat(), questionWithin(text) ?? text];
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
  const alone = findAlone(index, question, vectorOf);
  // "The cheapest?" is a question about a table, whatever was answered last.
  const selects = selectsRows(question.text) && isOfTable(alone, index);
  const whole = (selects ? undefined : findFollowUp(index, question, alone, vectorOf)) ?? alone;
  if (whole.type === 'sure' && whole !== alone) return whole;
  return (
    findHalves(index, question, whole, vectorOf) ?? findWithin(index, question, whole, vectorOf) ?? whole
  );
}

/** The answer to the only question in a long message, if the whole message comes nearest to the same answer. */
function findWithin(
  index: AnswerIndex,
  { text, locale }: AskedQuestion,
  whole: Finding,
  vectorOf: VectorOf,
): Finding | undefined {
  const within = questionWithin(text);
  if (within === undefined || whole.type !== 'close' || whole.probability < AGREES) return undefined;
  const found = findAlone(index, { text: within, before: [], locale }, vectorOf);
  const [first] = whole.choices;
  if (found.type !== 'sure' || first === undefined || found.answer.label !== first.label) return undefined;
  return { ...found, probability: whole.probability, isSameQuestion: false };
}

/** What answers the question by itself, whatever was asked before. */
function findAlone(index: AnswerIndex, question: AskedQuestion, vectorOf: VectorOf): Finding {
  const { text, locale, previous } = question;
  const alone = decide(index, look(index, text, locale, vectorOf), text, text);
  const range = rangeOf(index, text);
  if (range !== undefined && !namesKind(alone, range, index)) return tableFinding(range, question, index);
  if (isEntry(alone) && !(selectsRows(text) && !isOfSuperlative(alone, index))) return alone;
  const [rows, ...others] = tableAnswers(index, text, previous && index.itemAt(previous));
  if (rows === undefined) return alone;
  if (others.length === 0) return tableFinding(rows, question, index);
  return alone.type === 'sure' && !isEntry(alone) ? alone : tableChoices([rows, ...others], question, index);
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
      const finding = findAlone(index, { text, before: [], locale: question.locale }, vectorOf);
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
  const [a, b] = [first, second].map(({ answer }) => index.itemAt(answer.reference));
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

/** Whether the question of the entry found is about this kind, too. */
function namesKind(finding: Finding, { kind }: Range, index: AnswerIndex): boolean {
  const item = finding.type === 'sure' ? index.itemAt(finding.answer.reference) : undefined;
  if (item?.type !== 'entry') return false;
  return areNamed(kind, index.lexicon.terms(item.text.head));
}

/** Whether the question of the entry found asks for the cheapest or largest, too. */
function isOfSuperlative(finding: Finding, index: AnswerIndex): boolean {
  const item = finding.type === 'sure' ? index.itemAt(finding.answer.reference) : undefined;
  return item?.type === 'entry' && selectsRows(item.text.head);
}

/** Whether what was found, or offered, is rows of tables. */
function isOfTable(finding: Finding, index: AnswerIndex): boolean {
  const found = finding.type === 'sure' ? [finding.answer] : finding.type === 'close' ? finding.choices : [];
  return found.length > 0 && found.every(({ reference }) => isRow(index.itemAt(reference)));
}

/** Whether the answer is an FAQ entry, which has precedence over a table. */
function isEntry(finding: Finding): boolean {
  return finding.type === 'sure' && finding.answer.entry !== undefined;
}

function tableFinding({ rows, columns }: TableAnswer, question: AskedQuestion, index: AnswerIndex): Finding {
  const { text, from = 0 } = question;
  const isList = rows.length > FEW_ROWS && columns.length > 0;
  const request = { ...cellRequestOf(text, index), columns, isList };
  const until = from + MOST_LISTED;
  const [answer, ...more] = rows
    .slice(from, until)
    .map((row) => toPossibleAnswer(row, request, index.lexicon));
  if (answer === undefined) return { type: 'none', near: [], probability: 0 };
  const count = rows.length - until;
  const rest = count > 0 ? { rest: { type: 'rest', question: text, from: until, count } as const } : {};
  return { type: 'sure', answer, probability: TABLE_ANSWER, isSameQuestion: false, more, ...rest };
}

/** Which table is meant, each with the row that answers for it. */
function tableChoices(answers: readonly TableAnswer[], question: AskedQuestion, index: AnswerIndex): Finding {
  const choices = answers.flatMap(({ rows: [row], columns }) => {
    if (row === undefined) return [];
    const request = { ...cellRequestOf(question.text, index), columns };
    const label = row.section.headings.at(-1) ?? row.section.document.title;
    return [{ ...toPossibleAnswer(row, request, index.lexicon), label }];
  });
  return { type: 'close', choices: choices.slice(0, MOST_CHOICES), probability: TABLE_ANSWER };
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
