import { defineCommand, type CommandContext } from '../src/contracts/command.js';
import type { ContactDesk } from '../src/contracts/contact-desk.js';
import { quote } from '../src/lib/text/excerpt.js';
import { describeMoment } from '../src/lib/time/when/index.js';
import { personName, askForContact, whoOption } from './shared/contact-line.js';

const SHOWN_NOTES = 10;
const SHOWN_CHARACTERS = 400;
const LONGEST_NOTE = 16_000;

/** Stores a note about a person; without a text it shows the existing ones. */
export const note = defineCommand({
  name: 'note',
  audience: 'staff',
  description: 'command.note.description',
  options: {
    ...whoOption,
    text: { type: 'text', multiline: true, maxLength: LONGEST_NOTE, description: 'command.note.text' },
  },
  async run(context: CommandContext<{ readonly contacts: ContactDesk }>, { who, text }) {
    const { t, scope, services, locale } = context;
    if (who === undefined) return askForContact(context);
    const name = personName(who);
    if (text !== undefined) {
      await services.contacts.note(scope, who, text);
      return { text: t('command.note.done', { name, note: quote(text, SHOWN_CHARACTERS) }) };
    }
    const { items } = await scope.contacts.notes(who, { limit: SHOWN_NOTES });
    if (items.length === 0) return { text: t('command.note.none', { name }) };
    const lines = items.map(
      ({ text: noteText, at }) =>
        `- ${describeMoment(at, scope.settings.timezone, locale)}: ${quote(noteText, SHOWN_CHARACTERS)}`,
    );
    return { text: [t('command.note.heading', { name }), ...lines].join('\n') };
  },
});
