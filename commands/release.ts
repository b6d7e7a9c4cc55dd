import { defineCommand, type CommandContext } from '../src/contracts/command.js';
import type { HandOver } from '../src/contracts/hand-over.js';
import { personIn } from './shared/waiting.js';

/** Hands a conversation back to the bot; by default the one being answered from this chat. */
export const release = defineCommand({
  name: 'release',
  audience: 'staff',
  atDesk: true,
  description: 'command.release.description',
  options: { conversation: { type: 'conversation', description: 'command.option.conversation' } },
  async run(context: CommandContext<{ readonly handOver: HandOver }>, { conversation }) {
    const { t, scope, services, eventKey } = context;
    const { attends } = context.conversation;
    const attended =
      attends === undefined ? undefined : await scope.conversations.get(attends.conversationId);
    const chosenConversation = context.isStaff ? conversation : undefined;
    const target = chosenConversation ?? attended ?? context.conversation;
    const isOwn = target.id === context.conversation.id;
    const by = isOwn ? 'person' : 'staff';
    await services.handOver.release(scope, target, eventKey, by, context.conversation.id);
    if (isOwn) return { text: t('handover.ended') };
    return { text: t('command.release.done', { name: await personIn(context, target) }) };
  },
});
