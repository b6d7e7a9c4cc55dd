import type { Command } from 'commander';
import type { CommandLine } from './command-line.js';

const HOUR_MS = 3_600_000;
const VALID_HOURS = 24;

/** `users invite`: a one-time code that makes a person staff. */
export function usersCommand(line: CommandLine): Command {
  const { t } = line;
  return line.noun('users', t('cli.users')).addCommand(
    line.tenantVerb('invite', t('cli.users.invite')).reports(async ({ tenant }: { tenant: string }) => {
      const { code, expiresAt } = await line.withTenant(tenant, async ({ clock }, scope) => {
        const until = new Date(clock.now().getTime() + VALID_HOURS * HOUR_MS);
        return { code: await scope.codes.create('claim-staff', until), expiresAt: until };
      });
      const command = `/claim ${code}`;
      return {
        json: { code, command, expires_at: expiresAt },
        text: t('cli.users.invited', { command, hours: VALID_HOURS }),
      };
    }),
  );
}
