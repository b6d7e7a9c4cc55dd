import type { FindAccount } from '../contracts/chat.js';
import type { Contact, Conversation, TenantScope } from '../contracts/stores.js';
import { HttpProblem, orNotFound } from '../lib/api/problem.js';
import { API_ACCOUNT_ID, directChat, isApiChannel } from '../lib/channels/api-account.js';
import { conversationIdOf } from '../lib/ids/conversation-id.js';

export interface Target {
  readonly contact: Contact;
  readonly conversation: Conversation;
}

/** Where to write to a person: the direct chat they used last, or a chat of their first identity. */
export async function targetOfContact(scope: TenantScope, contactId: string): Promise<Target> {
  const contact = orNotFound(await scope.contacts.get(contactId));
  const [conversation] = await scope.conversations.directOf(contact);
  if (conversation !== undefined) return { contact, conversation };
  const [identity] = contact.identities;
  if (identity === undefined) {
    throw new HttpProblem(
      422,
      'contact_unreachable',
      'There is no channel on which this contact can be written to.',
    );
  }
  return { contact, conversation: await chatWith(scope, contact, identity) };
}

/** A person identified by their id on a channel, created if unknown. */
export async function targetOfUser(
  scope: TenantScope,
  user: { readonly userId: string; readonly channel: string; readonly accountId: string | undefined },
  findAccount: FindAccount,
  accounts: () => Promise<readonly { readonly id: string; readonly channel: string }[]>,
  at: Date,
): Promise<Target> {
  const { userId, channel } = user;
  const accountId =
    user.accountId ?? (await onlyAccount(channel, accounts)) ?? (await apiAccountOf(scope, user));
  if (accountId === undefined || findAccount(scope.tenantId, accountId, channel) === undefined) {
    throw unknownAccount();
  }
  const contact = await scope.contacts.ensure({ channel, accountId, userId, at });
  const conversations = await scope.conversations.directOf(contact);
  const existing = conversations.find((conversation) => conversation.accountId === accountId);
  return {
    contact,
    conversation: existing ?? (await chatWith(scope, contact, { channel, accountId, userId })),
  };
}

async function onlyAccount(
  channel: string,
  accounts: () => Promise<readonly { readonly id: string; readonly channel: string }[]>,
): Promise<string | undefined> {
  const [only, ...more] = (await accounts()).filter((account) => account.channel === channel);
  if (more.length === 0) return only?.id;
  throw new HttpProblem(
    422,
    'account_needed',
    'The business has several accounts on this channel: name one in account_id.',
  );
}

/**
 * The API's own account, used for its own channels and for any person on whose behalf an API client has
 * written.
 */
async function apiAccountOf(
  scope: TenantScope,
  { channel, userId }: { readonly channel: string; readonly userId: string },
): Promise<string | undefined> {
  if (isApiChannel(channel)) return API_ACCOUNT_ID;
  const identity = { channel, accountId: API_ACCOUNT_ID, userId };
  const [contact] = await scope.contacts.find({ identities: [identity] });
  return contact === undefined ? undefined : API_ACCOUNT_ID;
}

function unknownAccount(): HttpProblem {
  return new HttpProblem(422, 'unknown_channel', 'The business has no such account on this channel.');
}

function chatWith(
  scope: TenantScope,
  contact: Contact,
  { channel, accountId, userId }: Contact['identities'][number],
): Promise<Conversation> {
  const chat = directChat(accountId, channel, userId);
  return scope.conversations.ensure({
    id: conversationIdOf(accountId, chat),
    accountId,
    channel,
    contactId: contact.id,
    chat,
    title: contact.name ?? '',
    at: contact.createdAt,
  });
}
