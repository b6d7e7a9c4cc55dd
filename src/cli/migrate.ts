import type { Command } from 'commander';
import type { CommandLine } from './command-line.js';

/** `migrate`: creates or repairs the indexes of all tenants. */
export function migrateCommand(line: CommandLine): Command {
  const { t } = line;
  return line.verb('migrate', t('cli.migrate')).reports(async () => {
    const { tenants, removedDatabases } = await line.withApp(({ maintenance }) => maintenance.migrate());
    return {
      json: { tenants, removed_databases: removedDatabases },
      text: t('cli.migrated', { tenants, removed: removedDatabases }),
    };
  });
}
