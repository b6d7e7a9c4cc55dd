import { quote } from '../src/lib/text/excerpt.js';
import { shortId } from '../src/lib/ids/short-id.js';
import { conversationCommand } from './shared/conversation-command.js';

export const pause = conversationCommand(
  { name: 'pause', description: 'command.pause.description' },
  async ({ t, scope }, { id, title }) => {
    await scope.conversations.update(id, { mode: 'paused' });
    return { text: t('command.pause.done', { title: quote(title), id: shortId(id) }) };
  },
);
