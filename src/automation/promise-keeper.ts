import type { Outreach } from '../contracts/chat.js';
import type { I18n } from '../contracts/i18n.js';
import type { PromiseKeeper } from '../contracts/promises.js';
import type { Clock } from '../contracts/runtime.js';
import type { Contact, Conversation, TenantScope } from '../contracts/stores.js';
import { nameOf } from '../lib/text/conversation-lines.js';
import { quote } from '../lib/text/excerpt.js';
import { derivedId } from '../lib/ids/make-id.js';
import { shortId } from '../lib/ids/short-id.js';
import type { FollowUps } from './follow-ups.js';

/** Enough to recognise the question or promise, in characters. */
const SHOWN_CHARACTERS = 300;

export interface PromiseDependencies {
  readonly followUps: FollowUps;
  readonly outreach: Outreach;
  readonly i18n: Pick<I18n, 'translator'>;
  readonly clock: Clock;
  /** Chats in which staff can be notified. */
  staffChats(
    scope: TenantScope,
  ): Promise<readonly { readonly contact: Contact; readonly conversation: Conversation }[]>;
}

/** Tells each member of staff at once, and schedules a follow-up to them for when it is due. */
export function createPromiseKeeper(deps: PromiseDependencies): PromiseKeeper {
  return {
    async keep(scope, conversation, { key, question, promise, dueAt }) {
      const chats = (await deps.staffChats(scope)).filter((chat) => chat.conversation.id !== conversation.id);
      if (chats.length === 0) return { notified: 0 };
      const name = nameOf(await scope.contacts.get(conversation.contactId), conversation);
      for (const chat of chats) {
        const locale = chat.conversation.locale ?? scope.settings.locale;
        const t = deps.i18n.translator(locale);
        const { timezone } = scope.settings;
        const when = new Intl.DateTimeFormat(locale, {
          dateStyle: 'medium',
          timeStyle: 'short',
          timeZone: timezone,
        });
        const id = shortId(conversation.id);
        const facts = {
          name,
          channel: conversation.channel,
          question: quote(question, SHOWN_CHARACTERS),
          promise: quote(promise, SHOWN_CHARACTERS),
          when: when.format(dueAt),
          id,
        };
        const buttons = [
          [
            { label: t('button.answerOnce'), action: `/reply ${id}` },
            { label: t('button.takeOver'), action: `/takeover ${id}` },
          ],
        ];
        const notice = { text: t('promise.told', facts), buttons };
        const toldKey = `promise:${key}:${chat.conversation.id}`;
        await deps.outreach.say(scope, chat.conversation.id, toldKey, notice, 'command');
        await deps.followUps.schedule(scope, {
          ...chat,
          id: derivedId('followup', scope.tenantId, toldKey),
          message: t('promise.due', facts),
          at: dueAt,
          timezone,
          cancelOnReply: false,
          respectHours: false,
          wanted: true,
          promise: { conversationId: conversation.id },
        });
      }
      await scope.conversations.update(conversation.id, { waitingSince: deps.clock.now() });
      return { notified: chats.length };
    },
  };
}
