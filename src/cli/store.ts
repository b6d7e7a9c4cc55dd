import type { Command } from 'commander';
import { CliError } from './cli-error.js';
import type { CommandLine } from './command-line.js';
import { compactVerb, repairVerb, restoreVerb } from './store-files.js';

const LARGEST_PORT = 65_535;

/** The embedded store: serves it alone, for tools that speak MongoDB, and maintains its file. */
export function storeCommand(line: CommandLine): Command {
  const { t } = line;
  const serve = line
    .verb('serve', t('cli.store.serve'))
    .option('--port <port>', t('cli.option.port'), '27017')
    .option('--test-commands', t('cli.option.testCommands'))
    .action(async ({ port, testCommands }: { port: string; testCommands?: boolean }) => {
      const number = Number(port);
      if (!/^\d+$/.test(port) || number > LARGEST_PORT) {
        throw new CliError('wrong-use', t('cli.store.wrongPort', { port }));
      }
      const settings = line.settings();
      const stopped = new Promise<void>((resolve) => {
        process.once('SIGINT', () => resolve());
        process.once('SIGTERM', () => resolve());
      });
      const { openEmbeddedStore } = await import('../store/embedded/index.js');
      const { DATA_DIR: dataDir, STORE_BACKUPS: backupsKept, STORE_MEMORY_MB: memoryMegabytes } = settings;
      const logger = line.logger(settings);
      const store = await openEmbeddedStore({
        dataDir,
        logger,
        port: number,
        backupsKept,
        memoryMegabytes,
        hasTestCommands: testCommands === true,
      });
      const { uri } = store;
      serve.print({ json: { uri, role: store.role() }, text: uri });
      await stopped;
      await store.close();
    });
  return line
    .noun('store', t('cli.store'))
    .addCommand(serve)
    .addCommand(compactVerb(line))
    .addCommand(repairVerb(line))
    .addCommand(restoreVerb(line));
}
