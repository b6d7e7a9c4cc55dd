import { defineCommand, type CommandContext } from '../src/contracts/command.js';
import type { I18n } from '../src/contracts/i18n.js';
import { LOCALES } from '../src/contracts/message.js';

export const language = defineCommand({
  name: 'language',
  audience: 'everyone',
  description: 'command.language.description',
  options: {
    language: {
      type: 'choice',
      description: 'command.language.which',
      choices: [
        { value: 'en', label: 'language.en', aliases: ['english', 'inggris', 'bahasa inggris'] },
        {
          value: 'id',
          label: 'language.id',
          aliases: ['indonesia', 'indonesian', 'bahasa', 'bahasa indonesia'],
        },
      ],
    },
  },
  async run(
    {
      t,
      services,
      scope,
      contact,
      conversation,
    }: CommandContext<{ readonly translator: I18n['translator'] }>,
    { language: locale },
  ) {
    if (locale === undefined) {
      const buttons = LOCALES.map((code) => ({
        label: t(`language.${code}`),
        action: `/language ${code}`,
      }));
      return { text: t('command.language.choose'), buttons: [buttons] };
    }
    await scope.contacts.update(contact.id, { locale });
    await scope.conversations.update(conversation.id, { locale });
    return { text: services.translator(locale)('command.language.changed'), locale };
  },
});
