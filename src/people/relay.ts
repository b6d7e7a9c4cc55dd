import type { Outreach, OutreachContent, Rewrite } from '../contracts/chat.js';
import type { HandOver, RelayedMessage } from '../contracts/hand-over.js';
import type { I18n, Translate } from '../contracts/i18n.js';
import type { Conversation, TenantScope } from '../contracts/stores.js';
import { nameOf } from '../lib/text/conversation-lines.js';

export interface RelayDependencies {
  readonly outreach: Outreach;
  readonly rewrite: Rewrite;
  readonly i18n: Pick<I18n, 'translator'>;
}

/** Passes messages on between a person and the desk that attends their conversation. */
export function createRelay(deps: RelayDependencies): Pick<HandOver, 'fromPerson' | 'fromDesk'> {
  const { outreach } = deps;
  return {
    async fromPerson(scope, conversation, contact, message) {
      const { desk } = conversation;
      if (desk === undefined) return false;
      const name = nameOf(contact, conversation);
      const content = mirrored(name, message);
      if (await wasRewritten(deps, scope, 'desk:', message, content)) return true;
      const edited =
        message.corrects && translatorOf(deps.i18n, scope, conversation)('handover.edited', { name });
      const relayed = edited === undefined ? content : mirrored(edited, message);
      const turn = await outreach.say(scope, desk.conversationId, `desk:${message.key}`, relayed, 'command');
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
        if (target === undefined) return { type: 'ended', title: '' };
        return { type: 'ended', title: nameOf(await scope.contacts.get(target.contactId), target) };
      }
      if (await wasRewritten(deps, scope, 'staff:', message, { text })) return { type: 'passed-on' };
      const origin = { type: 'staff', contactId: desk.contact.id } as const;
      await outreach.say(scope, target.id, `staff:${key}`, { text, files }, 'human', origin);
      if (attends.once) await scope.conversations.update(desk.conversation.id, { attends: null });
      return { type: 'passed-on' };
    },
  };
}

/** Texts in the language of a conversation. */
export function translatorOf(
  i18n: Pick<I18n, 'translator'>,
  scope: TenantScope,
  { locale }: Conversation,
): Translate {
  return i18n.translator(locale ?? scope.settings.locale);
}

function mirrored(name: string, { text, files }: RelayedMessage): OutreachContent {
  return { text: text === '' ? `**${name}**` : `**${name}:** ${text}`, files };
}

/** Applies an edit of a relayed message to its copy on the other side, if that is possible. */
async function wasRewritten(
  { outreach, rewrite }: RelayDependencies,
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
