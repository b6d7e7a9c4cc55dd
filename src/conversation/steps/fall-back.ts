import type { Button } from '../../contracts/channel.js';
import type { TurnAnswer } from '../../contracts/turn.js';
import { plainAnswer } from '../answers.js';
import type { TurnState } from '../turn-state.js';
import { makeSmallTalk } from './make-small-talk.js';

const TEXTS = {
  'no-answer': 'fallback.noAnswer',
  'models-failed': 'fallback.failed',
  'over-budget': 'fallback.overBudget',
} as const;

/**
 * Replies to small talk. For a question, admits that there is no answer, offers a person, and records the
 * question.
 */
export async function fallBack(
  state: TurnState,
  reason: keyof typeof TEXTS,
  /** The question, if it differs from the message text. */
  question = state.question,
): Promise<TurnAnswer> {
  const { t, smallTalk } = state;
  if (smallTalk !== undefined && question === state.question) return makeSmallTalk(smallTalk, state);
  await reportQuestion(state, question);
  return plainAnswer(state, 'fallback', t(TEXTS[reason]), personButton(state));
}

export function personButton({ t }: TurnState): readonly (readonly Button[])[] {
  return [[{ label: t('button.human'), action: '/human' }]];
}

/** Records a question without an answer, and tells whoever listens for such questions. */
export async function reportQuestion(state: TurnState, question: string): Promise<void> {
  const { scope, conversation, locale } = state;
  const { id, contactId } = conversation;
  if ((await keepQuestion(state, question)) === undefined) return;
  await state.tell(scope, 'question.unanswered', {
    question,
    locale,
    conversation_id: id,
    contact_id: contactId,
  });
}

/** Records a question without a certain answer, for staff to teach. */
export async function keepQuestion(state: TurnState, question: string): Promise<string | undefined> {
  // An image alone contains no question for staff.
  if (question === '') return undefined;
  const { scope, locale, conversation, contact } = state;
  return state.remember(scope, {
    text: question,
    locale,
    conversationId: conversation.id,
    contactId: contact.id,
  });
}
