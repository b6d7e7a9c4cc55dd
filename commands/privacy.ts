import { defineCommand } from '../src/contracts/command.js';

export const privacy = defineCommand({
  name: 'privacy',
  audience: 'everyone',
  description: 'command.privacy.description',
  options: {},
  run: ({ t, scope }) =>
    Promise.resolve({ text: t('command.privacy.text', { business: scope.settings.name }) }),
});
