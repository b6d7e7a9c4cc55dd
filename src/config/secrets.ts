import { randomBytes, timingSafeEqual, createHash, hkdfSync } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Settings } from './settings-schema.js';

const KEY_BYTES = 32;

export interface Secrets {
  /** Encrypts sensitive data in the store; 32 bytes. */
  readonly masterKey: Uint8Array;
  /** Signs visitors' tokens; 32 bytes derived from the master key. */
  readonly signingKey: Uint8Array;
  /** Encrypts the secrets of hooks; 32 bytes derived from the master key. */
  readonly sealingKey: Uint8Array;
  /** Compares with the global admin key in constant time. */
  isAdminKey(candidate: string): boolean;
  /** Where the admin key is stored, for the start message; absent: it was set with `API_KEY`. */
  readonly adminKeyFile?: string;
}

/** Takes the keys from the settings, or from files in the data folder that are created once. */
export async function loadSecrets(settings: Settings): Promise<Secrets> {
  await mkdir(settings.DATA_DIR, { recursive: true, mode: 0o700 });
  const adminKeyFile = join(settings.DATA_DIR, 'admin-key');
  const masterKeyFile = join(settings.DATA_DIR, 'master-key');
  const adminKey =
    settings.API_KEY ??
    (await readOrCreate(adminKeyFile, () => `sapa_admin_${randomBytes(KEY_BYTES).toString('base64url')}`));
  const masterKey =
    settings.SAPA_MASTER_KEY ??
    decodeMasterKey(
      await readOrCreate(masterKeyFile, () => randomBytes(KEY_BYTES).toString('base64')),
      masterKeyFile,
    );
  const expected = digest(adminKey);
  return {
    masterKey,
    signingKey: new Uint8Array(hkdfSync('sha256', masterKey, '', 'sapa visitor tokens', KEY_BYTES)),
    sealingKey: new Uint8Array(hkdfSync('sha256', masterKey, '', 'sapa hook secrets', KEY_BYTES)),
    isAdminKey: (candidate) => timingSafeEqual(digest(candidate), expected),
    ...(settings.API_KEY === undefined ? { adminKeyFile } : {}),
  };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function decodeMasterKey(text: string, file: string): Uint8Array {
  const key = Buffer.from(text, 'base64');
  // Startup must stop at a damaged key, because a new one could not decrypt existing data.
  if (key.length !== KEY_BYTES) throw new Error(`${file} is damaged: it must hold 32 bytes in base64`);
  return new Uint8Array(key);
}

/**
 * Resolves to the file's text. Two processes that start at once agree on one file, and neither reads a
 * partial one.
 */
async function readOrCreate(file: string, make: () => string): Promise<string> {
  const existing = await readIfThere(file);
  if (existing !== undefined) return existing;
  const temporary = `${file}.${process.pid}`;
  await writeFile(temporary, `${make()}\n`, { mode: 0o600, flush: true });
  try {
    await link(temporary, file);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  } finally {
    await rm(temporary, { force: true });
  }
  const stored = await readIfThere(file);
  if (stored === undefined) throw new Error(`${file} could not be read back`);
  return stored;
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
