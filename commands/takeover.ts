import type { Outreach } from '../src/contracts/chat.js';
import { defineCommand, type CommandContext, type CommandReply } from '../src/contracts/command.js';
import type { HandOver } from '../src/contracts/hand-over.js';
import type { Conversation } from '../src/contracts/stores.js';
import { lastMessages } from '../src/lib/text/conversation-lines.js';
import { shortId } from '../src/lib/ids/short-id.js';
import { personName } from './shared/contact-line.js';
import { personIn, sinceIn, waitingConversations } from './shared/waiting.js';

const SHOWN_WAITING = 8;

interface Needs {
  readonly outreach: Outreach;
  readonly handOver: HandOver;
}

/** Without a conversation it offers the waiting ones; with a message it also writes to the person. */
export const takeover = defineCommand({
  name: 'takeover',
  audience: 'staff',
  description: 'command.takeover.description',
  options: {
    conversation: { type: 'conversation', description: 'command.option.conversation' },
    message: { type: 'text', multiline: true, description: 'command.takeover.message' },
  },
  async run(context: CommandContext<Needs>, { conversation, message }) {
    if (conversation === undefined) return offerWaiting(context);
    const { t, scope, services, eventKey, contact } = context;
    // The bot would be silent to them, and nobody else would answer.
    const isOwn = conversation.chat.kind === 'direct' && conversation.contactId === contact.id;
    if (isOwn) return { text: t('command.takeover.own') };
    const isOther = conversation.id !== context.conversation.id;
    const desk = isOther ? { conversation: context.conversation, contact } : undefined;
    await services.handOver.take(scope, conversation, desk);
    const name = await personIn(context, conversation);
    if (message !== undefined) {
      await services.outreach.say(scope, conversation.id, eventKey, message, 'human', {
        type: 'staff',
        contactId: contact.id,
      });
    }
    const former = conversation.desk?.contactId;
    const colleague =
      former === undefined || former === contact.id ? undefined : await scope.contacts.get(former);
    const done = t(message === undefined ? 'command.takeover.done' : 'command.takeover.sent', { name });
    const release = { label: t('button.release'), action: `/release ${shortId(conversation.id)}` };
    const replaced =
      colleague?.isStaff !== true ? [] : [t('command.takeover.replaced', { name: personName(colleague) })];
    const text = [done, ...replaced, await lastMessages(scope, conversation, name, t)].join('\n\n');
    return { text, buttons: [[release]] };
  },
});

async function offerWaiting(context: CommandContext<Needs>): Promise<CommandReply> {
  const { t } = context;
  const waiting = (await waitingConversations(context)).slice(0, SHOWN_WAITING);
  if (waiting.length === 0) return { text: t('command.takeover.nobody') };
  const rows = await Promise.all(
    waiting.map(async (item: Conversation) => {
      const name = await personIn(context, item);
      return {
        line: `- **${name}** · ${item.channel} · ${sinceIn(context, item)}`,
        button: { label: name, action: `/takeover ${shortId(item.id)}` },
      };
    }),
  );
  const text = [t('command.takeover.choose'), ...rows.map(({ line }) => line)].join('\n');
  return { text, buttons: rows.map(({ button }) => [button]) };
}
