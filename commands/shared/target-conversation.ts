import type { CommandContext, CommandReply } from '../../src/contracts/command.js';
import { allItems, type Conversation } from '../../src/contracts/stores.js';
import { findById } from './short-id.js';

/** Short ids are looked for among this many conversations; a whole id always works. */
const SEARCHED_CONVERSATIONS = 1000;

/** The conversation a staff command is about: this one, or the one whose id is given. */
export async function targetConversation(
  { scope, conversation }: CommandContext,
  id: string,
): Promise<Conversation | undefined> {
  if (id === '') return conversation;
  const exact = await scope.conversations.get(id);
  if (exact) return exact;
  return findById(await allItems((page) => scope.conversations.list(page), SEARCHED_CONVERSATIONS), id);
}

export function conversationNotFound({ t }: CommandContext, id: string): CommandReply {
  return { text: t('command.conversationNotFound', { id }) };
}
