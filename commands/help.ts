import { defineCommand, type Command, type CommandContext } from '../src/contracts/command.js';
import { commandUsage } from '../src/lib/text/command-usage.js';

export const help = defineCommand({
  name: 'help',
  audience: 'everyone',
  description: 'command.help.description',
  options: { command: { type: 'text', description: 'command.help.command' } },
  run(context, { command: requested }) {
    const { t, isStaff } = context;
    const one = requested === undefined ? undefined : commandNamed(context, requested);
    if (one !== undefined) {
      return Promise.resolve({ text: `${t(one.description)}\n\n${commandUsage(one, undefined, t)}` });
    }
    const sections = [t('command.help.intro'), listOf(context, 'everyone')];
    if (isStaff) sections.push(t('command.help.staff'), listOf(context, 'staff'), t('command.help.more'));
    return Promise.resolve({ text: sections.join('\n\n') });
  },
});

function commandNamed({ commands, isStaff }: CommandContext, requested: string): Command | undefined {
  const name = requested.replace(/^\//, '').toLowerCase();
  return commands.find((command) => command.name === name && (isStaff || command.audience === 'everyone'));
}

function listOf({ commands, t }: CommandContext, audience: Command['audience']): string {
  return commands
    .filter((command) => command.audience === audience && command.unlisted !== true)
    .map((command) => `- /${command.name}: ${t(command.description)}`)
    .join('\n');
}
