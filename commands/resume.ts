import type { Command } from '../src/contracts/command.js';
import { conversationNotFound, targetConversation } from './shared/target-conversation.js';

/** Ends a pause quietly; `/release` ends the work of a person and says so. */
export const resume: Command = {
  name: 'resume',
  audience: 'staff',
  description: 'command.resume.description',
  usage: 'command.resume.usage',
  async run(context) {
    const target = await targetConversation(context, context.argumentText);
    if (!target) return conversationNotFound(context, context.argumentText);
    await context.scope.conversations.update(target.id, { mode: 'bot' });
    return { text: context.t('command.resume.done', { title: target.title }) };
  },
};
