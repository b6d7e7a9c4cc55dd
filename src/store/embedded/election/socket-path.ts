import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The kernel allows 108 bytes, some systems 104. */
const MAX_SOCKET_PATH_BYTES = 100;
const OWNER_ONLY = 0o700;
const NAME = 'store.sock';

/** Creates a folder that only this user can enter, or restricts an existing one. */
export function makePrivateFolder(path: string): void {
  mkdirSync(path, { recursive: true, mode: OWNER_ONLY });
  chmodSync(path, OWNER_ONLY);
}

/** Where the store of a data folder listens; the same path for every process that opens the folder. */
export function socketPathFor(dataDir: string): string {
  const folder = realpathSync(dataDir);
  const inside = join(folder, NAME);
  if (Buffer.byteLength(inside) <= MAX_SOCKET_PATH_BYTES) return inside;
  const hash = createHash('sha256').update(folder).digest('hex').slice(0, 24);
  const elsewhere = join(tmpdir(), `sapa-${hash}`);
  makePrivateFolder(elsewhere);
  return join(elsewhere, NAME);
}
