import type { PossibleAnswer } from '../../contracts/answers.js';
import type { CommandReply } from '../../contracts/command.js';
import type { Choice, Citation, TurnAnswer } from '../../contracts/turn.js';
import { plainAnswer } from '../answers.js';
import type { TurnState } from '../turn-state.js';
import { choiceAction } from './choice-action.js';

const MAX_QUOTE_LENGTH = 300;

/** An entry as the business wrote it, or what its documents say with the source. */
export function giveAnswer(
  state: TurnState,
  answer: PossibleAnswer,
  more: readonly PossibleAnswer[] = [],
  probability = 1,
): TurnAnswer {
  const { reference, entry } = answer;
  if (entry !== undefined) {
    state.emit({ type: 'delta', text: entry.answer });
    return { ...plainAnswer(state, 'faq', entry.answer), locale: entry.locale, reference };
  }
  const all = [answer, ...more];
  const said = all.map(({ text }) => text).join('\n');
  const text = `${said} [1]`;
  const citation: Citation = {
    n: 1,
    documentId: answer.documentId,
    chunkId: reference.type === 'passage' ? reference.chunkId : answer.documentId,
    title: answer.title,
    quote: said.slice(0, MAX_QUOTE_LENGTH),
    score: probability,
  };
  state.emit({ type: 'delta', text });
  state.emit({ type: 'citation', citation });
  const isPushed = state.capabilities.delivery === 'push';
  // Where nothing but text can be shown, the source is part of it.
  const shown = isPushed ? `${text}\n\n_${state.t('answer.sources')}: [1] ${answer.title}_` : text;
  return { ...plainAnswer(state, 'knowledge', shown), text, citations: [citation], reference };
}

/** Asks which of several answers is meant: by buttons, and where there are none by numbers. */
export function offerChoices(state: TurnState, found: readonly PossibleAnswer[], turnId: string): TurnAnswer {
  const { t, capabilities } = state;
  const choices = found.map(({ label, reference }): Choice => ({ label, send: label, reference }));
  const list = choices.map(({ label }, position) => `${position + 1}. ${label}`);
  const text = [t('choices.ask'), ...list].join('\n');
  state.emit({ type: 'delta', text });
  const buttons: CommandReply['buttons'] = [
    ...choices.map(({ label }, position) => [{ label, action: choiceAction(turnId, position) }]),
    [{ label: t('button.human'), action: '/human' }],
  ];
  const shown = capabilities.buttons ? t('choices.ask') : text;
  return { ...plainAnswer(state, 'fallback', shown, buttons), text, choices };
}
