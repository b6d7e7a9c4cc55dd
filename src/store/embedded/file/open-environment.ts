import { chmodSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { open, type RootDatabase, type Transaction } from 'lmdb';
import { bestMeta, examine, storeExists, type Examination } from './examine.js';
import { dataFile, finishExchange, mark, recordCleanClose, syncFile, takeRest } from './folder.js';
import type { Environment, Write } from './environment.js';
import { FORMAT_KEY, refuseNewer } from './format.js';
import { PageError, PageFile, type MetaPage } from './page-file.js';
import { openSalvaged } from './salvage.js';
import { countFree } from './walk.js';

type Lmdb = RootDatabase<Buffer, Uint8Array>;

const openLmdb = (path: string): Lmdb =>
  open<Buffer, Uint8Array>({
    path,
    encoding: 'binary',
    keyEncoding: 'binary',
    // A commit returns only after its pages are on disk.
    overlappingSync: false,
    // Commits are already batched here, so there is nothing to wait for.
    eventTurnBatching: false,
    maxDbs: 1,
  });

/**
 * Opens the store of a folder after examining its file, because some kinds of damage make lmdb end the
 * process. The intact part of a damaged file can be read, but nothing is written. `report` receives what is
 * damaged, as sentences. Throws a `DamagedStoreError` if nothing can be read, a `NewerStoreError` if a newer
 * release wrote it.
 */
export async function openEnvironment(
  path: string,
  report: (sentence: string) => void,
): Promise<Environment> {
  finishExchange(path);
  if (!storeExists(path)) await makeFile(path);
  const { damage, isStructural } = look(path);
  const environment = isStructural
    ? openSalvaged(dataFile(path), damage.join(' '))
    : new LmdbEnvironment(path);
  try {
    refuseNewer(path, environment.get(FORMAT_KEY));
  } catch (error) {
    await environment.close();
    throw error;
  }
  for (const sentence of damage) report(sentence);
  if (isStructural)
    report('Only what is whole can be read, and nothing is written. Save it with `sapa store repair`.');
  mark(path);
  return environment;
}

/** A file that was closed properly and is unchanged since needs no thorough examination. */
function look(path: string): Examination {
  const examination = examine(dataFile(path), 'quick');
  if (takeRest(path) || examination.damage.length > 0) return examination;
  return examine(dataFile(path), 'pages');
}

/**
 * A new file gets its name only when it is complete, so that an empty one is never an interrupted creation.
 */
async function makeFile(path: string): Promise<void> {
  const beginning = join(path, 'beginning');
  rmSync(beginning, { recursive: true, force: true });
  mkdirSync(beginning, { recursive: true, mode: 0o700 });
  await openLmdb(beginning).close();
  renameSync(dataFile(beginning), dataFile(path));
  rmSync(beginning, { recursive: true, force: true });
}

class LmdbEnvironment implements Environment {
  readonly readOnlyReason = undefined;
  #lmdb: Lmdb;
  /** Kept from commit to commit: lmdb would begin a new one, with a timer to end it, in each turn. */
  #reading: Transaction | undefined;

  constructor(private readonly path: string) {
    this.#lmdb = openLmdb(path);
  }

  get(key: Buffer): Uint8Array | undefined {
    return this.#lmdb.get(key, { transaction: (this.#reading ??= this.#lmdb.useReadTransaction()) });
  }

  range(start: Buffer, end: Buffer): Iterable<{ key: Uint8Array; value: Uint8Array }> {
    return this.#lmdb.getRange({ start, end });
  }

  async write(writes: Iterable<Write>): Promise<void> {
    await this.#lmdb.batch(() => {
      for (const { key, value } of writes) {
        // The batch's own promise reports the outcome.
        if (value === null) void this.#lmdb.remove(key);
        else void this.#lmdb.put(key, Buffer.from(value.buffer, value.byteOffset, value.byteLength));
      }
    });
  }

  refresh(): void {
    this.#endReading();
    this.#lmdb.resetReadTxn();
  }

  #endReading(): void {
    this.#reading?.done();
    this.#reading = undefined;
  }

  /** lmdb copies into a folder; the file gets its name only when it is complete and on disk. */
  async copyTo(path: string): Promise<void> {
    const folder = `${path}.part`;
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    try {
      await this.#lmdb.backup(folder, true);
      syncFile(dataFile(folder));
      chmodSync(dataFile(folder), 0o600);
      renameSync(dataFile(folder), path);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  async replaceBy(copy: string): Promise<void> {
    this.#endReading();
    await this.#lmdb.close();
    try {
      renameSync(copy, dataFile(this.path));
    } finally {
      this.#lmdb = openLmdb(this.path);
    }
  }

  headers(): { newest: string; before: string } {
    const file = new PageFile(dataFile(this.path));
    try {
      const metas = file.metas().filter((meta): meta is MetaPage => !(meta instanceof PageError));
      const [newest = '', before = ''] = metas
        .sort((a, b) => b.transaction - a.transaction)
        .map((meta) => JSON.stringify(meta));
      return { newest, before };
    } finally {
      file.close();
    }
  }

  bytes(): { file: number; free: number } {
    const file = new PageFile(dataFile(this.path));
    try {
      const { meta } = bestMeta(file);
      return { file: file.bytes, free: meta ? countFree(file, meta) * meta.pageBytes : 0 };
    } finally {
      file.close();
    }
  }

  async close(): Promise<void> {
    this.#endReading();
    await this.#lmdb.close();
    if (existsSync(dataFile(this.path))) recordCleanClose(this.path);
  }
}
