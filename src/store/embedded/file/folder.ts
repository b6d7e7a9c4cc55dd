import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

/** The files in a store's folder. */
export const dataFile = (path: string): string => join(path, 'data.mdb');
/** Written once there is a store; from then on the data file must be neither missing nor empty. */
const markFile = (path: string): string => join(path, 'store.json');
/** The size and time of the data file when it was closed properly. */
const restFile = (path: string): string => join(path, 'at-rest.json');

/** Where a repair or restore builds the replacement for the store. */
export const repairedFolder = (path: string): string => `${path}-repaired`;
export const restoredFolder = (path: string): string => `${path}-restored`;

/**
 * A repair or restore first moves the store away, then puts the new one in place. Completes one that was
 * interrupted in between.
 */
export function finishExchange(path: string): void {
  if (existsSync(dataFile(path)) || isMarked(path)) return;
  const replacement = [repairedFolder(path), restoredFolder(path)].find((folder) =>
    existsSync(dataFile(folder)),
  );
  if (replacement === undefined) return;
  rmSync(path, { recursive: true, force: true });
  renameSync(replacement, path);
}

export const isMarked = (path: string): boolean => existsSync(markFile(path));

export function mark(path: string): void {
  if (isMarked(path)) return;
  const text = JSON.stringify({ sapa: 'store', created_at: new Date().toISOString() });
  quietly(() => {
    writeFileSync(markFile(path), `${text}\n`, { mode: 0o600 });
  });
}

function likeness(path: string): string {
  const { size, mtimeMs } = statSync(dataFile(path));
  return JSON.stringify({ size, mtimeMs });
}

/**
 * Records that the file was closed properly, so that it need not be examined in full when it is opened again.
 */
export function recordCleanClose(path: string): void {
  quietly(() => {
    writeFileSync(restFile(path), likeness(path), { mode: 0o600 });
  });
}

/**
 * Whether the file is unchanged since it was closed properly. Removes the record, because the file is being
 * opened.
 */
export function takeRest(path: string): boolean {
  let isSame = false;
  quietly(() => {
    isSame = existsSync(restFile(path)) && readFileSync(restFile(path), 'utf8') === likeness(path);
    rmSync(restFile(path), { force: true });
  });
  return isSame;
}

export function syncFile(path: string): void {
  const handle = openSync(path, 'r+');
  fsyncSync(handle);
  closeSync(handle);
}

/** These records only save time, so failing to write them, e.g. to a full disk, is not an error. */
function quietly(work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
  }
}
