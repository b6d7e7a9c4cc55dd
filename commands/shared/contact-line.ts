import type { CommandContext } from '../../src/contracts/command.js';
import type { Contact } from '../../src/contracts/stores.js';
import { quote } from '../../src/lib/excerpt.js';
import { shortId } from '../../src/lib/short-id.js';

/** Long enough to know somebody by. */
const NAME_LENGTH = 60;

/** Without a reading of the line, the person that an option left out means. */
export const whoOption = {
  who: { type: 'contact', orHere: true, description: 'command.option.who' },
} as const;

/** What a person is called, as Markdown: by name, number or address, else by the id lists show. */
export function personName({ id, name, phone, email }: Contact): string {
  return quote(plainName({ id, name, phone, email }), NAME_LENGTH);
}

/** The same for a button. */
export function plainName({
  id,
  name,
  phone,
  email,
}: Pick<Contact, 'id'> & Record<'name' | 'phone' | 'email', string | undefined>): string {
  return name ?? phone ?? email ?? shortId(id);
}

/** The reply where nobody was named and nobody is answered from this chat. */
export function whoIsMeant({ t }: CommandContext): { readonly text: string } {
  return { text: t('command.contact.whom') };
}
