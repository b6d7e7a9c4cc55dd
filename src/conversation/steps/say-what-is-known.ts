import type { PossibleAnswer } from '../../contracts/answers.js';
import type { TurnAnswer } from '../../contracts/turn.js';
import { plainAnswer } from '../answers.js';
import type { TurnState } from '../turn-state.js';
import { personButton, reportQuestion } from './fall-back.js';
import { piecesOf } from './give-answer.js';

/**
 * For a follow-up that asks for more than the business has said: repeats what is known as being all, offers a
 * person, and records the question.
 */
export async function sayWhatIsKnown(
  state: TurnState,
  answer: PossibleAnswer,
  probability: number,
): Promise<TurnAnswer> {
  await reportQuestion(state, state.question);
  const pieces = piecesOf([answer]);
  const known = pieces.map(({ text }) => text).join('\n\n');
  const text = state.t('answer.allThatIsKnown', { answer: known });
  const citations = pieces.flatMap(({ citation }) => (citation === undefined ? [] : [citation(probability)]));
  state.emit({ type: 'delta', text });
  for (const citation of citations) state.emit({ type: 'citation', citation });
  return {
    ...plainAnswer(state, 'fallback', text, personButton(state)),
    citations,
    reference: answer.reference,
  };
}
