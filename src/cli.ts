#!/usr/bin/env node
import { CommanderError } from 'commander';
import { buildProgram } from './cli/build-program.js';
import { CliError } from './cli/cli-error.js';
import { CommandLine } from './cli/command-line.js';
import { localeHint, SettingsError } from './config/index.js';

const EXIT_FAILED = 1;
const EXIT_WRONG_USE = 2;

/** The language of help texts must be known before the arguments are parsed. */
function languageOf(words: readonly string[]): string | undefined {
  const at = words.findIndex((word) => word === '--locale' || word.startsWith('--locale='));
  const word = words[at];
  return at === -1 || word === undefined
    ? localeHint()
    : word.includes('=')
      ? word.slice(word.indexOf('=') + 1)
      : words[at + 1];
}

/** Runs one command and returns the exit code: 0, 1 (failed), 2 (wrong use or wrong settings). */
async function run(words: readonly string[]): Promise<number> {
  try {
    await buildProgram(new CommandLine(languageOf(words))).parseAsync([...words], { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_WRONG_USE;
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    const isWrongUse =
      error instanceof SettingsError || (error instanceof CliError && error.kind === 'wrong-use');
    return isWrongUse ? EXIT_WRONG_USE : EXIT_FAILED;
  }
}

process.exitCode = await run(process.argv.slice(2));
