import type { FindAccount } from '../contracts/chat.js';
import type { Contact, Conversation, TenantScope } from '../contracts/stores.js';

/** A chat in which a member of staff can be notified. */
export interface StaffChat {
  readonly contact: Contact;
  readonly conversation: Conversation;
}

/**
 * Where each member of staff can be reached now, one chat each: the chat with the bot they used last, on a
 * channel that supports push. Staff who never wrote to the bot cannot be reached.
 */
export async function staffChats(
  scope: TenantScope,
  findAccount: FindAccount,
  except?: { readonly accountId?: string; readonly contactId?: string },
): Promise<readonly StaffChat[]> {
  const staff = await scope.contacts.staff(scope.settings.staff);
  const chats = await Promise.all(
    staff
      .filter((contact) => contact.id !== except?.contactId)
      .map(async (contact): Promise<StaffChat[]> => {
        const conversations = await scope.conversations.directOf(contact);
        const conversation = conversations.find(({ accountId, channel }) => {
          if (accountId === except?.accountId) return false;
          return findAccount(scope.tenantId, accountId, channel)?.channel.capabilities.delivery === 'push';
        });
        return conversation === undefined ? [] : [{ contact, conversation }];
      }),
  );
  return chats.flat();
}
