import type { Command } from '../src/contracts/command.js';

export const forget: Command = {
  name: 'forget',
  audience: 'everyone',
  description: 'command.forget.description',
  usage: 'command.forget.usage',
  async run({ t, scope, conversation, now }) {
    await scope.conversations.update(conversation.id, { forgottenBefore: now });
    return { text: t('command.forget.done') };
  },
};
