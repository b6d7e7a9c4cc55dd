import type { TurnAnswer } from '../../contracts/turn.js';
import { plainAnswer } from '../answers.js';
import type { ConversationDependencies } from '../dependencies.js';
import type { TurnState } from '../turn-state.js';

/** The business's own words, when it has answered this very question before. */
export async function matchFaq(
  state: TurnState,
  deps: ConversationDependencies,
): Promise<TurnAnswer | undefined> {
  if (state.text === '') return undefined;
  const { best, threshold } = await deps.faq.match(state.scope, state.question, state.locale);
  if (best === undefined || best.score < threshold) return undefined;
  // "Terima kasih" is not "Apakah terima pesanan?", unless the business has an answer to just that.
  if (state.smallTalk !== undefined && !best.exact) return undefined;
  return { ...plainAnswer(state, 'faq', best.entry.answer), locale: best.entry.locale };
}
