import type { Command } from '../src/contracts/command.js';
import { openingLine, type NeedsHours } from './shared/opening-line.js';

export const start: Command<NeedsHours> = {
  name: 'start',
  audience: 'everyone',
  description: 'command.start.description',
  usage: 'command.start.usage',
  run(context) {
    const { t, scope } = context;
    const greeting = t('command.start.greeting', { business: scope.settings.name });
    const parts = [greeting, openingLine(context), t('command.start.help')];
    return Promise.resolve({ text: parts.filter((part) => part !== undefined).join('\n\n') });
  },
};
