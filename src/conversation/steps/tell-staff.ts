import type { TurnAnswer } from '../../contracts/turn.js';
import { plainAnswer } from '../answers.js';
import type { ConversationDependencies } from '../dependencies.js';
import type { TurnReads } from '../turn-reads.js';
import type { TurnState } from '../turn-state.js';

/**
 * Notifies staff when the bot has no answer for the second time in a row, and tells the person if somebody
 * was reached. Further misses are not reported again.
 */
export async function tellStaff(
  answer: TurnAnswer,
  state: TurnState,
  reads: TurnReads,
  { handOver }: Pick<ConversationDependencies, 'handOver'>,
): Promise<TurnAnswer> {
  const { scope, conversation, events, question, t } = state;
  const [event] = events;
  if (!isNoAnswer(answer) || question === '' || event === undefined) return answer;
  const [before, last] = (await reads.history()).slice(-2).map((turn) => isNoAnswer(turn.answer));
  const isSecond = (last ?? before) === true && (last === undefined || before === false);
  if (!isSecond) return answer;
  await state.beforeEffects?.();
  const { notified } = await handOver.ask(scope, conversation, event.key, 'unanswered-twice');
  if (notified === 0) return answer;
  const buttons = answer.bubbles.at(-1)?.buttons;
  return plainAnswer(state, 'fallback', `${answer.text}\n\n${t('handover.staffToldOfQuestion')}`, buttons);
}

/** Asking which answer was meant does not count as having none. */
function isNoAnswer({ source, choices }: TurnAnswer): boolean {
  return source === 'fallback' && choices === undefined;
}
