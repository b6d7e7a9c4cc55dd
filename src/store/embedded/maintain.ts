import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Ownership } from './election/ownership.js';
import { probe } from './election/probe.js';
import { makePrivateFolder, socketPathFor } from './election/socket-path.js';
import { examine, storeExists, type Examination } from './file/examine.js';
import { dataFile } from './file/folder.js';
import { UnreadableStoreError } from './file/unreadable.js';

/** Thrown for work that needs a store's files to itself. */
export class StoreInUseError extends Error {
  constructor() {
    super('the store is in use by a running process');
    this.name = 'StoreInUseError';
  }
}

const storeFolder = (dataDir: string): string => join(dataDir, 'store');

/** Throws a `StoreInUseError` if a process is serving the store. */
export async function withStoreAlone<Result>(
  dataDir: string,
  work: (path: string) => Result | Promise<Result>,
): Promise<Result> {
  makePrivateFolder(dataDir);
  const owner = join(dataDir, 'store-owner');
  makePrivateFolder(owner);
  const served = await probe(socketPathFor(dataDir));
  served?.destroy();
  const ownership = new Ownership(owner, randomUUID());
  try {
    if (!ownership.claim(served !== undefined)) throw new StoreInUseError();
    try {
      return await work(storeFolder(dataDir));
    } finally {
      ownership.release();
    }
  } finally {
    await ownership.close();
  }
}

/** A store being written to may appear damaged, so it is examined up to this many times. */
const TRIES = 4;

/**
 * Reads everything in the folder's store, even while a process serves it, without changing anything.
 * `undefined`: there is no store yet. Throws an `UnreadableStoreError` if nothing can be read.
 */
export async function examineStore(dataDir: string): Promise<Examination | undefined> {
  const path = storeFolder(dataDir);
  if (!existsSync(path) || !storeExists(path)) return undefined;
  for (let tries = 1; ; tries += 1) {
    const result = attempt(path);
    if (result.type === 'found' && result.examination.damage.length === 0) return result.examination;
    if (tries < TRIES) await new Promise((resolve) => setTimeout(resolve, tries * 50));
    else if (result.type === 'found') return result.examination;
    else throw result.error;
  }
}

type Attempt =
  | { readonly type: 'found'; readonly examination: Examination }
  | { readonly type: 'unreadable'; readonly error: UnreadableStoreError };

function attempt(path: string): Attempt {
  try {
    return { type: 'found', examination: examine(dataFile(path), 'records') };
  } catch (error) {
    if (error instanceof UnreadableStoreError) return { type: 'unreadable', error };
    throw error;
  }
}
