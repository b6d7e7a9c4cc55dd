import type { FindAccount, Outreach, OutreachContent, Rewrite } from '../contracts/chat.js';
import type { Desk, HandOver, HandOverReason, RelayedMessage } from '../contracts/hand-over.js';
import type { I18n, Translate } from '../contracts/i18n.js';
import type { JobQueue } from '../contracts/queue.js';
import type { Clock } from '../contracts/runtime.js';
import type { Conversation, TenantScope } from '../contracts/stores.js';
import { connectionReason } from '../lib/connection-reason.js';
import { lastMessages, nameOf } from '../lib/conversation-lines.js';
import { waitingButtons } from './waiting-buttons.js';
import { remindJob, returnJob } from './hand-over-jobs.js';
import { staffChats } from './staff-chats.js';
import { openThread } from './staff-thread.js';

/** Staff who said "later" are reminded after this, in ms. */
const REMIND_AFTER_MS = 15 * 60_000;

export interface HandOverDependencies {
  readonly outreach: Outreach;
  readonly rewrite: Rewrite;
  readonly queue: JobQueue;
  readonly findAccount: FindAccount;
  readonly i18n: Pick<I18n, 'translator'>;
  readonly clock: Clock;
}

/** Hand-overs: requested, announced to staff, taken, relayed both ways, given back. */
export function createHandOver(deps: HandOverDependencies): HandOver {
  const { outreach, clock, findAccount } = deps;
  const translatorFor = (scope: TenantScope, { locale }: Conversation): Translate =>
    deps.i18n.translator(locale ?? scope.settings.locale);

  const watch = async (scope: TenantScope, conversationId: string): Promise<void> => {
    const at = new Date(clock.now().getTime() + scope.settings.handover.wait_minutes * 60_000);
    await deps.queue.enqueue(returnJob, scope.tenantId, { conversationId }, { key: conversationId, at });
  };

  const freeDesk = async (scope: TenantScope, conversation: Conversation): Promise<void> => {
    const { desk } = conversation;
    if (desk === undefined) return;
    const attending = await scope.conversations.get(desk.conversationId);
    if (attending?.attends?.conversationId === conversation.id) {
      await scope.conversations.update(attending.id, { attends: null });
    }
    await scope.conversations.update(conversation.id, { desk: null });
  };

  return {
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
      return { notified: await tellStaff(deps, scope, conversation, key, reason, translatorFor) };
    },

    async take(scope, conversation, desk, { once = false } = {}) {
      if (conversation.desk?.conversationId !== desk?.conversation.id) await freeDesk(scope, conversation);
      await scope.conversations.update(conversation.id, {
        ...(once && conversation.mode === 'bot' ? {} : { mode: 'human', modeReason: 'takeover' }),
        desk:
          desk === undefined || once
            ? null
            : { conversationId: desk.conversation.id, contactId: desk.contact.id },
        ...(desk === undefined || once ? {} : { assigneeId: desk.contact.id }),
      });
      if (desk !== undefined) await attend(scope, conversation, desk, once);
      await watch(scope, conversation.id);
    },

    async release(scope, conversation, key, by) {
      const { desk } = conversation;
      await freeDesk(scope, conversation);
      await scope.conversations.update(conversation.id, { mode: 'bot', assigneeId: null });
      // If the timer ends the hand-over, `returnJob` is the job that is running.
      if (by !== 'timer') await deps.queue.cancel(returnJob, scope.tenantId, conversation.id);
      if (by !== 'person') {
        const t = translatorFor(scope, conversation);
        await outreach.say(scope, conversation.id, `${key}:person`, t('handover.ended'), 'command');
      }
      const atDesk = desk === undefined ? undefined : await scope.conversations.get(desk.conversationId);
      if (by === 'staff' || atDesk === undefined) return;
      const t = translatorFor(scope, atDesk);
      const name = nameOf(await scope.contacts.get(conversation.contactId), conversation);
      await outreach.say(scope, atDesk.id, `${key}:desk`, t('handover.deskFreed', { name, by }), 'command');
    },

    async remindLater(scope, conversation, desk) {
      const at = new Date(clock.now().getTime() + REMIND_AFTER_MS);
      const data = { conversationId: conversation.id, deskId: desk.conversation.id };
      const key = `${conversation.id} ${desk.conversation.id}`;
      await deps.queue.enqueue(remindJob, scope.tenantId, data, { key, at });
    },

    async fromPerson(scope, conversation, contact, message) {
      const { desk } = conversation;
      if (desk === undefined) return false;
      const name = nameOf(contact, conversation);
      const content = mirrored(name, message);
      if (await wasRewritten(deps, scope, 'desk:', message, content)) return true;
      const edited = message.corrects && translatorFor(scope, conversation)('handover.edited', { name });
      const again = edited === undefined ? content : mirrored(edited, message);
      const turn = await outreach.say(scope, desk.conversationId, `desk:${message.key}`, again, 'command');
      return turn !== undefined;
    },

    async fromDesk(scope, desk, message) {
      const { key, text, files } = message;
      const { attends } = desk.conversation;
      if (attends === undefined) return undefined;
      const target = await scope.conversations.get(attends.conversationId);
      const isStillHere = attends.once || target?.desk?.conversationId === desk.conversation.id;
      if (target === undefined || !isStillHere) {
        await scope.conversations.update(desk.conversation.id, { attends: null });
        return { type: 'ended', title: target === undefined ? '' : nameOf(undefined, target) };
      }
      if (await wasRewritten(deps, scope, 'staff:', message, { text })) return { type: 'passed-on' };
      const origin = { type: 'staff', contactId: desk.contact.id } as const;
      await outreach.say(scope, target.id, `staff:${key}`, { text, files }, 'human', origin);
      if (attends.once) await scope.conversations.update(desk.conversation.id, { attends: null });
      return { type: 'passed-on' };
    },

    async channelFailed(scope, account, state) {
      const day = clock.now().toISOString().slice(0, 10);
      for (const { conversation } of await staffChats(scope, findAccount, { accountId: account.id })) {
        const t = translatorFor(scope, conversation);
        const key = `channel:${account.id}:${state.state}:${day}:${conversation.id}`;
        const reason = connectionReason(state, t) ?? '';
        const text = t('handover.channelFailed', { channel: account.channel, id: account.id, reason });
        await outreach.say(scope, conversation.id, key, text, 'command');
      }
    },
  };
}

function mirrored(name: string, { text, files }: RelayedMessage): OutreachContent {
  return { text: text === '' ? `**${name}**` : `**${name}:** ${text}`, files };
}

/** Applies an edit of a relayed message to its copy on the other side, if that is possible. */
async function wasRewritten(
  { outreach, rewrite }: HandOverDependencies,
  scope: TenantScope,
  prefix: string,
  { corrects, files }: RelayedMessage,
  { text }: Pick<OutreachContent, 'text'>,
): Promise<boolean> {
  if (corrects?.key === undefined || files.length > 0) return false;
  const turn = await outreach.findByKey(scope, `${prefix}${corrects.key}`);
  const isOneText = turn?.answer.bubbles.length === 1 && turn.answer.bubbles[0]?.type === 'text';
  return isOneText && (await rewrite(scope, turn.id, { text })) === 'shown';
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
    await scope.conversations.update(before.conversationId, { desk: null });
  }
  await scope.conversations.update(desk.conversation.id, {
    attends: { conversationId: conversation.id, once },
  });
}

async function tellStaff(
  deps: HandOverDependencies,
  scope: TenantScope,
  conversation: Conversation,
  key: string,
  reason: HandOverReason,
  translatorFor: (scope: TenantScope, conversation: Conversation) => Translate,
): Promise<number> {
  const contact = await scope.contacts.get(conversation.contactId);
  const name = nameOf(contact, conversation);
  const chats = await staffChats(scope, deps.findAccount, { contactId: conversation.contactId });
  let count = 0;
  for (const chat of chats) {
    const t = translatorFor(scope, chat.conversation);
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
