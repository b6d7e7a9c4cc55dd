import { defineCommand, type CommandContext } from '../src/contracts/command.js';

export const forget = defineCommand({
  name: 'forget',
  audience: 'everyone',
  description: 'command.forget.description',
  options: {
    what: {
      type: 'choice',
      description: 'command.forget.what',
      choices: [{ value: 'me', label: 'command.forget.me', aliases: ['saya', 'aku', 'all', 'semua'] }],
    },
  },
  async run(context, { what }) {
    const { t, scope, conversation, now } = context;
    if (what === 'me') return forgetPerson(context);
    await scope.conversations.update(conversation.id, { forgottenBefore: now });
    return { text: t('command.forget.done') };
  },
});

/**
 * From now on, no model is given what was said with this person or what is stored about them. The business
 * keeps its records, and staff find a note.
 */
async function forgetPerson({ t, scope, contact, conversation, now }: CommandContext) {
  const others = await scope.conversations.directOf(contact);
  const ownChat = conversation.chat.kind === 'direct' ? [conversation] : [];
  const ids = new Set([...ownChat, ...others].map(({ id }) => id));
  for (const id of ids) await scope.conversations.update(id, { forgottenBefore: now });
  if (contact.isUntold !== true) {
    await scope.contacts.update(contact.id, { isUntold: true });
    const text = t('command.forget.note');
    await scope.contacts.addNote({ contactId: contact.id, text, direction: 'note', at: now });
  }
  return {
    text: t('command.forget.meDone'),
    buttons: [[{ label: t('button.human'), action: '/human' }]],
  };
}
