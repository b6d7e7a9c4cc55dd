import { existsSync } from 'node:fs';
import { access } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Command } from 'commander';
import type { App } from '../compose/compose.js';
import { allItems, StoreError, type Tenant } from '../contracts/stores.js';
import { TENANT_ID } from '../lib/ids/tenant-id.js';
import { CliError } from './cli-error.js';
import type { CommandLine } from './command-line.js';
import { fileReason } from './plain-reason.js';
import { table } from './table.js';
import { createVerb, setVerb, tenantJson, unknownTenant } from './tenant-settings.js';

interface Options {
  readonly id?: string;
  readonly replace?: boolean;
  readonly yes?: boolean;
  readonly force?: boolean;
}

/** `tenants create/set/list/show/export/restore/erase`. */
export function tenantsCommand(line: CommandLine): Command {
  return line
    .noun('tenants', line.t('cli.tenants'))
    .addCommand(createVerb(line))
    .addCommand(setVerb(line))
    .addCommand(listVerb(line))
    .addCommand(showVerb(line))
    .addCommand(exportVerb(line))
    .addCommand(restoreVerb(line))
    .addCommand(eraseVerb(line));
}

function listVerb(line: CommandLine): Command {
  return line.verb('list', line.t('cli.tenants.list')).reports(async () => {
    const tenants = await line.withApp(allTenants);
    const rows = tenants.map(({ id, settings, createdAt }) => [
      id,
      settings.locale,
      createdAt.toISOString(),
      settings.name,
    ]);
    return { json: { items: tenants.map(tenantJson) }, text: table(rows) };
  });
}

function showVerb(line: CommandLine): Command {
  return line
    .verb('show', line.t('cli.tenants.show'))
    .argument('<id>')
    .reports(async (id: string) => {
      const tenant = await line.withApp(({ service }) => service.tenant(id));
      if (tenant === undefined) throw unknownTenant(line, id);
      const view = { ...tenantJson(tenant), settings: tenant.settings };
      return { json: view, text: JSON.stringify(tenant.settings, null, 2) };
    });
}

function exportVerb(line: CommandLine): Command {
  const { t } = line;
  return line
    .verb('export', t('cli.tenants.export'))
    .argument('<id>')
    .argument('[file]')
    .option('--force', t('cli.option.force'))
    .reports(async (id: string, wished: string | undefined, { force = false }: Options) => {
      const file = resolve(wished ?? `${id}.sapa.gz`);
      if (existsSync(file) && !force) throw new CliError('failed', t('cli.fileExists', { path: file }));
      const header = await line.withApp(({ maintenance }) => maintenance.exportTenant(id, file));
      if (header === undefined) throw unknownTenant(line, id);
      const count = recordsIn(header.counts);
      return { json: { file, ...header }, text: t('cli.tenants.exported', { file, count }) };
    });
}

function restoreVerb(line: CommandLine): Command {
  const { t } = line;
  return line
    .verb('restore', t('cli.tenants.restore'))
    .argument('<file>')
    .option('--id <id>', t('cli.option.restoreId'))
    .option('--replace', t('cli.option.replace'))
    .reports(async (file: string, { id: wished, replace = false }: Options) => {
      if (wished !== undefined && !TENANT_ID.test(wished)) {
        throw new CliError('wrong-use', t('cli.tenants.wrongId'));
      }
      await access(file).catch((error: unknown) => {
        throw new CliError('failed', t('cli.fileUnreadable', { path: file, reason: fileReason(error, t) }));
      });
      const options = { replace, ...(wished === undefined ? {} : { id: wished }) };
      const { id, records, count } = await line.withApp((app) => restore(line, app, file, options));
      const answer = {
        id,
        documents: count,
        keys: records?.keys ?? 0,
        accounts: records?.accounts ?? 0,
        unreadable_accounts: records?.unreadableAccounts ?? 0,
      };
      const { keys, accounts, unreadable_accounts: unreadable } = answer;
      const text = [
        t('cli.tenants.restored', { id, count }),
        records === undefined
          ? t('cli.tenants.leftOut')
          : t('cli.tenants.records', { keys, accounts, unreadable }),
      ].join('\n');
      return { json: answer, text };
    });
}

async function restore(
  { t }: CommandLine,
  app: App,
  file: string,
  options: { readonly replace: boolean; readonly id?: string },
) {
  const header = await app.maintenance.restoreTenant(file, options).catch((error: unknown) => {
    if (!(error instanceof StoreError)) throw error;
    if (error.kind === 'conflict') throw new CliError('failed', t('cli.tenants.replaceNeeded'));
    throw error.kind === 'corrupt'
      ? new CliError('failed', t('cli.archiveUnreadable', { path: file }))
      : error;
  });
  const id = options.id ?? header.tenant_id;
  await queueUnread(app, id);
  const beside = join(dirname(resolve(file)), 'service.sapa.gz');
  const isBackup = id === header.tenant_id && existsSync(beside);
  const records = isBackup ? await app.maintenance.restoreServiceRecords(beside, id) : undefined;
  return { id, records, count: recordsIn(header.counts) };
}

function recordsIn(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, each) => sum + each, 0);
}

function eraseVerb(line: CommandLine): Command {
  const { t } = line;
  return line
    .verb('erase', t('cli.tenants.erase'))
    .argument('<id>')
    .option('--yes', t('cli.option.yes'))
    .reports(async (id: string, { yes = false }: Options) => {
      if (!yes) throw new CliError('wrong-use', t('cli.tenants.eraseNeedsYes', { id }));
      if (!(await line.withApp(({ service }) => service.removeTenant(id)))) throw unknownTenant(line, id);
      return { json: { erased: id }, text: t('cli.tenants.erased', { id }) };
    });
}

export function allTenants({ service }: App): Promise<readonly Tenant[]> {
  return allItems((page) => service.tenants(page));
}

/** Queues documents and sources that were unread when exported, because their jobs were not exported. */
async function queueUnread({ service, knowledge, sources }: App, tenantId: string): Promise<void> {
  const scope = await service.scope(tenantId);
  if (scope === undefined) return;
  await knowledge.queueUnread(scope);
  await sources.resume(scope);
}
