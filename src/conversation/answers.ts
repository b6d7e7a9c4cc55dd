import type { CommandReply } from '../contracts/command.js';
import type { AnswerSource, Bubble, TurnAnswer } from '../contracts/turn.js';
import { makeBubbles } from './steps/make-bubbles.js';
import type { TurnSpending } from '../contracts/model.js';
import { usageOf } from './spending.js';
import type { TurnState } from './turn-state.js';

const NO_USAGE = { inputTokens: 0, outputTokens: 0, costMicros: 0 } as const;

/** An answer made without a model. */
export function plainAnswer(
  state: Pick<TurnState, 'locale' | 'capabilities' | 'scope'>,
  source: AnswerSource,
  text: string,
  buttons?: CommandReply['buttons'],
): TurnAnswer {
  return {
    text,
    bubbles: withButtons(makeBubbles(text, state, { isWhole: source === 'command' }), buttons),
    source,
    citations: [],
    locale: state.locale,
    model: source === 'faq' || source === 'command' ? source : 'none',
    usage: NO_USAGE,
  };
}

/** An answer written without a model, plus the cost of any models that were tried. */
export function paidFor(answer: TurnAnswer, spending: TurnSpending): TurnAnswer {
  return { ...answer, usage: usageOf(spending) };
}

/** Nothing to say: the turn is recorded without a bubble. */
export function silence(state: Pick<TurnState, 'locale'>, source: AnswerSource): TurnAnswer {
  return {
    text: '',
    bubbles: [],
    source,
    citations: [],
    locale: state.locale,
    model: 'none',
    usage: NO_USAGE,
  };
}

/** Adds buttons to the last bubble. */
export function withButtons(bubbles: readonly Bubble[], buttons: CommandReply['buttons']): readonly Bubble[] {
  if (buttons === undefined || buttons.length === 0) return bubbles;
  return bubbles.map((bubble, index) => (index === bubbles.length - 1 ? { ...bubble, buttons } : bubble));
}
