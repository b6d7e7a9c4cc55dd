import { constants } from 'node:fs';
import { access, mkdir, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { Settings } from '../../config/index.js';
import type { Translate } from '../../contracts/i18n.js';
import type { Finding } from './finding.js';

const MEGABYTE = 1024 * 1024;
const TOO_LITTLE_MB = 200;
const LITTLE_MB = 1024;
const OTHERS_PERMISSIONS = 0o077;

/** Checks the permissions of the data folder and its keys, and the free disk space. */
export async function checkDataFolder(settings: Settings, t: Translate): Promise<readonly Finding[]> {
  const folder = settings.DATA_DIR;
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await access(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return [{ check: 'data', state: 'broken', detail: t('cli.doctor.folderBroken', { reason }) }];
  }
  const readable = await readableByOthers([join(folder, 'admin-key'), join(folder, 'master-key')]);
  const rights: Finding =
    readable.length === 0
      ? { check: 'data', state: 'ok', detail: folder }
      : {
          check: 'data',
          state: 'broken',
          detail: t('cli.doctor.keysReadable', { command: `chmod 600 ${readable.join(' ')}` }),
        };
  return [rights, await room(folder, t)];
}

async function readableByOthers(files: readonly string[]): Promise<readonly string[]> {
  const modes = await Promise.all(files.map((file) => stat(file).catch(() => undefined)));
  return files.filter((_file, index) => ((modes[index]?.mode ?? 0) & OTHERS_PERMISSIONS) !== 0);
}

async function room(folder: string, t: Translate): Promise<Finding> {
  const { bavail, bsize } = await statfs(folder);
  const free = Math.floor((bavail * bsize) / MEGABYTE);
  const state = free < TOO_LITTLE_MB ? 'broken' : free < LITTLE_MB ? 'warning' : 'ok';
  return { check: 'disk', state, detail: t('cli.doctor.free', { megabytes: free }) };
}
