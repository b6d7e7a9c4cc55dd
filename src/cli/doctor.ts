import type { Command } from 'commander';
import type { Settings } from '../config/index.js';
import { checkApp } from './doctor/check-app.js';
import { checkDataFolder } from './doctor/check-data-folder.js';
import { checkStoreFile, STORE_FILE } from './doctor/check-store-file.js';
import { checkEmbedding } from './doctor/check-embedding.js';
import type { Finding } from './doctor/finding.js';
import { CliError } from './cli-error.js';
import type { CommandLine } from './command-line.js';
import { failureText } from './plain-reason.js';
import { table } from './table.js';

/** `doctor`: reports what works, what is off, what is broken, and what to do about it. */
export function doctorCommand(line: CommandLine): Command {
  const { t } = line;
  const doctor = line.verb('doctor', t('cli.doctor'));
  return doctor.action(async () => {
    const findings = await examine(line, line.settings());
    const broken = findings.filter(({ state }) => state === 'broken').length;
    const rows = findings.map(({ state, check, detail }) => [state, check, detail]);
    const lines = broken === 0 ? [table(rows), t('cli.doctor.healthy')] : [table(rows)];
    doctor.print({ json: { ok: broken === 0, checks: findings }, text: lines.join('\n') });
    if (broken > 0) throw new CliError('failed', t('cli.doctor.broken', { count: broken }));
  });
}

async function examine(line: CommandLine, settings: Settings): Promise<readonly Finding[]> {
  const { t } = line;
  const before: readonly Finding[] = [
    { check: 'settings', state: 'ok', detail: t('cli.doctor.settings') },
    ...(await checkDataFolder(settings, t)),
    ...(await checkStoreFile(settings, t)),
  ];
  try {
    const withoutModel = { ...settings, EMBEDDING_PROVIDER: 'none' } as const;
    return await line.withComposed(withoutModel, async (app) => [
      ...before,
      ...(await checkApp(app, t)),
      await checkEmbedding(settings, app, t),
    ]);
  } catch (error) {
    // What keeps a damaged store from opening has already been reported, with the remedy.
    if (before.some(({ check, state }) => check === STORE_FILE && state === 'broken')) return before;
    const reason = failureText(error, t).replace(/\.$/, '');
    const detail = t('cli.doctor.storeBroken', { reason });
    return [...before, { check: 'store', state: 'broken', detail }];
  }
}
