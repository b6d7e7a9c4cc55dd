import type { TurnAnswer } from '../../contracts/turn.js';
import type { TurnReads } from '../turn-reads.js';
import type { TurnState } from '../turn-state.js';
import { giveAnswer } from './give-answer.js';

/** The business's own answer, if it has already answered practically this question. */
export async function matchFaq(state: TurnState, reads: TurnReads): Promise<TurnAnswer | undefined> {
  if (state.text === '') return undefined;
  const finding = await reads.finding();
  if (finding.type !== 'sure' || finding.answer.entry === undefined || !finding.isSameQuestion)
    return undefined;
  // "Terima kasih" is not "Apakah terima pesanan?", unless an entry matches it exactly.
  if (state.smallTalk !== undefined && finding.probability < 1) return undefined;
  return giveAnswer(state, { answer: finding.answer });
}
