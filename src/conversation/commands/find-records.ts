import { allItems, type Contact, type Conversation, type TenantScope } from '../../contracts/stores.js';
import { emailAddress, phoneNumber } from '../../lib/ids/phone.js';
import { findById, shortId } from '../../lib/ids/short-id.js';
import type { FindRecords, NamedFirst } from './read-options.js';

/** Short ids and names are searched among this many conversations; full ids always work. */
const SEARCHED_CONVERSATIONS = 1000;
/** Maximum number of namesakes offered as a choice. */
const MOST_NAMESAKES = 8;
/** Contacts searched for a name. */
const SEARCHED_CONTACTS = 50;
/** Longest name looked for at the beginning of a line, in words. */
const MOST_NAME_WORDS = 5;
/** Phone numbers may be written in groups of digits; the whole number starts the line. */
const WRITTEN_NUMBER = /^\+?\d[\d\s().-]{5,}\d(?=\s|$)/;

/** Finds contacts and conversations by id, short id, phone number, e-mail address or name. */
export function findRecords(scope: TenantScope, current?: Conversation): FindRecords {
  async function conversation(typed: string): Promise<Conversation | undefined> {
    return (await scope.conversations.get(typed)) ?? (await recentConversation(typed));
  }
  async function recentConversation(typed: string): Promise<Conversation | undefined> {
    const recent = await allItems((page) => scope.conversations.list(page), SEARCHED_CONVERSATIONS);
    const query = typed.toLowerCase();
    const matches = recent.filter(({ title }) => title.toLowerCase() === query);
    return findById(recent, typed) ?? (matches.length === 1 ? matches[0] : undefined);
  }
  async function leading(
    line: string,
    { exactly }: { readonly exactly: boolean },
  ): Promise<NamedFirst | undefined> {
    const number = WRITTEN_NUMBER.exec(line)?.[0];
    const called = number === undefined ? [] : await byReach(scope, number);
    if (number !== undefined && called.length > 0) return { contacts: called, length: number.length };
    const words = [...line.matchAll(/\S+/g)].slice(0, MOST_NAME_WORDS);
    for (const { 0: word, index } of words.toReversed()) {
      const typed = line.slice(0, index + word.length).replace(/[,:|]$/, '');
      const contacts = await byName(scope, typed, { exactly: true });
      if (contacts.length > 0) return { contacts, length: index + word.length };
    }
    const [first] = words;
    if (first === undefined || exactly) return undefined;
    const contacts = await byName(scope, first[0], { exactly: false });
    return contacts.length === 0 ? undefined : { contacts, length: first[0].length };
  }
  return {
    conversation,
    leading,
    async contacts(typed) {
      const exact = await byName(scope, typed, { exactly: true });
      if (exact.length > 0) return exact;
      const partial = await byName(scope, typed, { exactly: false });
      if (partial.length > 0) return partial;
      const match = await conversation(typed);
      const contact = match && (await scope.contacts.get(match.contactId));
      return contact === undefined ? [] : [contact];
    },
    async attended() {
      const attended = current?.attends && (await scope.conversations.get(current.attends.conversationId));
      return attended && scope.contacts.get(attended.contactId);
    },
  };
}

/** By id, short id, number or address, then by full name or, if allowed, by the beginning of the name. */
async function byName(
  scope: TenantScope,
  typed: string,
  { exactly }: { readonly exactly: boolean },
): Promise<readonly Contact[]> {
  if (exactly) {
    const contact = await scope.contacts.get(typed);
    if (contact !== undefined) return [contact];
    const byAddress = await byReach(scope, typed);
    if (byAddress.length > 0) return byAddress;
    const short = await scope.contacts.list({ shortId: typed }, { limit: 2 });
    const matching = short.items.filter(({ id }) => shortId(id) === typed);
    if (matching.length === 1) return matching;
  }
  if (typed.length < 2) return [];
  const query = typed.toLowerCase();
  const { items } = await scope.contacts.list({ query: typed }, { limit: SEARCHED_CONTACTS });
  const matches = items.filter(({ name = '' }) => {
    const lowerName = name.toLowerCase();
    return exactly
      ? lowerName === query
      : lowerName.split(/[^\p{L}\p{N}]+/u).includes(query) || lowerName.startsWith(query);
  });
  return matches.slice(0, MOST_NAMESAKES);
}

async function byReach(scope: TenantScope, typed: string): Promise<readonly Contact[]> {
  const email = emailAddress(typed);
  const phone = /^[+\d][\d\s().-]{5,}$/.test(typed) ? phoneNumber(typed, scope.settings.country) : undefined;
  if (email === undefined && phone === undefined) return [];
  return scope.contacts.find({
    ...(email === undefined ? {} : { email }),
    ...(phone === undefined ? {} : { phone }),
  });
}
