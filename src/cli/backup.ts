import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import type { App } from '../compose/compose.js';
import { CliError } from './cli-error.js';
import type { CommandLine } from './command-line.js';
import { allTenants } from './tenants.js';

/** `backup`: exports every tenant and the service's own records to a folder. */
export function backupCommand(line: CommandLine): Command {
  const { t } = line;
  return line
    .verb('backup', t('cli.backup'))
    .argument('<folder>')
    .reports(async (folder: string) => {
      const files = await line.withApp((app) => backUp(line, app, folder));
      const text = t('cli.backedUp', { folder, tenants: files.length - 1 });
      return { json: { folder, files }, text };
    });
}

async function backUp(line: CommandLine, app: App, folder: string): Promise<readonly string[]> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if ((await readdir(folder)).length > 0) {
    throw new CliError('failed', line.t('cli.folderNotEmpty', { folder }));
  }
  const files: string[] = [];
  for (const { id } of await allTenants(app)) {
    const file = join(folder, `${id}.sapa.gz`);
    // A tenant erased in the meantime is skipped.
    if ((await app.maintenance.exportTenant(id, file)) !== undefined) files.push(file);
  }
  files.push(await app.maintenance.backupService(folder));
  return files;
}
