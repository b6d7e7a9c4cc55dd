import type { Desk, HandOver, HandOverReason } from '../contracts/hand-over.js';
import type { JobQueue } from '../contracts/queue.js';
import type { Conversation, TenantScope } from '../contracts/stores.js';
import { lastMessages, nameOf } from '../lib/text/conversation-lines.js';
import { createChannelNews, type ChannelNewsDependencies } from './channel-news.js';
import { waitingButtons } from './waiting-buttons.js';
import { remindJob, returnJob } from './hand-over-jobs.js';
import { createRelay, translatorOf, type RelayDependencies } from './relay.js';
import { staffChats } from './staff-chats.js';
import { openThread } from './staff-thread.js';

/** Staff who said "later" are reminded after this, in ms. */
const REMIND_AFTER_MS = 15 * 60_000;

export interface HandOverDependencies extends RelayDependencies, ChannelNewsDependencies {
  readonly queue: JobQueue;
}

/** Hand-overs: requested, announced to staff, taken, relayed both ways, given back. */
export function createHandOver(deps: HandOverDependencies): HandOver {
  const { outreach, i18n, clock } = deps;

  const watch = async (scope: TenantScope, conversationId: string): Promise<void> => {
    const at = new Date(clock.now().getTime() + scope.settings.handover.wait_minutes * 60_000);
    await deps.queue.enqueue(returnJob, scope.tenantId, { conversationId }, { key: conversationId, at });
  };

  return {
    ...createRelay(deps),
    ...createChannelNews(deps),
    watch,

    async ask(scope, conversation, key, reason) {
      if (reason === 'asked') {
        await scope.conversations.update(conversation.id, {
          mode: 'human',
          modeReason: 'asked',
          waitingSince: clock.now(),
        });
        await watch(scope, conversation.id);
      }
      return { notified: await tellStaff(deps, scope, conversation, key, reason) };
    },

    async take(scope, shown, desk, { once = false } = {}) {
      // Somebody else may have taken it over since it was shown.
      const conversation = (await scope.conversations.get(shown.id)) ?? shown;
      const isAnothers = conversation.desk !== undefined && !isAt(conversation, desk?.conversation.id);
      const taken = await scope.conversations.update(conversation.id, {
        ...(once && conversation.mode === 'bot' ? {} : { mode: 'human', modeReason: 'takeover' }),
        ...(once && isAnothers ? {} : { desk: null }),
        ...(desk === undefined || once ? {} : connectedTo(desk)),
      });
      if (desk !== undefined) await attend(scope, conversation, desk, once);
      if (isAnothers && !once) {
        const key = `replaced:${conversation.id}:${taken?.modeNumber ?? conversation.modeNumber}`;
        await tellReplaced(deps, scope, conversation, key, desk);
      }
      await watch(scope, conversation.id);
    },

    async release(scope, conversation, key, by, from) {
      const { desk } = conversation;
      await freeDesk(scope, conversation);
      await scope.conversations.update(conversation.id, { mode: 'bot', assigneeId: null });
      // If the timer ends the hand-over, `returnJob` is the job that is running.
      if (by !== 'timer') await deps.queue.cancel(returnJob, scope.tenantId, conversation.id);
      if (by !== 'person') {
        const t = translatorOf(i18n, scope, conversation);
        await outreach.say(scope, conversation.id, `${key}:person`, t('handover.ended'), 'command');
      }
      const atDesk = desk === undefined ? undefined : await scope.conversations.get(desk.conversationId);
      if (atDesk === undefined || atDesk.id === from) return;
      const t = translatorOf(i18n, scope, atDesk);
      const name = nameOf(await scope.contacts.get(conversation.contactId), conversation);
      await outreach.say(scope, atDesk.id, `${key}:desk`, t('handover.deskFreed', { name, by }), 'command');
    },

    async remindLater(scope, conversation, desk) {
      const at = new Date(clock.now().getTime() + REMIND_AFTER_MS);
      const data = { conversationId: conversation.id, deskId: desk.conversation.id };
      const key = `${conversation.id} ${desk.conversation.id}`;
      await deps.queue.enqueue(remindJob, scope.tenantId, data, { key, at });
    },
  };
}

function isAt({ desk }: Conversation, conversationId: string | undefined): boolean {
  return desk?.conversationId === conversationId;
}

function connectedTo({ conversation, contact }: Desk): Pick<Conversation, 'desk' | 'assigneeId'> {
  return { desk: { conversationId: conversation.id, contactId: contact.id }, assigneeId: contact.id };
}

/**
 * Tells whoever answered until now. Their chat stays connected until their next message, so that a message
 * they are writing just now is returned to them instead of being answered by the bot.
 */
async function tellReplaced(
  { outreach, i18n }: HandOverDependencies,
  scope: TenantScope,
  conversation: Conversation,
  key: string,
  desk: Desk | undefined,
): Promise<void> {
  const former = conversation.desk && (await scope.conversations.get(conversation.desk.conversationId));
  if (former === undefined) return;
  const name = nameOf(await scope.contacts.get(conversation.contactId), conversation);
  const by = desk === undefined ? 'elsewhere' : 'colleague';
  const who = desk === undefined ? '' : nameOf(desk.contact, desk.conversation);
  const text = translatorOf(i18n, scope, former)('handover.deskTaken', { name, by, who });
  await outreach.say(scope, former.id, key, text, 'command');
}

/** A desk attends one conversation at a time; the previous one is left to its timer. */
async function attend(
  scope: TenantScope,
  conversation: Conversation,
  desk: Desk,
  once: boolean,
): Promise<void> {
  const before = desk.conversation.attends;
  if (before !== undefined && before.conversationId !== conversation.id && !before.once) {
    const left = await scope.conversations.get(before.conversationId);
    if (left !== undefined && isAt(left, desk.conversation.id)) {
      await scope.conversations.update(left.id, { desk: null });
    }
  }
  await scope.conversations.update(desk.conversation.id, {
    attends: { conversationId: conversation.id, once },
  });
}

/** The desk no longer attends the conversation. */
async function freeDesk(scope: TenantScope, conversation: Conversation): Promise<void> {
  const { desk } = conversation;
  if (desk === undefined) return;
  const attending = await scope.conversations.get(desk.conversationId);
  if (attending?.attends?.conversationId === conversation.id) {
    await scope.conversations.update(attending.id, { attends: null });
  }
  await scope.conversations.update(conversation.id, { desk: null });
}

/** Returns how many chats were told. */
async function tellStaff(
  deps: HandOverDependencies,
  scope: TenantScope,
  conversation: Conversation,
  key: string,
  reason: HandOverReason,
): Promise<number> {
  const contact = await scope.contacts.get(conversation.contactId);
  const name = nameOf(contact, conversation);
  const chats = await staffChats(scope, deps.findAccount, { contactId: conversation.contactId });
  let count = 0;
  for (const chat of chats) {
    const t = translatorOf(deps.i18n, scope, chat.conversation);
    const heading = t('handover.tellStaff', { name, channel: conversation.channel, reason });
    const text = `${heading}\n\n${await lastMessages(scope, conversation, name, t)}`;
    const content = { text, buttons: waitingButtons(conversation, t) };
    const turn = await deps.outreach.say(
      scope,
      chat.conversation.id,
      `ask:${key}:${chat.conversation.id}`,
      content,
      'command',
    );
    if (turn !== undefined) count += 1;
  }
  return count + ((await openThread(deps, scope, conversation, key)) ? 1 : 0);
}
