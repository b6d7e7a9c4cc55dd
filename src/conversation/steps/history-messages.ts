import type { DataPart, ModelMessage } from '../../contracts/model.js';
import type { AnswerSource, Turn } from '../../contracts/turn.js';
import type { TurnState } from '../turn-state.js';

/** What earlier turns may take of the request, in tokens, and how many letters one has at least. */
const HISTORY_TOKENS = 2_500;
const LETTERS_PER_TOKEN = 3.5;
/** One long answer of before is not worth all the others. */
const LONGEST_TEXT = 2_000;
const LONGEST_NAME = 60;

/**
 * What was said before, oldest first, as far as it fits. What others of a group said there is told
 * as data under their names, never as words of the person who is answered. Refusals are left out,
 * because a model that reads three of them writes the fourth; the question before stays, for one
 * that goes on from it.
 */
export function historyMessages(
  history: readonly Turn[],
  { contact, conversation }: Pick<TurnState, 'contact' | 'conversation'>,
  names: ReadonlyMap<string, string>,
): readonly ModelMessage[] {
  const isOwn = (turn: Turn): boolean =>
    turn.contactId === contact.id || contact.formerIds.includes(turn.contactId);
  const readable = conversation.chat.kind === 'group' ? history : history.filter(isOwn);
  const turns = readable.filter(
    (turn, index) => turn.answer.source !== 'fallback' || index === readable.length - 1,
  );
  let left = HISTORY_TOKENS;
  const groups: ModelMessage[][] = [];
  for (const turn of turns.toReversed()) {
    const messages = isOwn(turn) ? messagesOf(turn) : messagesOfOther(turn, names.get(turn.contactId));
    left -= messages.reduce((total, message) => total + lengthOf(message), 0) / LETTERS_PER_TOKEN;
    if (left < 0) break;
    groups.unshift(messages);
  }
  return groups.flat();
}

function messagesOf(turn: Turn): ModelMessage[] {
  const { input } = turn;
  const text = answerText(turn);
  return [
    ...(input === '' ? [] : [{ role: 'user', parts: [{ type: 'text', text: cut(input) }] } as const]),
    ...(text === '' ? [] : [{ role: 'assistant', text: cut(text) } as const]),
  ];
}

/**
 * Of somebody else in the same group: what they talked about, without what is theirs alone, so that
 * nobody is told the order of another. What a tool found or staff wrote for them is left out.
 */
function messagesOfOther(turn: Turn, name = 'Somebody'): ModelMessage[] {
  const answer = FOR_THEM_ALONE.includes(turn.answer.source) ? '' : answerText(turn);
  const lines = [turn.input, ...(answer === '' ? [] : [`You answered them: ${answer}`])].map((line) =>
    cut(impersonal(line)),
  );
  const who = name.replace(/\s+/gu, ' ').trim().slice(0, LONGEST_NAME);
  const part: DataPart = {
    type: 'data',
    kind: 'said',
    title: `${who} wrote in this group`,
    text: lines.join('\n'),
  };
  return turn.input === '' ? [] : [{ role: 'user', parts: [part] }];
}

const FOR_THEM_ALONE: readonly AnswerSource[] = ['tool', 'human'];

/** Without order and telephone numbers, codes and addresses of mail. */
function impersonal(text: string): string {
  return text.replace(/\S+/gu, (word) => (isPersonal(word) ? '[…]' : word));
}

function isPersonal(word: string): boolean {
  return (word.match(/\d/g)?.length ?? 0) >= 3 || word.slice(1, -1).includes('@');
}

function answerText({ answer }: Turn): string {
  const reply = answer.source === 'fallback' ? '' : answer.text;
  return answer.source === 'human' && reply !== '' ? `[written by staff] ${reply}` : reply;
}

function lengthOf(message: ModelMessage): number {
  if (message.role === 'assistant') return message.text.length;
  if (message.role !== 'user') return 0;
  return message.parts.reduce((total, part) => total + (part.type === 'image' ? 0 : part.text.length), 0);
}

function cut(text: string): string {
  return text.length <= LONGEST_TEXT ? text : `${text.slice(0, LONGEST_TEXT)} […]`;
}
