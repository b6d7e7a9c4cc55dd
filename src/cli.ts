#!/usr/bin/env node
import { CommanderError } from 'commander';
import { buildProgram } from './cli/build-program.js';
import { CliError } from './cli/cli-error.js';
import { CommandLine } from './cli/command-line.js';
import { languageOf } from './cli/language-of.js';
import { failureText } from './cli/plain-reason.js';
import { SettingsError } from './config/index.js';

const EXIT_FAILED = 1;
const EXIT_WRONG_USE = 2;

/** Runs one command and returns the exit code: 0, 1 (failed), 2 (wrong use or wrong settings). */
async function run(words: readonly string[]): Promise<number> {
  const line = new CommandLine(languageOf(words));
  try {
    await buildProgram(line).parseAsync([...words], { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_WRONG_USE;
    process.stderr.write(`${failureText(error, line.t)}\n`);
    const isWrongUse =
      error instanceof SettingsError || (error instanceof CliError && error.kind === 'wrong-use');
    return isWrongUse ? EXIT_WRONG_USE : EXIT_FAILED;
  }
}

process.exitCode = await run(process.argv.slice(2));
