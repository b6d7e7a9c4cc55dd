import type { Command } from '../src/contracts/command.js';
import { shortId } from './shared/short-id.js';
import { conversationNotFound, targetConversation } from './shared/target-conversation.js';

export const pause: Command = {
  name: 'pause',
  audience: 'staff',
  description: 'command.pause.description',
  usage: 'command.pause.usage',
  async run(context) {
    const target = await targetConversation(context, context.argumentText);
    if (!target) return conversationNotFound(context, context.argumentText);
    await context.scope.conversations.update(target.id, { mode: 'paused' });
    return { text: context.t('command.pause.done', { title: target.title, id: shortId(target.id) }) };
  },
};
