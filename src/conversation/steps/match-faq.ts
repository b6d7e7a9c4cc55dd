import type { TurnAnswer } from '../../contracts/turn.js';
import type { TurnReads } from '../turn-reads.js';
import type { TurnState } from '../turn-state.js';
import { giveAnswer } from './give-answer.js';

/** The business's own words, when it has answered all but this very question before. */
export async function matchFaq(state: TurnState, reads: TurnReads): Promise<TurnAnswer | undefined> {
  if (state.text === '') return undefined;
  const finding = await reads.finding();
  if (finding.type !== 'sure' || finding.answer.entry === undefined || !finding.isSameQuestion)
    return undefined;
  // "Terima kasih" is not "Apakah terima pesanan?", unless the business has an answer to just that.
  if (state.smallTalk !== undefined && finding.probability < 1) return undefined;
  return giveAnswer(state, finding.answer);
}
