import { defineCommand, type CommandContext } from '../src/contracts/command.js';
import { openingLine, type NeedsHours } from './shared/opening-line.js';

export const start = defineCommand({
  name: 'start',
  audience: 'everyone',
  description: 'command.start.description',
  options: {},
  run(context: CommandContext<NeedsHours>) {
    const { t, scope } = context;
    const greeting = t('command.start.greeting', { business: scope.settings.name });
    const parts = [greeting, openingLine(context), t('command.start.help')];
    return Promise.resolve({ text: parts.filter((part) => part !== undefined).join('\n\n') });
  },
});
