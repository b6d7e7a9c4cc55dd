import type { Command } from 'commander';
import { CliError } from './cli-error.js';
import type { CommandLine } from './command-line.js';

const MEGABYTE = 1024 * 1024;

/** `store compact`: returns the store's free pages to the disk, even while Sapa runs. */
export function compactVerb(line: CommandLine): Command {
  const { t } = line;
  return line.verb('compact', t('cli.store.compact')).reports(async () => {
    const settings = line.settings();
    const { openEmbeddedStore } = await import('../store/embedded/index.js');
    const { MongoClient } = await import('mongodb');
    const store = await openEmbeddedStore({ dataDir: settings.DATA_DIR, logger: line.logger(settings) });
    const client = new MongoClient(store.uri);
    try {
      const { bytesBefore, bytesAfter } = await client.db('admin').command({ compact: 'store' });
      const [before, after] = [Number(bytesBefore), Number(bytesAfter)];
      const megabytes = { before: Math.ceil(before / MEGABYTE), after: Math.ceil(after / MEGABYTE) };
      const json = { bytes_before: before, bytes_after: after };
      return { json, text: t('cli.store.compacted', megabytes) };
    } finally {
      await client.close();
      await store.close();
    }
  });
}

/** `store repair`: salvages the intact records of a damaged store and keeps the damaged one. */
export function repairVerb(line: CommandLine): Command {
  const { t } = line;
  return line.verb('repair', t('cli.store.repair')).reports(async () => {
    const { repairStore } = await import('../store/embedded/index.js');
    const done = await alone(line, (path) => repairStore(path, new Date()));
    if (!done) return { json: { damaged: false }, text: t('cli.store.whole') };
    const { saved, lost, backup } = done;
    const text = [t('cli.store.repaired', { saved, folder: backup }), t('cli.store.lost'), ...lost].join(
      '\n',
    );
    return { json: { damaged: true, saved, lost, kept: backup }, text };
  });
}

/** `store restore`: replaces the store with a daily backup and keeps the replaced one. */
export function restoreVerb(line: CommandLine): Command {
  const { t } = line;
  return line
    .verb('restore', t('cli.store.restore'))
    .argument('<file>')
    .reports(async (file: string) => {
      const { restoreStore } = await import('../store/embedded/index.js');
      const backup = await alone(line, (path) => restoreStore(path, file, new Date()));
      const text = t('cli.store.restored', { file, folder: backup ?? '-' });
      return { json: { file, kept: backup ?? null }, text };
    });
}

async function alone<Result>(
  line: CommandLine,
  work: (path: string) => Result | Promise<Result>,
): Promise<Result> {
  const { withStoreAlone, StoreInUseError, UnreadableStoreError } =
    await import('../store/embedded/index.js');
  try {
    return await withStoreAlone(line.settings().DATA_DIR, work);
  } catch (error) {
    if (error instanceof StoreInUseError) throw new CliError('failed', line.t('cli.store.inUse'));
    if (error instanceof UnreadableStoreError) throw new CliError('failed', error.message);
    throw error;
  }
}
