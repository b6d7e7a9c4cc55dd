import type { PendingAction, TurnAnswer } from '../../contracts/turn.js';
import { plainAnswer } from '../answers.js';
import type { TurnState } from '../turn-state.js';

/** Describes the action and who must confirm it; none of the text comes from a model. */
export function askToConfirm(state: TurnState, action: PendingAction): TurnAnswer {
  const { t, capabilities } = state;
  const text = t('action.ask', { summary: action.summary, by: action.confirmation });
  const cancel = { label: t('button.cancelAction'), action: `/cancel ${action.id}` };
  const confirm = { label: t('button.confirmAction'), action: `/confirm ${action.id}` };
  const buttons = action.confirmation === 'person' || state.isStaff ? [confirm, cancel] : [cancel];
  state.emit({ type: 'delta', text });
  const isTextOnly = !capabilities.buttons && capabilities.delivery !== 'push';
  const choices = buttons.map(({ label, action: command }) => `- ${label}: \`${command}\``);
  const answer = isTextOnly
    ? plainAnswer(state, 'tool', [text, '', ...choices].join('\n'))
    : plainAnswer(state, 'tool', text, [buttons]);
  return { ...answer, text, confirmation: action };
}
