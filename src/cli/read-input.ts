import { readFile } from 'node:fs/promises';
import { readVariable } from '../config/index.js';
import type { Translate } from '../contracts/i18n.js';
import { CliError } from './cli-error.js';
import { fileReason } from './plain-reason.js';

/** Reads a file, or standard input for `-`. */
export async function readBytes(path: string, t: Translate): Promise<Buffer> {
  if (path === '-') return readStandardInput();
  try {
    return await readFile(path);
  } catch (error) {
    throw new CliError('failed', t('cli.fileUnreadable', { path, reason: fileReason(error, t) }));
  }
}

/**
 * Reads a secret without putting it into the shell's history: `env:NAME` names a variable, `file:PATH` a file
 * and `-` standard input. Anything else is the secret itself.
 */
export async function readSecret(value: string, t: Translate): Promise<string> {
  if (value.startsWith('env:')) {
    const name = value.slice(4);
    const secret = readVariable(name);
    if (secret === undefined) throw new CliError('wrong-use', t('cli.variableUnset', { name }));
    return secret;
  }
  const path = value.startsWith('file:') ? value.slice(5) : value;
  return path === '-' || path !== value ? (await readBytes(path, t)).toString('utf8').trim() : value;
}

async function readStandardInput(): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of process.stdin as AsyncIterable<Buffer>) parts.push(part);
  return Buffer.concat(parts);
}
