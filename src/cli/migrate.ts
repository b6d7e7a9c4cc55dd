import type { Command } from 'commander';
import type { CommandLine } from './command-line.js';

/** `migrate`: indexes of all tenants, made or repaired. */
export function migrateCommand(line: CommandLine): Command {
  const { t } = line;
  return line.verb('migrate', t('cli.migrate')).action(async ({ json = false }: { json?: boolean }) => {
    const { tenants, removedDatabases } = await line.withApp(({ maintenance }) => maintenance.migrate());
    line.print(
      {
        json: { tenants, removed_databases: removedDatabases },
        text: t('cli.migrated', { tenants, removed: removedDatabases }),
      },
      json,
    );
  });
}
