import type { Command, CommandContext } from '../src/contracts/command.js';

export const help: Command = {
  name: 'help',
  audience: 'everyone',
  description: 'command.help.description',
  usage: 'command.help.usage',
  run(context) {
    const { t, isStaff } = context;
    const sections = [t('command.help.intro'), lines(context, 'everyone')];
    if (isStaff) sections.push(t('command.help.staff'), lines(context, 'staff'));
    return Promise.resolve({ text: sections.join('\n\n') });
  },
};

function lines({ commands, t }: CommandContext, audience: Command['audience']): string {
  return commands
    .filter((command) => command.audience === audience)
    .map((command) => `- /${command.name}: ${t(command.description)}`)
    .join('\n');
}
