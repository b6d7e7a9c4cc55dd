import type { Command } from '../src/contracts/command.js';

export const privacy: Command = {
  name: 'privacy',
  audience: 'everyone',
  description: 'command.privacy.description',
  usage: 'command.privacy.usage',
  run({ t, scope }) {
    return Promise.resolve({ text: t('command.privacy.text', { business: scope.settings.name }) });
  },
};
