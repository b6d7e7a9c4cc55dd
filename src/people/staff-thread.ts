import type { FindAccount, Outreach } from '../contracts/chat.js';
import { ChannelError } from '../contracts/channel.js';
import type { I18n } from '../contracts/i18n.js';
import type { Clock } from '../contracts/runtime.js';
import type { Conversation, TenantScope } from '../contracts/stores.js';
import { conversationIdOf } from '../lib/ids/conversation-id.js';
import { excerpt } from '../lib/text/excerpt.js';
import { lastMessages, nameOf } from '../lib/text/conversation-lines.js';

/** Time limit for opening a thread, which is one call to the platform, in ms. */
const OPEN_WITHIN_MS = 10_000;
const TITLE_LENGTH = 80;

export interface StaffThreadDependencies {
  readonly outreach: Outreach;
  readonly findAccount: FindAccount;
  readonly i18n: Pick<I18n, 'translator'>;
  readonly clock: Clock;
}

/**
 * Mirrors a conversation into a thread of the chat that the business chose as its inbox: messages written in
 * the thread go to the person. `false`: there is no such chat, or it does not respond.
 */
export async function openThread(
  deps: StaffThreadDependencies,
  scope: TenantScope,
  conversation: Conversation,
  key: string,
): Promise<boolean> {
  const { inbox } = scope.settings.handover;
  if (inbox === undefined || conversation.desk !== undefined) return false;
  const connected = deps.findAccount(scope.tenantId, inbox.account_id, inbox.channel);
  if (connected?.channel.threads === undefined) return false;
  const { channel, account } = connected;
  const contact = await scope.contacts.get(conversation.contactId);
  const name = contact?.name ?? conversation.title;
  const t = deps.i18n.translator(scope.settings.locale);
  try {
    const thread = await connected.channel.threads.open(
      { chatId: inbox.chat_id, kind: 'group' },
      excerpt(`${name} · ${conversation.channel}`, TITLE_LENGTH),
      account,
      AbortSignal.timeout(OPEN_WITHIN_MS),
    );
    const now = deps.clock.now();
    const team = await scope.contacts.ensure({
      channel: channel.name,
      accountId: account.id,
      userId: `team of ${inbox.chat_id}`,
      name: t('command.conversation.team'),
      at: now,
    });
    const desk = await scope.conversations.ensure({
      id: conversationIdOf(account.id, thread),
      accountId: account.id,
      channel: channel.name,
      contactId: team.id,
      chat: thread,
      title: name,
      at: now,
    });
    await scope.conversations.update(desk.id, {
      attends: { conversationId: conversation.id, once: false },
    });
    await scope.conversations.update(conversation.id, {
      desk: { conversationId: desk.id, contactId: team.id },
    });
    const quoted = nameOf(contact, conversation);
    const text = `${t('handover.thread', { name: quoted })}\n\n${await lastMessages(scope, conversation, quoted, t)}`;
    await deps.outreach.say(scope, desk.id, `thread:${key}`, text, 'command');
    return true;
  } catch (error) {
    // Staff are still told by the other means.
    if (error instanceof ChannelError || AbortSignal.abort().reason === error) return false;
    throw error;
  }
}
