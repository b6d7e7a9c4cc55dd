import { allItems, type Contact, type Conversation, type TenantScope } from '../../contracts/stores.js';
import { findById } from '../../lib/short-id.js';
import type { FindRecords } from './read-options.js';

/** Short ids and names are looked for among this many conversations; a whole id always works. */
const SEARCHED_CONVERSATIONS = 1000;

/** Finds what people name by an id, a short id, or the exact name of one person. */
export function findRecords(scope: TenantScope): FindRecords {
  async function conversation(typed: string): Promise<Conversation | undefined> {
    return (await scope.conversations.get(typed)) ?? (await recentConversation(typed));
  }
  async function recentConversation(typed: string): Promise<Conversation | undefined> {
    const recent = await allItems((page) => scope.conversations.list(page), SEARCHED_CONVERSATIONS);
    const wanted = typed.toLowerCase();
    const named = recent.filter(({ title }) => title.toLowerCase() === wanted);
    return findById(recent, typed) ?? (named.length === 1 ? named[0] : undefined);
  }
  return {
    conversation,
    async contact(typed): Promise<Contact | undefined> {
      const exact = await scope.contacts.get(typed);
      if (exact !== undefined) return exact;
      const named = await conversation(typed);
      return named && scope.contacts.get(named.contactId);
    },
  };
}
