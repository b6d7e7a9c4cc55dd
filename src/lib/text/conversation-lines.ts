import type { Translate } from '../../contracts/i18n.js';
import type { Contact, Conversation, TenantScope } from '../../contracts/stores.js';
import type { Turn } from '../../contracts/turn.js';
import { quote } from './excerpt.js';
import { shortId } from '../ids/short-id.js';

/** Number of turns shown to convey what a conversation is about. */
const SHOWN_TURNS = 4;
const SHOWN_CHARACTERS = 240;

/** A person's name as Markdown; visitors without one are called by the short id of their conversation. */
export function nameOf(contact: Contact | undefined, { id }: Pick<Conversation, 'id'>): string {
  return quote(contact?.name ?? `#${shortId(id)}`, 60);
}

/** The latest messages of both sides, oldest first, as Markdown. */
export async function lastMessages(
  scope: TenantScope,
  conversation: Conversation,
  name: string,
  t: Translate,
  shownTurns = SHOWN_TURNS,
): Promise<string> {
  const turns = await scope.turns.recent(conversation.id, shownTurns);
  const lines = turns.flatMap((turn) => linesOf(turn, name, t));
  return lines.length === 0 ? t('command.conversation.empty') : lines.join('\n');
}

function linesOf({ input, answer }: Turn, name: string, t: Translate): string[] {
  const speaker = answer.source === 'human' ? t('command.conversation.team') : t('web.assistant');
  return [
    ...(input === '' ? [] : [`> **${name}:** ${quote(input, SHOWN_CHARACTERS)}`]),
    ...(answer.text === '' ? [] : [`> **${speaker}:** ${quote(answer.text, SHOWN_CHARACTERS)}`]),
  ];
}
