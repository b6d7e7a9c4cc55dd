import { MongoCommandError } from '../errors.js';
import type { Environment, Write } from '../file/environment.js';
import { formatWrite } from '../file/format.js';
import { openEnvironment } from '../file/open-environment.js';
import { seal, unseal } from '../file/seal.js';
import { Batch, type Place } from './batch.js';
import { freeDiskBytes } from './disk-space.js';
import { documentKey, KIND, namedKey, placeOf, RID_LIMIT, type RecordKind } from './record-keys.js';

/**
 * A commit that would leave less free space than this is refused before it reaches lmdb, which can corrupt
 * its memory if the disk refuses a page during a commit. In bytes.
 */
const RESERVE_BYTES = 32 * 1024 * 1024;
/** The reserve that deletions must leave, so that a full store can still be emptied. In bytes. */
const DELETION_RESERVE_BYTES = 8 * 1024 * 1024;
/** What writes into free pages of the file must leave for lmdb's own bookkeeping. In bytes. */
const INSIDE_RESERVE_BYTES = 256 * 1024;
/** How long to wait for the reason of a failed commit, in ms. */
const REASON_LIMIT_MS = 1_000;
/** Estimate per record: a new page and half of a split neighbour. In bytes. */
const PAGES_PER_RECORD_BYTES = 2 * 4096;

export interface RecordStoreOptions {
  /** How much can still be written to disk, in bytes. */
  readonly freeBytes?: () => number;
  /** Receives reports of damage, as sentences. */
  readonly report?: (sentence: string) => void;
}

/**
 * Records on disk. Writes are collected and become durable together in `commit`, as one synced transaction in
 * lmdb's own thread; reads see them before that. Writes made during a commit are collected for the next one.
 * After a failed commit the disk is as it was before.
 */
export class RecordStore {
  #collected = new Batch();
  /** Being written to disk. */
  #written: Batch | undefined;

  /** True once lmdb reports that its environment is unusable and must be reopened. */
  isBroken = false;
  /** Incremented by every write, to tell whether a command has written anything. */
  revision = 0;
  /** Called with the collection of a damaged document. */
  onDamage: ((collection: number) => void) | undefined;
  /** Called with what a commit is about to change; records it writes become part of the commit. */
  beforeCommit: ((places: Iterable<Place>) => void) | undefined;
  /** Called after the file was replaced by a copy. */
  onReplaced: (() => void) | undefined;
  #hasRecordedFormat = false;
  /** Sealed documents, by their bytes. */
  readonly #prepared = new WeakMap<Uint8Array, Buffer>();

  private constructor(
    private readonly environment: Environment,
    private readonly options: Required<RecordStoreOptions>,
  ) {}

  /** Throws a `DamagedStoreError` if nothing of the folder's store can be read. */
  static async open(path: string, options: RecordStoreOptions = {}): Promise<RecordStore> {
    const all = { freeBytes: () => freeDiskBytes(path), report: () => undefined, ...options };
    return new RecordStore(await openEnvironment(path, all.report), all);
  }

  /** Why nothing can be written, as a sentence. */
  get readOnlyReason(): string | undefined {
    return this.environment.readOnlyReason;
  }

  /** Whether there is anything to commit, not counting a running commit. */
  get hasPending(): boolean {
    return this.#collected.size > 0;
  }

  /** Number of writes waiting for a commit. */
  get pending(): number {
    return this.#collected.size;
  }

  /** Whether this many more bytes can be written. */
  hasRoom(bytes: number): boolean {
    return this.options.freeBytes() >= bytes;
  }

  /** The record stored on disk under a name; `undefined` also if it is damaged. */
  oneNamed(kind: RecordKind, name: string): Uint8Array | undefined {
    const key = namedKey(kind, name);
    const record = this.environment.get(key);
    return record && unseal(key, record);
  }

  /** The records of a kind on disk whose names have this prefix; `undefined` for a damaged one. */
  *under(kind: RecordKind, prefix: string): Generator<{ name: string; value: Uint8Array | undefined }> {
    const range = [namedKey(kind, prefix), namedKey(kind, `${prefix}\xff`)] as const;
    for (const { key, value } of this.environment.range(...range))
      yield { name: Buffer.from(key).toString('latin1', 1), value: unseal(key, value) };
  }

  /** Whether a record's removal is pending. */
  isRemoved(kind: RecordKind, name: string): boolean {
    const id = `${KIND[kind]}${name}`;
    return [this.#collected, this.#written].some((batch) => batch?.namedRecords.get(id)?.value === null);
  }

  /** Documents of a collection with changes that are not on disk yet. */
  pendingRids(collection: number): number[] {
    const first = placeOf(collection, 0);
    return [...this.#pendingBetween(first, placeOf(collection + 1, 0)).keys()].map((place) => place - first);
  }

  document(place: number): Uint8Array | undefined {
    const pending = this.#pending(place);
    if (pending !== undefined) return pending ?? undefined;
    const key = documentKey(place);
    const record = this.environment.get(key);
    if (!record) return undefined;
    const bytes = unseal(key, record);
    if (bytes) return bytes;
    this.onDamage?.(Math.floor(place / RID_LIMIT));
    throw damaged(placeName(place));
  }

  #pending(place: number): Uint8Array | null | undefined {
    const collected = this.#collected.documents.get(place);
    return collected === undefined ? this.#written?.documents.get(place) : collected;
  }

  /** Computes the checksum of a document that will be put soon. */
  prepareDocument(place: number, bytes: Uint8Array): void {
    this.#prepared.set(bytes, seal(documentKey(place), bytes));
  }

  putDocument(place: number, bytes: Uint8Array): void {
    this.revision += 1;
    this.#collected.documents.set(place, bytes);
  }

  removeDocument(place: number): void {
    this.revision += 1;
    this.#collected.documents.set(place, null);
  }

  putNamed(kind: RecordKind, name: string, value: Uint8Array): void {
    this.revision += 1;
    this.#collected.namedRecords.set(`${KIND[kind]}${name}`, { key: namedKey(kind, name), value });
  }

  removeNamed(kind: RecordKind, name: string): void {
    this.revision += 1;
    this.#collected.namedRecords.set(`${KIND[kind]}${name}`, { key: namedKey(kind, name), value: null });
  }

  /**
   * The documents of a collection, in the order in which they were first written: all, or those with record
   * numbers from `from` up to, but not including, `to`.
   */
  *scan(collection: number, from = 0, to?: number): Generator<{ rid: number; bytes: Uint8Array }> {
    const first = placeOf(collection, 0);
    const [start, end] = [first + from, to === undefined ? placeOf(collection + 1, 0) : first + to];
    const pending = this.#pendingBetween(start, end);
    for (const { key, value } of this.environment.range(documentKey(start), documentKey(end))) {
      const rid = Buffer.from(key).readUIntBE(5, 6);
      const newer = pending.get(first + rid);
      pending.delete(first + rid);
      if (newer === null) continue;
      const bytes = newer ?? unseal(key, value);
      if (bytes) yield { rid, bytes };
      else
        this.options.report(
          `${placeName(first + rid)} is damaged and left out: its checksum does not match.`,
        );
    }
    // Record numbers only grow, so documents that are not on disk yet come last.
    const additions = [...pending].sort(([a], [b]) => a - b);
    for (const [place, bytes] of additions) if (bytes) yield { rid: place - first, bytes };
  }

  /** Removes some documents of a collection. Returns whether there were any. */
  removeDocuments(collection: number, maximum: number): boolean {
    const [first, end] = [placeOf(collection, 0), placeOf(collection + 1, 0)];
    for (const batch of [this.#written, this.#collected]) {
      for (const [place, bytes] of batch?.documents ?? []) {
        if (place >= first && place < end && bytes) this.removeDocument(place);
      }
    }
    let removed = 0;
    for (const { key } of this.environment.range(documentKey(first), documentKey(end))) {
      const place = first + Buffer.from(key).readUIntBE(5, 6);
      if (this.#pending(place) === null) continue;
      if (removed >= maximum) return true;
      this.removeDocument(place);
      removed += 1;
    }
    return removed > 0;
  }

  #pendingBetween(first: number, end: number): Map<number, Uint8Array | null> {
    const out = new Map<number, Uint8Array | null>();
    for (const batch of [this.#written, this.#collected]) {
      for (const [place, bytes] of batch?.documents ?? []) {
        if (place >= first && place < end) out.set(place, bytes);
      }
    }
    return out;
  }

  /** The records of a kind on disk. */
  *namedRecords(kind: RecordKind): Generator<{ name: string; value: Uint8Array }> {
    const range = { start: Buffer.from([KIND[kind]]), end: Buffer.from([KIND[kind] + 1]) };
    for (const { key, value } of this.environment.range(range.start, range.end)) {
      const name = Buffer.from(key).toString('latin1', 1);
      const bytes = unseal(key, value);
      if (bytes) yield { name, value: bytes };
      else
        this.options.report(
          `The record ${kind} ${name} is damaged and left out: its checksum does not match.`,
        );
    }
  }

  /**
   * Makes everything collected so far durable. Rejects if that fails and discards all of it, including writes
   * collected in the meantime, which may depend on it. Only one at a time. Rejects with `MongoCommandError`
   * 14031 if the disk is full, 96 if the store is read-only, 1 for other disk failures.
   */
  async commit(): Promise<void> {
    const batch = this.#collected;
    if (batch.size === 0) return;
    this.beforeCommit?.(batch.places());
    this.#collected = new Batch();
    this.#written = batch;
    try {
      this.#refuseFullDisk(batch);
      await this.environment.write(this.#withFormat(batch));
      // From here on reads see what is on disk now.
      this.environment.refresh();
      this.#written = undefined;
    } catch (error) {
      const failure = await this.#commitError(error);
      this.environment.refresh();
      this.#collected = new Batch();
      this.#written = undefined;
      throw failure;
    }
  }

  /**
   * The format is recorded with the first commit, so that just looking at an older release's store does not
   * change it.
   */
  *#withFormat(batch: Batch): Generator<Write> {
    yield* batch.writes(this.#prepared);
    const format = this.#hasRecordedFormat ? undefined : formatWrite(this.environment);
    if (format) yield format;
    this.#hasRecordedFormat = true;
  }

  /** Throws `MongoCommandError` 14031 if these values (null: deletions) might not fit on the disk. */
  #refuseFullDisk(batch: Batch): void {
    const reason = this.readOnlyReason;
    if (reason !== undefined) {
      throw new MongoCommandError(96, `the store is damaged and can only be read: ${reason}`);
    }
    let needed = 0;
    for (const value of batch.values()) needed += PAGES_PER_RECORD_BYTES + (value?.length ?? 0);
    const isDeletion = batch.onlyDeletes();
    const bytes = needed + (isDeletion ? DELETION_RESERVE_BYTES : RESERVE_BYTES);
    const free = this.options.freeBytes();
    if (free >= bytes) return;
    // Pages freed inside the file need no room on the disk.
    const inside = this.environment.bytes().free;
    if (inside >= needed * (isDeletion ? 1 : 2) + INSIDE_RESERVE_BYTES) return;
    throw new MongoCommandError(
      14031,
      `the disk is full, nothing was written: ${free} bytes are free and ${inside} inside the store's file, ${bytes} have to be`,
    );
  }

  async #commitError(error: unknown): Promise<MongoCommandError> {
    if (error instanceof MongoCommandError) return error;
    const reason = await reasonOf(error);
    this.isBroken ||= isPanic(reason);
    return commitError(reason, this.options.freeBytes() < RESERVE_BYTES);
  }

  /** Size of the file and of its free pages, in bytes. */
  bytes(): { readonly file: number; readonly free: number } {
    return this.environment.bytes();
  }

  /** Copies what is on disk now. */
  copyTo(path: string): Promise<void> {
    return this.environment.copyTo(path);
  }

  /** Replaces the file with a copy of it; nothing may be read or written in the meantime. */
  async replaceBy(copy: string): Promise<void> {
    await this.environment.replaceBy(copy);
    this.onReplaced?.();
  }

  /** What the file says about the newest commit and the one before it. */
  headers(): { readonly newest: string; readonly before: string } {
    return this.environment.headers();
  }

  async close(): Promise<void> {
    await this.environment.close();
  }
}

const placeName = (place: number): string =>
  `Document ${place % RID_LIMIT} of the collection number ${Math.floor(place / RID_LIMIT)}`;

const damaged = (what: string): MongoCommandError =>
  new MongoCommandError(96, `${what} is damaged: its checksum does not match. See \`sapa doctor\`.`);

/** lmdb reports the reason shortly after a commit has failed. */
async function reasonOf(error: unknown): Promise<unknown> {
  const later = error instanceof Error && 'commitError' in error ? error.commitError : undefined;
  if (!(later instanceof Promise)) return error;
  const soon = new Promise<unknown>((resolve) => setTimeout(resolve, REASON_LIMIT_MS, error));
  return Promise.race([later.catch((reason: unknown) => reason), soon]);
}

/** MDB_PANIC and MDB_CORRUPTED, recognised by their texts in mdb_strerror. */
const isPanic = (error: unknown): boolean =>
  error instanceof Error && /MDB_(PANIC|CORRUPTED|PAGE_NOTFOUND)/.test(error.message);

/** A disk that accepts only the beginning of a page is reported as an input/output error. */
function commitError(error: unknown, isDiskFull: boolean): MongoCommandError {
  const reason = error instanceof Error ? error.message : String(error);
  if (isDiskFull || /ENOSPC|No space|EFBIG|File too large|MAP_FULL|map.*full/i.test(reason)) {
    return new MongoCommandError(14031, `the disk is full, nothing was written: ${reason}`);
  }
  return new MongoCommandError(1, `the write could not be stored: ${reason}`);
}
