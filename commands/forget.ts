import { defineCommand } from '../src/contracts/command.js';

export const forget = defineCommand({
  name: 'forget',
  audience: 'everyone',
  description: 'command.forget.description',
  options: {},
  async run({ t, scope, conversation, now }) {
    await scope.conversations.update(conversation.id, { forgottenBefore: now });
    return { text: t('command.forget.done') };
  },
});
