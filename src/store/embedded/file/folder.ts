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

/** The files of a store's folder. */
export const dataFile = (path: string): string => join(path, 'data.mdb');
/** Written once there is a store: from then on its file may be neither missing nor empty. */
const markFile = (path: string): string => join(path, 'store.json');
/** What the data file was like when it was closed in peace. */
const restFile = (path: string): string => join(path, 'at-rest.json');

/** Where a repair and a restore put together what takes the store's place. */
export const repairedFolder = (path: string): string => `${path}-repaired`;
export const restoredFolder = (path: string): string => `${path}-restored`;

/**
 * A repair or restore first moves the store away, then puts the new one there. One that was cut off
 * between the two is brought to its end.
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

/** Notes that the file was closed in peace; nothing has to be looked through when it is opened again. */
export function noteRest(path: string): void {
  quietly(() => {
    writeFileSync(restFile(path), likeness(path), { mode: 0o600 });
  });
}

/** Whether nobody touched the file since it was closed in peace. Forgets it: it is opened now. */
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

/** These notes only save time: a disk that takes none, because it is full, must stop nobody. */
function quietly(work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
  }
}
