import type { Finding, PossibleAnswer, RestOfList } from '../../contracts/answers.js';
import type { CommandReply } from '../../contracts/command.js';
import type { Choice, Citation, TurnAnswer } from '../../contracts/turn.js';
import { plainAnswer } from '../answers.js';
import type { TurnState } from '../turn-state.js';
import { choiceAction } from './choice-action.js';

const MAX_QUOTE_LENGTH = 300;
/**
 * Below this probability only one offer in two holds the answer, above it nearly four in five (businesses of
 * `test/eval`). So below it the reply begins with an honest no and the way to a person.
 */
const LIKELY_CHOICE = 0.25;

/** What is sent: one answer, or several if several rows fit or two things were asked. */
export interface GivenAnswer {
  readonly answer: PossibleAnswer;
  readonly more?: readonly PossibleAnswer[];
  readonly probability?: number;
  readonly rest?: RestOfList | undefined;
}

/**
 * Sends an entry in the business's own words, or a document's text with its source; both, one after the
 * other, if the message asked two things. Of a long list it offers the rest.
 */
export function giveAnswer(
  state: TurnState,
  { answer, more = [], probability = 1, rest }: GivenAnswer,
): TurnAnswer {
  const { reference } = answer;
  const pieces = piecesOf([answer, ...more]);
  const citations = pieces.flatMap(({ citation }) => (citation === undefined ? [] : [citation(probability)]));
  const note = rest === undefined ? [] : [state.t('list.rest', { count: rest.count })];
  const text = [...pieces.map((piece) => piece.text), ...note].join('\n\n');
  state.emit({ type: 'delta', text });
  for (const citation of citations) state.emit({ type: 'citation', citation });
  if (citations.length === 0) {
    return { ...plainAnswer(state, 'faq', text), locale: answer.locale ?? state.locale, reference };
  }
  const isPushed = state.capabilities.delivery === 'push';
  // Where only text can be shown, the source becomes part of it.
  const sources = citations.map(({ n, title }) => `[${n}] ${title}`).join(', ');
  const display = isPushed ? `${text}\n\n_${state.t('answer.sources')}: ${sources}_` : text;
  const label = rest && state.t('list.more');
  const buttons = label === undefined ? undefined : [[{ label, action: choiceAction(state.turnId, 0) }]];
  return {
    ...plainAnswer(state, 'knowledge', display, buttons),
    text,
    citations,
    reference,
    ...(more.length === 0 ? {} : { otherRows: more.map((each) => each.reference) }),
    ...(label === undefined || rest === undefined
      ? {}
      : { choices: [{ label, send: label, reference: rest }] }),
  };
}

interface Piece {
  readonly text: string;
  readonly citation?: (score: number) => Citation;
}

/** The texts of the answers, with a source number for each document. */
function piecesOf(answers: readonly PossibleAnswer[]): readonly Piece[] {
  const pieces: Piece[] = [];
  const documents = new Set<string>();
  for (const { entry, documentId, reference, title, text } of answers) {
    if (entry !== undefined) {
      pieces.push({ text });
      continue;
    }
    if (documents.has(documentId)) continue;
    documents.add(documentId);
    const n = documents.size;
    const fromDocument = answers.filter((each) => each.entry === undefined && each.documentId === documentId);
    const passage = fromDocument.map((each) => each.text).join('\n');
    const chunkId = reference.type === 'passage' ? reference.chunkId : documentId;
    pieces.push({
      text: `${passage} [${n}]`,
      citation: (score) => ({
        n,
        documentId,
        chunkId,
        title,
        quote: passage.slice(0, MAX_QUOTE_LENGTH),
        score,
      }),
    });
  }
  return pieces;
}

/** Asks which of several answers is meant, with buttons or, where there are none, with numbers. */
export function offerChoices(
  state: TurnState,
  { choices: candidates, probability }: Extract<Finding, { type: 'close' }>,
): TurnAnswer {
  const { t, capabilities, turnId } = state;
  const lead = t(probability < LIKELY_CHOICE ? 'choices.nearest' : 'choices.ask');
  const choices = candidates.map(({ label, reference }): Choice => ({ label, send: label, reference }));
  const list = choices.map(({ label }, position) => `${position + 1}. ${label}`);
  const text = [lead, ...list].join('\n');
  state.emit({ type: 'delta', text });
  const buttons: CommandReply['buttons'] = [
    ...choices.map(({ label }, position) => [{ label, action: choiceAction(turnId, position) }]),
    [{ label: t('button.human'), action: '/human' }],
  ];
  // Where messages are pushed without buttons, delivery writes them as a numbered list below the text.
  const areShownBelow = capabilities.buttons || capabilities.delivery === 'push';
  const display = areShownBelow ? lead : text;
  return { ...plainAnswer(state, 'fallback', display, buttons), text, choices };
}
