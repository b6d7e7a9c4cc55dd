import { defineCommand, type CommandContext } from '../src/contracts/command.js';
import type { ContactDesk } from '../src/contracts/contact-desk.js';
import { describeMoment } from '../src/lib/time/when/index.js';

/** Creates a one-time code for a new staff member, with instructions. */
export const invite = defineCommand({
  name: 'invite',
  audience: 'staff',
  description: 'command.invite.description',
  options: {},
  async run({ t, scope, services, locale }: CommandContext<{ readonly contacts: ContactDesk }>) {
    const { code, expiresAt } = await services.contacts.invite(scope);
    const until = describeMoment(expiresAt, scope.settings.timezone, locale);
    return { text: t('command.invite.done', { code, until }) };
  },
});
