import type { CommandContext } from '../../src/contracts/command.js';
import type { Conversation } from '../../src/contracts/stores.js';
import { nameOf } from '../../src/lib/text/conversation-lines.js';

/** Conversations waiting for or handled by a person, the longest first. */
export async function waitingConversations({ scope }: CommandContext): Promise<readonly Conversation[]> {
  return (await scope.conversations.withPeople()).filter(({ mode }) => mode === 'human');
}

/** The name of the person in a conversation, as Markdown. */
export async function personIn({ scope }: CommandContext, conversation: Conversation): Promise<string> {
  return nameOf(await scope.contacts.get(conversation.contactId), conversation);
}

/** Since when the conversation has been waiting for a person, in the time zone of the business. */
export function sinceIn({ t, scope, locale }: CommandContext, conversation: Conversation): string {
  const { modeSince = conversation.updatedAt, desk } = conversation;
  const time = new Intl.DateTimeFormat(locale, {
    dateStyle: 'short',
    timeStyle: 'short',
    timeZone: scope.settings.timezone,
  }).format(modeSince);
  return t('command.status.since', { time, attended: desk === undefined ? 'no' : 'yes' });
}
