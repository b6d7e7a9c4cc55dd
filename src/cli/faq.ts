import type { Command } from 'commander';
import type { App } from '../compose/compose.js';
import type { FaqEntry } from '../contracts/knowledge.js';
import { allItems, type TenantScope } from '../contracts/stores.js';
import { CliError } from './cli-error.js';
import type { CommandLine } from './command-line.js';
import { readBytes } from './read-input.js';
import { table } from './table.js';

interface Options {
  readonly tenant: string;
}

/** `faq import/list/remove`: the FAQ of a tenant; an import takes all rows or none. */
export function faqCommand(line: CommandLine): Command {
  const { t } = line;
  const faq = line.noun('faq', t('cli.faq'));

  faq.addCommand(
    line
      .tenantVerb('import', t('cli.faq.import'))
      .argument('<csv>')
      .reports(async (path: string, { tenant }: Options) => {
        const bytes = await readBytes(path, t);
        const { imported } = await line.changeTenant(tenant, 'faq.import', ({ faq }, scope) =>
          faq.importCsv(scope, bytes, scope.settings.locale),
        );
        return { json: { imported }, text: t('command.faq.imported', { count: imported }) };
      }),
  );
  faq.addCommand(
    line.tenantVerb('list', t('cli.faq.list')).reports(async ({ tenant }: Options) => {
      const entries = await line.withTenant(tenant, (_app, scope) =>
        allItems((page) => scope.faq.list(page)),
      );
      const items = entries.map(({ id, question, phrasings, answer, locale }) => ({
        id,
        question,
        phrasings,
        answer,
        locale,
      }));
      const rows = entries.map(({ id, locale, question }) => [id, locale, question]);
      return { json: { items }, text: table(rows) };
    }),
  );
  faq.addCommand(
    line
      .tenantVerb('remove', t('cli.faq.remove'))
      .argument('<entry-id>')
      .reports(async (id: string, { tenant }: Options) => {
        const remove = async ({ faq }: App, scope: TenantScope): Promise<FaqEntry> => {
          const entry = await scope.faq.get(id);
          const isGone = await faq.remove(scope, id);
          if (entry === undefined || !isGone) throw new CliError('failed', t('cli.faq.unknown', { id }));
          return entry;
        };
        const { question, answer } = await line.changeTenant(tenant, 'faq.remove', remove, () => id);
        return { json: { removed: id }, text: t('command.faq.removed', { question, answer }) };
      }),
  );
  return faq;
}
