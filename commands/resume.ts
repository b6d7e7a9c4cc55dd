import { quote } from '../src/lib/text/excerpt.js';
import { conversationCommand } from './shared/conversation-command.js';

/** Ends a pause silently; `/release` ends a handover and tells the person. */
export const resume = conversationCommand(
  { name: 'resume', description: 'command.resume.description' },
  async ({ t, scope }, { id, title }) => {
    await scope.conversations.update(id, { mode: 'bot' });
    return { text: t('command.resume.done', { title: quote(title) }) };
  },
);
