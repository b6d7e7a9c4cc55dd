import type { TurnAnswer } from '../../contracts/turn.js';
import { plainAnswer, silence } from '../answers.js';
import type { TurnState } from '../turn-state.js';

/** Longest question that is processed, in UTF-16 code units. */
const MAX_QUESTION_LENGTH = 8_000;

/** Decides whether the bot replies at all. Returning an answer ends the turn; `undefined` continues it. */
export function gate(state: TurnState): TurnAnswer | undefined {
  const { conversation, events, text, t } = state;
  const isCommand = events.some((item) => item.event.type === 'command' || item.event.type === 'action');
  if (isCommand) return undefined;
  if (conversation.mode !== 'bot') return silence(state, 'human');
  if (text.length > MAX_QUESTION_LENGTH) {
    return plainAnswer(state, 'fallback', t('fallback.tooLong', { limit: MAX_QUESTION_LENGTH }));
  }
  const isEmpty = events.every(({ event }) => event.type !== 'message' || event.parts.length === 0);
  if (text === '' && isEmpty) return plainAnswer(state, 'fallback', t('fallback.emptyMessage'));
  return undefined;
}
