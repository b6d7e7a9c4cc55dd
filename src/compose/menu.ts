import type { CommandMenuEntry } from '../contracts/channel.js';
import type { Command } from '../contracts/command.js';
import type { I18n } from '../contracts/i18n.js';

/** The commands that a platform's menu offers to everyone, in each language. */
export function commandMenu(commands: readonly Command[], i18n: I18n): readonly CommandMenuEntry[] {
  return commands
    .filter((command) => command.audience === 'everyone')
    .map(({ name, description }) => ({
      name,
      description: { en: i18n.translator('en')(description), id: i18n.translator('id')(description) },
    }));
}
