import { quote } from '../src/lib/excerpt.js';
import { conversationCommand } from './shared/conversation-command.js';

/** Ends a pause quietly; `/release` ends the work of a person and says so. */
export const resume = conversationCommand(
  { name: 'resume', description: 'command.resume.description' },
  async ({ t, scope }, { id, title }) => {
    await scope.conversations.update(id, { mode: 'bot' });
    return { text: t('command.resume.done', { title: quote(title) }) };
  },
);
