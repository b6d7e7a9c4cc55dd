import type { Command } from 'commander';
import type { App } from '../compose/compose.js';
import type { Contact, TenantScope } from '../contracts/stores.js';
import { CliError } from './cli-error.js';
import type { CommandLine } from './command-line.js';
import { table } from './table.js';

const HOUR_MS = 3_600_000;
const VALID_HOURS = 24;

interface Options {
  readonly tenant: string;
}

/** `users invite/list/remove`: the staff of a business. */
export function usersCommand(line: CommandLine): Command {
  const { t } = line;
  return line
    .noun('users', t('cli.users'))
    .addCommand(inviteVerb(line))
    .addCommand(listVerb(line))
    .addCommand(removeVerb(line));
}

function inviteVerb(line: CommandLine): Command {
  const { t } = line;
  return line.tenantVerb('invite', t('cli.users.invite')).reports(async ({ tenant }: Options) => {
    const { code, expiresAt } = await line.changeTenant(tenant, 'users.invite', async ({ clock }, scope) => {
      const until = new Date(clock.now().getTime() + VALID_HOURS * HOUR_MS);
      return { code: await scope.codes.create('claim-staff', until), expiresAt: until };
    });
    const command = `/claim ${code}`;
    return {
      json: { code, command, expires_at: expiresAt },
      text: t('cli.users.invited', { command, hours: VALID_HOURS }),
    };
  });
}

function listVerb(line: CommandLine): Command {
  const { t } = line;
  return line.tenantVerb('list', t('cli.users.list')).reports(async ({ tenant }: Options) => {
    const staff = await line.withTenant(tenant, (_app, scope) => scope.contacts.staff(scope.settings.staff));
    const items = staff.map(userJson);
    const rows = items.map(({ id, by, name, channels }) => [id, by, name ?? '', channels.join(' ')]);
    return { json: { items }, text: table(rows) };
  });
}

/**
 * `by`: why they are staff; `code`: they claimed an invitation, `settings`: their platform id is in the
 * settings.
 */
function userJson({ id, name, isStaff, identities }: Contact) {
  return {
    id,
    name: name ?? null,
    by: isStaff ? 'code' : 'settings',
    channels: [...new Set(identities.map(({ channel }) => channel))],
  };
}

function removeVerb(line: CommandLine): Command {
  const { t } = line;
  return line
    .tenantVerb('remove', t('cli.users.remove'))
    .argument('<contact-id>')
    .reports(async (id: string, { tenant }: Options) => {
      const remove = async (_app: App, { contacts, settings }: TenantScope): Promise<void> => {
        const member = (await contacts.staff(settings.staff)).find((each) => each.id === id);
        if (member === undefined) throw new CliError('failed', t('cli.users.unknown', { id }));
        if (!member.isStaff) throw new CliError('failed', t('cli.users.bySettings', { id }));
        await contacts.update(id, { isStaff: false });
      };
      await line.changeTenant(tenant, 'users.remove', remove, () => id);
      return { json: { removed: id }, text: t('cli.users.removed', { id }) };
    });
}
