import type { ModelMessage } from '../../contracts/model.js';
import type { Turn } from '../../contracts/turn.js';
import type { TurnState } from '../turn-state.js';

/** What earlier turns may take of the request, in tokens, and how many letters one has at least. */
const HISTORY_TOKENS = 2_500;
const LETTERS_PER_TOKEN = 3.5;
/** One long answer of before is not worth all the others. */
const LONGEST_TEXT = 2_000;

/**
 * What was said before, oldest first, as far as it fits: of the person who is answered, and of
 * nobody else in the same group. Refusals are left out, because a model that reads three of them
 * writes the fourth; the question before stays, for one that goes on from it.
 */
export function historyMessages(
  history: readonly Turn[],
  { contact }: Pick<TurnState, 'contact'>,
): readonly ModelMessage[] {
  const own = history.filter((turn) => turn.contactId === contact.id);
  const told = own.filter((turn, index) => turn.answer.source !== 'fallback' || index === own.length - 1);
  let left = HISTORY_TOKENS;
  const kept: ModelMessage[][] = [];
  for (const turn of told.toReversed()) {
    const messages = messagesOf(turn);
    left -= messages.reduce((total, message) => total + lengthOf(message), 0) / LETTERS_PER_TOKEN;
    if (left < 0) break;
    kept.unshift(messages);
  }
  return kept.flat();
}

function messagesOf({ input, answer }: Turn): ModelMessage[] {
  const said = answer.source === 'fallback' ? '' : answer.text;
  const text = answer.source === 'human' && said !== '' ? `[written by staff] ${said}` : said;
  return [
    ...(input === '' ? [] : [{ role: 'user', parts: [{ type: 'text', text: cut(input) }] } as const]),
    ...(text === '' ? [] : [{ role: 'assistant', text: cut(text) } as const]),
  ];
}

function lengthOf(message: ModelMessage): number {
  if (message.role === 'assistant') return message.text.length;
  if (message.role !== 'user') return 0;
  return message.parts.reduce((total, part) => total + (part.type === 'text' ? part.text.length : 0), 0);
}

function cut(text: string): string {
  return text.length <= LONGEST_TEXT ? text : `${text.slice(0, LONGEST_TEXT)} […]`;
}
