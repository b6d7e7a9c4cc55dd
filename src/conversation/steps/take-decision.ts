import type { TurnAnswer } from '../../contracts/turn.js';
import { consentIn } from '../consent.js';
import type { ConversationDependencies } from '../dependencies.js';
import type { TurnReads } from '../turn-reads.js';
import type { TurnState } from '../turn-state.js';
import { runCommand } from './run-command.js';

/**
 * "Ya" or "never mind" right after Sapa asked whether it may do something: the same as pressing the button,
 * with the same checks. Only a whole message by the person who was asked counts.
 */
export async function takeDecision(
  state: TurnState,
  reads: TurnReads,
  deps: ConversationDependencies,
): Promise<TurnAnswer | undefined> {
  const consent = consentIn(state.text);
  const [event] = state.events;
  if (consent === undefined || event === undefined || state.files.length > 0) return undefined;
  const last = (await reads.recent()).at(-1);
  const action = last?.answer.confirmation;
  if (last === undefined || action === undefined) return undefined;
  if (![state.contact.id, ...state.contact.formerIds].includes(last.contactId)) return undefined;
  // Staff decide where they were asked.
  if (consent === 'yes' && action.confirmation === 'staff' && !state.isStaff) return undefined;
  await state.beforeEffects?.();
  const name = consent === 'yes' ? 'confirm' : 'cancel';
  const { answer } = await runCommand({ name, argumentText: action.id, files: [], event }, state, deps);
  return answer;
}
