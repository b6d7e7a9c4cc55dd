import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { MongoCommandError } from '../errors.js';
import { examine } from '../file/examine.js';
import { dataFile } from '../file/folder.js';
import { freeDiskBytes } from '../storage/disk-space.js';
import type { RecordStore } from '../storage/record-store.js';

/** Where copies of the whole store go and how many are kept. */
export interface BackupOptions {
  readonly folder: string;
  readonly kept: number;
}

export interface UpkeepOptions {
  /** Folder of the store. */
  readonly path: string;
  readonly backups: BackupOptions | undefined;
  readonly records: RecordStore;
  now(): Date;
  /** Removes the remains of dropped collections. */
  settle(): Promise<void>;
  /** Runs work while nothing is being committed. */
  whileHeld<Result>(work: () => Promise<Result>): Promise<Result>;
  /** Runs work while no command is running. */
  whilePaused(work: () => Promise<void>): Promise<void>;
  report(level: 'info' | 'error', sentence: string): void;
}

const MEGABYTE = 1024 * 1024;
/** Free space that is released automatically: at least this many bytes, and at least half of the file. */
const MUCH_FREE_BYTES = 64 * MEGABYTE;
/** Space a copy must leave free on the disk, in bytes. */
const SPARE_BYTES = 256 * MEGABYTE;
/** How often free pages are counted, in ms. */
const LOOK_MS = 10 * 60_000;
const BACKUP_NAME = /^store-\d{4}-\d{2}-\d{2}\.mdb$/;

/** Makes the daily copy of the store and returns free space to the disk. */
export class Upkeep {
  #running: Promise<unknown> | undefined;
  #lookedAt = 0;
  /** The day whose copy has been made or has failed. */
  #doneDay: string | undefined;

  constructor(private readonly options: UpkeepOptions) {}

  /** To be called regularly: starts what is due without waiting for it. */
  tick(): void {
    if (this.#running || this.options.records.readOnlyReason !== undefined) return;
    const { records, backups } = this.options;
    const now = this.options.now();
    if (backups && backups.kept > 0 && this.#isDue(backups, now)) {
      this.#begin('the daily copy of the store was not made', () => this.#backUp(backups, now));
    } else if (now.getTime() - this.#lookedAt >= LOOK_MS) {
      this.#lookedAt = now.getTime();
      const { file, free } = records.bytes();
      if (free < MUCH_FREE_BYTES || free * 2 < file) return;
      this.#begin('the store did not give space back', () => this.compact());
    }
  }

  #begin(failure: string, work: () => Promise<unknown>): void {
    const report = (error: unknown): void => {
      this.options.report('error', `${failure}: ${error instanceof Error ? error.message : String(error)}`);
    };
    this.#running = work()
      .catch(report)
      .finally(() => {
        this.#running = undefined;
      });
  }

  #isDue({ folder }: BackupOptions, now: Date): boolean {
    const day = dayOf(now);
    if (this.#doneDay === day) return false;
    const [newest] = backupsIn(folder);
    return newest === undefined || newest < `store-${day}.mdb`;
  }

  async #backUp({ folder, kept }: BackupOptions, now: Date): Promise<void> {
    this.#doneDay = dayOf(now);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.#refuseLittleRoom(folder);
    await this.options.records.copyTo(join(folder, `store-${dayOf(now)}.mdb`));
    for (const old of backupsIn(folder).slice(kept)) rmSync(join(folder, old), { force: true });
  }

  #refuseLittleRoom(folder: string): void {
    const { file, free } = this.options.records.bytes();
    const needed = file - free + SPARE_BYTES;
    const room = freeDiskBytes(folder);
    if (room >= needed) return;
    throw new MongoCommandError(14031, `${room} bytes are free on the disk, a copy needs ${needed}`);
  }

  /** Rewrites the store without its free pages. Returns the size of the file before and after, in bytes. */
  async compact(): Promise<{ before: number; after: number }> {
    const { records, path } = this.options;
    const before = records.bytes().file;
    const copy = join(path, 'compacted.mdb');
    rmSync(copy, { force: true });
    this.#refuseLittleRoom(path);
    await this.options.settle();
    await this.options.whileHeld(async () => {
      await records.copyTo(copy);
      const old = examine(dataFile(path), 'quick');
      const result = examine(copy, 'quick');
      if (result.damage.length > 0 || result.meta.entries !== old.meta.entries) {
        throw new MongoCommandError(96, 'the copy is not whole; the store stays as it is');
      }
      await this.options.whilePaused(() => records.replaceBy(copy));
    });
    const after = records.bytes().file;
    this.options.report('info', `the store gave ${before - after} bytes back to the disk`);
    return { before, after };
  }

  /** Waits for work in progress. */
  async close(): Promise<void> {
    await this.#running;
  }
}

const dayOf = (now: Date): string => now.toISOString().slice(0, 10);

/** Newest first. */
function backupsIn(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => BACKUP_NAME.test(name))
      .sort()
      .reverse();
  } catch {
    // The folder does not exist yet.
    return [];
  }
}
