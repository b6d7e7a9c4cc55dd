import { conversationCommand } from './shared/conversation-command.js';
import { shortId } from './shared/short-id.js';

export const pause = conversationCommand(
  { name: 'pause', description: 'command.pause.description', usage: 'command.pause.usage' },
  async ({ t, scope }, { id, title }) => {
    await scope.conversations.update(id, { mode: 'paused' });
    return { text: t('command.pause.done', { title, id: shortId(id) }) };
  },
);
