import type { PossibleAnswer } from '../../contracts/answers.js';
import type { TurnAnswer } from '../../contracts/turn.js';
import { plainAnswer } from '../answers.js';
import type { TurnState } from '../turn-state.js';
import { personButton, reportQuestion } from './fall-back.js';

/**
 * For a follow-up that asks for more than the business has said: repeats what is known as being all, offers a
 * person, and records the question.
 */
export async function sayWhatIsKnown(state: TurnState, answer: PossibleAnswer): Promise<TurnAnswer> {
  await reportQuestion(state, state.question);
  // Like every refusal it cites nothing: what is repeated does not answer the question.
  const text = state.t('answer.allThatIsKnown', { answer: answer.text });
  state.emit({ type: 'delta', text });
  return { ...plainAnswer(state, 'fallback', text, personButton(state)), reference: answer.reference };
}
