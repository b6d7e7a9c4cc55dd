import { Command } from 'commander';
import { serviceVersion } from '../lib/version.js';
import { backupCommand } from './backup.js';
import { channelsCommand } from './channels.js';
import type { CommandLine } from './command-line.js';
import { doctorCommand } from './doctor.js';
import { faqCommand } from './faq.js';
import { inLanguage } from './in-language.js';
import { kbCommand } from './kb.js';
import { keysCommand } from './keys.js';
import { migrateCommand } from './migrate.js';
import { modelsCommand } from './models.js';
import { storeCommand } from './store.js';
import { predictCommand, trainCommand } from './tables.js';
import { tenantsCommand } from './tenants.js';
import { usersCommand } from './users.js';

/** All top-level commands of the command line. */
export function buildProgram(line: CommandLine): Command {
  const program = new Command('sapa')
    .description(line.t('cli.sapa'))
    .version(serviceVersion(), '-V, --version', line.t('cli.option.version'));
  const nouns = [
    tenantsCommand(line),
    keysCommand(line),
    usersCommand(line),
    channelsCommand(line),
    kbCommand(line),
    faqCommand(line),
    trainCommand(line),
    predictCommand(line),
    storeCommand(line),
    modelsCommand(line),
    migrateCommand(line),
    backupCommand(line),
    doctorCommand(line),
  ];
  for (const noun of nouns) program.addCommand(noun);
  for (const command of [program, ...nouns, ...nouns.flatMap(({ commands }) => commands)]) {
    command.exitOverride().showHelpAfterError();
  }
  return inLanguage(program, line.t);
}
