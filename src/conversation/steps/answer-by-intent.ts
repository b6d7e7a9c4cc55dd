import type { TenantSettings } from '../../contracts/settings.js';
import type { TurnAnswer } from '../../contracts/turn.js';
import { plainAnswer } from '../answers.js';
import type { TurnReads } from '../turn-reads.js';
import type { TurnState } from '../turn-state.js';

/** The business's own answer for the intent its model detects in the message. */
export async function answerByIntent(state: TurnState, reads: TurnReads): Promise<TurnAnswer | undefined> {
  // Settings stored before intents existed have none.
  const { intents }: Partial<TenantSettings> = state.scope.settings;
  if (intents === undefined || intents === null || intents.answers.length === 0) return undefined;
  const predictedIntent = await reads.takenFor();
  const answer = intents.answers.find(({ intent }) => intent === predictedIntent);
  if (answer === undefined) return undefined;
  state.emit({ type: 'delta', text: answer.text });
  return plainAnswer(state, 'faq', answer.text);
}
