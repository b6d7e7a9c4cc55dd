import type { CommandContext } from '../../src/contracts/command.js';
import type { Contact } from '../../src/contracts/stores.js';
import { quote } from '../../src/lib/text/excerpt.js';
import { shortId } from '../../src/lib/ids/short-id.js';

/** Long enough to recognise somebody. */
const NAME_LENGTH = 60;

/** Defaults to the person being answered from this chat. */
export const whoOption = {
  who: { type: 'contact', orHere: true, description: 'command.option.who' },
} as const;

/** The display name of a person, as Markdown: name, phone number, e-mail address, or else the short id. */
export function personName({ id, name, phone, email }: Contact): string {
  return quote(plainName({ id, name, phone, email }), NAME_LENGTH);
}

/** The same as plain text, for buttons. */
export function plainName({
  id,
  name,
  phone,
  email,
}: Pick<Contact, 'id'> & Record<'name' | 'phone' | 'email', string | undefined>): string {
  return name ?? phone ?? email ?? shortId(id);
}

/** The reply if nobody was named and nobody is being answered from this chat. */
export function askForContact({ t }: CommandContext): { readonly text: string } {
  return { text: t('command.contact.whom') };
}
