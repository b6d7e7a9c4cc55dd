import type { InboxEvent } from '../../contracts/turn.js';
import type { TurnOutput } from '../../contracts/run-turn.js';
import { parseCommand } from '../../lib/text/parse-command.js';
import { plainAnswer, silence } from '../answers.js';
import type { ConversationDependencies } from '../dependencies.js';
import { feedbackData } from '../../lib/feedback-data.js';
import type { TurnState } from '../turn-state.js';
import { runCommand } from './run-command.js';
import { readChoiceAction } from './choice-action.js';
import { answerChoice } from './take-choice.js';

const RATING = /^rate:(up|down):(.+)$/;

/** The data of a button that rates an answer. */
export function ratingAction(rating: 'up' | 'down', turnId: string): string {
  return `rate:${rating}:${turnId}`;
}

/** Handles a button press: rates an answer, or runs the command it carries. */
export async function pressButton(
  action: string,
  event: InboxEvent,
  state: TurnState,
  deps: ConversationDependencies,
): Promise<TurnOutput> {
  const [, rating, turnId] = RATING.exec(action) ?? [];
  if (rating !== undefined && turnId !== undefined) {
    return { input: '', answer: silence(state, 'command'), notice: await rate(rating, turnId, state) };
  }
  const choice = readChoiceAction(action);
  if (choice !== undefined) return pressChoice(choice, state, deps);
  const call = parseCommand(action);
  // A button from an older version: acknowledged without any effect.
  if (call === undefined) return { input: '', answer: silence(state, 'command') };
  return { input: '', ...(await runCommand({ ...call, files: [], event }, state, deps)) };
}

/** The label is recorded as the person's message, so that the history reads naturally. */
async function pressChoice(
  { turnId, position }: { readonly turnId: string; readonly position: number },
  state: TurnState,
  deps: ConversationDependencies,
): Promise<TurnOutput> {
  const turn = await state.scope.turns.get(turnId);
  // The id comes back from the platform, so check that it belongs to this conversation.
  const choice = turn?.conversationId === state.conversation.id ? turn.answer.choices?.[position] : undefined;
  if (turn === undefined || choice === undefined) return { input: '', answer: silence(state, 'command') };
  const answer = await answerChoice(choice, turn, state, deps);
  return { input: choice.label, answer: answer ?? plainAnswer(state, 'fallback', state.t('choices.gone')) };
}

async function rate(rating: string, turnId: string, state: TurnState): Promise<string> {
  const { scope, conversation, now, t } = state;
  const turn = await scope.turns.get(turnId);
  // The id comes back from the platform, so check that it belongs to this conversation.
  if (turn?.conversationId !== conversation.id) return t('feedback.nothingToRate');
  const feedback = { rating: rating === 'up' ? 'up' : 'down', at: now } as const;
  await scope.turns.saveFeedback(turnId, feedback);
  await state.tell(scope, 'feedback.received', feedbackData(turnId, feedback));
  return t(rating === 'up' ? 'feedback.thanksUp' : 'feedback.thanksDown');
}
