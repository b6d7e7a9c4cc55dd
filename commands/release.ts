import type { Outreach } from '../src/contracts/chat.js';
import type { I18n } from '../src/contracts/i18n.js';
import { quote } from '../src/lib/excerpt.js';
import { conversationCommand } from './shared/conversation-command.js';

/** Gives the conversation back to the bot and tells the person so. */
export const release = conversationCommand<Pick<I18n, 'translator'> & { readonly outreach: Outreach }>(
  { name: 'release', description: 'command.release.description' },
  async ({ t, scope, services, eventKey, conversation }, target) => {
    await scope.conversations.update(target.id, { mode: 'bot' });
    if (target.id === conversation.id) return { text: t('handover.ended') };
    const translate = services.translator(target.locale ?? scope.settings.locale);
    await services.outreach.say(scope, target.id, eventKey, translate('handover.ended'), 'command');
    return { text: t('command.release.done', { title: quote(target.title) }) };
  },
);
