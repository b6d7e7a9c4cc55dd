import { isMedia, type DataPart, type ModelMessage } from '../../contracts/model.js';
import type { AnswerSource, Turn } from '../../contracts/turn.js';
import type { TurnState } from '../turn-state.js';

/** Token limit for earlier turns, and the guaranteed minimum for each in characters. */
const HISTORY_TOKENS = 2_500;
const LETTERS_PER_TOKEN = 3.5;
/** One long earlier answer must not crowd out all others. */
const LONGEST_TEXT = 2_000;
const LONGEST_NAME = 60;

/**
 * Earlier messages, oldest first, as far as they fit. What others in a group said is passed as data under
 * their names, never as the words of the person being answered. Refusals are left out, because a model that
 * reads three of them writes a fourth; the questions before them stay, in case one is followed up.
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
  let tokensLeft = HISTORY_TOKENS;
  const groups: ModelMessage[][] = [];
  for (const turn of turns.toReversed()) {
    const messages = isOwn(turn) ? messagesOf(turn) : messagesOfOther(turn, names.get(turn.contactId));
    tokensLeft -= messages.reduce((total, message) => total + lengthOf(message), 0) / LETTERS_PER_TOKEN;
    if (tokensLeft < 0) break;
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
 * Messages of somebody else in the same group: their topic without anything personal, so that nobody is told
 * another person's order. Tool results and staff messages to them are left out.
 */
function messagesOfOther(turn: Turn, name = 'Somebody'): ModelMessage[] {
  const answer = FOR_THEM_ALONE.includes(turn.answer.source) ? '' : answerText(turn);
  const lines = [turn.input, ...(answer === '' ? [] : [`You answered them: ${answer}`])].map((line) =>
    cut(impersonal(line)),
  );
  const speaker = name.replace(/\s+/gu, ' ').trim().slice(0, LONGEST_NAME);
  const part: DataPart = {
    type: 'data',
    kind: 'said',
    title: `${speaker} wrote in this group`,
    text: lines.join('\n'),
  };
  return turn.input === '' ? [] : [{ role: 'user', parts: [part] }];
}

const FOR_THEM_ALONE: readonly AnswerSource[] = ['tool', 'human'];

/** Removes order numbers, phone numbers, codes and e-mail addresses. */
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
  return message.parts.reduce((total, part) => total + (isMedia(part) ? 0 : part.text.length), 0);
}

function cut(text: string): string {
  return text.length <= LONGEST_TEXT ? text : `${text.slice(0, LONGEST_TEXT)} […]`;
}
