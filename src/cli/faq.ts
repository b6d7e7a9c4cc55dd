import type { Command } from 'commander';
import type { CommandLine } from './command-line.js';
import { readBytes } from './read-input.js';

/** `faq import`: frequent questions of a CSV, all rows or none. */
export function faqCommand(line: CommandLine): Command {
  const { t } = line;
  return line.noun('faq', t('cli.faq')).addCommand(
    line
      .tenantVerb('import', t('cli.faq.import'))
      .argument('<csv>')
      .reports(async (path: string, { tenant }: { tenant: string }) => {
        const bytes = await readBytes(path, t);
        const { imported } = await line.withTenant(tenant, ({ faq }, scope) =>
          faq.importCsv(scope, bytes, scope.settings.locale),
        );
        return { json: { imported }, text: t('command.faq.imported', { count: imported }) };
      }),
  );
}
