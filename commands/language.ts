import type { Command } from '../src/contracts/command.js';
import type { I18n } from '../src/contracts/i18n.js';
import { LOCALES, type Locale } from '../src/contracts/message.js';
import { wrongUse } from './shared/command-actions.js';

/** How people name a language, besides its code. */
const NAMES: Readonly<Record<string, Locale>> = {
  english: 'en',
  inggris: 'en',
  indonesia: 'id',
  indonesian: 'id',
  bahasa: 'id',
  'bahasa indonesia': 'id',
};

export const language: Command<Pick<I18n, 'translator'>> = {
  name: 'language',
  audience: 'everyone',
  description: 'command.language.description',
  usage: 'command.language.usage',
  async run(context) {
    const { t, services, scope, contact, conversation } = context;
    const asked = context.argumentText.toLowerCase();
    if (asked === '') return { text: t('command.language.choose'), buttons: [languageButtons()] };
    const locale =
      LOCALES.find((known) => known === asked) ?? (Object.hasOwn(NAMES, asked) ? NAMES[asked] : undefined);
    if (!locale) return wrongUse(context, language);
    await scope.contacts.update(contact.id, { locale });
    await scope.conversations.update(conversation.id, { locale });
    return { text: services.translator(locale)('command.language.changed'), locale };

    function languageButtons(): { label: string; action: string }[] {
      return LOCALES.map((known) => ({
        label: services.translator(known)('command.language.own'),
        action: `/language ${known}`,
      }));
    }
  },
};
