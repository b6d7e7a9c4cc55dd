import type { Command } from '../src/contracts/command.js';
import { conversationNotFound, targetConversation } from './shared/target-conversation.js';

export const release: Command = {
  name: 'release',
  audience: 'staff',
  description: 'command.release.description',
  usage: 'command.release.usage',
  async run(context) {
    const { t, scope, services, eventKey, conversation } = context;
    const target = await targetConversation(context, context.argumentText);
    if (!target) return conversationNotFound(context, context.argumentText);
    await scope.conversations.update(target.id, { mode: 'bot' });
    if (target.id === conversation.id) return { text: t('handover.ended') };
    const translate = services.translator(target.locale ?? scope.settings.locale);
    await services.outreach.say(scope, target.id, eventKey, translate('handover.ended'), 'command');
    return { text: t('command.release.done', { title: target.title }) };
  },
};
