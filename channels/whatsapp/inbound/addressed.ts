import { isSamePerson, personIds, type PersonIds } from '../jid.js';
import type { ContextInfo } from './message-schema.js';

/** Whether a group message mentions the number or replies to one of its messages. */
export function isAddressed(text: string, context: ContextInfo | undefined, me: PersonIds): boolean {
  if (isSamePerson(personIds(context?.participant), me)) return true;
  if (context?.mentionedJid?.some((jid) => isSamePerson(personIds(jid), me))) return true;
  return mentionsOf(me).some((mention) => startsWithMention(text, mention));
}

/**
 * Turns "@6281100000001 are you open?" into "are you open?". A text that is only the mention stays as it is.
 */
export function withoutMention(text: string, me: PersonIds): string {
  const mention = mentionsOf(me).find((name) => startsWithMention(text, name));
  if (mention === undefined) return text;
  const rest = text
    .trimStart()
    .slice(mention.length)
    .replace(/^[\s,:;–—-]+/, '');
  return rest === '' ? text : rest;
}

function startsWithMention(text: string, mention: string): boolean {
  const start = text.trimStart();
  return start.startsWith(mention) && !/^\d/.test(start.slice(mention.length));
}

function mentionsOf({ pn, lid }: PersonIds): readonly string[] {
  return [pn, lid].flatMap((id) => (id === undefined ? [] : [`@${id}`]));
}
