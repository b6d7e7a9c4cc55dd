import type { ToolCall, ToolSpec } from '../contracts/model.js';
import type { PendingAction } from '../contracts/turn.js';

/** How a model ends a turn without an answer, or with a question of its own. */
export type Outcome =
  | { readonly type: 'no-answer' }
  /** The vendor or the model refused the topic. */
  | { readonly type: 'refused' }
  | { readonly type: 'hand-over' }
  /** An action needs somebody's confirmation first. */
  | { readonly type: 'confirm'; readonly action: PendingAction }
  | { readonly type: 'clarify'; readonly question: string; readonly choices: readonly string[] };

const LONGEST_QUESTION = 500;
const LONGEST_CHOICE = 60;
const MOST_CHOICES = 4;

/** Offered as tools with every question; their names tell the model what they are for. */
export const OUTCOMES: readonly ToolSpec[] = [
  {
    name: 'no_answer',
    description:
      'Call this, and write nothing, when what you were given does not hold the answer. The person is then told so honestly and offered a human.',
    inputSchema: { type: 'object', properties: {}, additionalProperties: false },
  },
  {
    name: 'ask_back',
    description:
      'Call this, and write nothing, when the question can mean several things and the answer depends on which. Give one short question in the language of the person and, where there are few possibilities, these as choices.',
    inputSchema: {
      type: 'object',
      properties: {
        question: { type: 'string' },
        choices: { type: 'array', items: { type: 'string' }, maxItems: MOST_CHOICES },
      },
      required: ['question'],
      additionalProperties: false,
    },
  },
  {
    name: 'hand_over',
    description:
      'Call this, and write nothing, when the person asks for a human, is upset about something only a human can settle, or wants something done that you have no tool for.',
    inputSchema: { type: 'object', properties: {}, additionalProperties: false },
  },
];

/** The first outcome among the calls of a round. */
export function outcomeIn(calls: readonly ToolCall[]): Outcome | undefined {
  for (const call of calls) {
    switch (call.name) {
      case 'no_answer':
        return { type: 'no-answer' };
      case 'hand_over':
        return { type: 'hand-over' };
      case 'ask_back':
        return readQuestion(call.arguments);
      default:
    }
  }
  return undefined;
}

/** An empty clarifying question counts as no answer. */
function readQuestion({ question, choices }: ToolCall['arguments']): Outcome {
  if (typeof question !== 'string' || question.trim() === '') return { type: 'no-answer' };
  const texts = Array.isArray(choices) ? choices.filter((each) => typeof each === 'string') : [];
  return {
    type: 'clarify',
    question: question.trim().slice(0, LONGEST_QUESTION),
    choices: [...new Set(texts.map((each) => each.trim().slice(0, LONGEST_CHOICE)))]
      .filter((each) => each !== '')
      .slice(0, MOST_CHOICES),
  };
}
