import { MongoCommandError } from '../errors.js';
import type { Environment, Write } from '../file/environment.js';
import { formatWrite } from '../file/format.js';
import { openEnvironment } from '../file/open-environment.js';
import { DERIVED } from '../file/kinds.js';
import { seal, unseal } from '../file/seal.js';
import { freeDiskBytes } from './disk-space.js';

/** First byte of a key: what kind of record it names. */
const KIND = { catalog: 1, document: 2, session: 3, event: 4, dropped: 5, watch: 6, ...DERIVED } as const;

export type RecordKind = Exclude<keyof typeof KIND, 'document'>;

const DOCUMENT_KEY_BYTES = 11;
const RID_LIMIT = 2 ** 32;

/** A document's place: collection number and record number in one safe integer. */
export const placeOf = (collection: number, rid: number): number => collection * RID_LIMIT + rid;

function documentKey(place: number): Buffer {
  const key = Buffer.allocUnsafe(DOCUMENT_KEY_BYTES);
  key.writeUInt8(KIND.document, 0);
  key.writeUInt32BE(Math.floor(place / RID_LIMIT), 1);
  key.writeUIntBE(place % RID_LIMIT, 5, 6);
  return key;
}

const namedKey = (kind: RecordKind, name: string): Buffer =>
  Buffer.concat([Buffer.from([KIND[kind]]), Buffer.from(name, 'latin1')]);

/**
 * A commit that would leave less than this is refused before lmdb sees it: lmdb can damage its
 * memory when the disk refuses a page in the middle of a commit. Bytes.
 */
const RESERVE_BYTES = 32 * 1024 * 1024;
/** What deletions may use of the reserve, so that a full store can still be emptied. Bytes. */
const DELETION_RESERVE_BYTES = 8 * 1024 * 1024;
/** What writes inside the file leave for lmdb's own bookkeeping. Bytes. */
const INSIDE_RESERVE_BYTES = 256 * 1024;
/** How long the reason of a failed commit is waited for, milliseconds. */
const REASON_LIMIT_MS = 1_000;
/** A record that is written may need a new page and a half of its neighbours' page. Bytes. */
const PAGES_PER_RECORD_BYTES = 2 * 4096;

const sealed = (key: Buffer, value: Uint8Array | null): Write => ({
  key,
  value: value === null ? null : seal(key, value),
});

/** Small notes that are written when documents are deleted. */
const BESIDE_DELETIONS = new Set<number | undefined>([
  KIND.session,
  KIND.event,
  KIND.dropped,
  KIND.changed,
  KIND.writer,
]);

interface Place {
  readonly collection: number;
  readonly rid: number;
}

/** Writes that become durable together; null stands for a removal. */
class Batch {
  readonly documents = new Map<number, Uint8Array | null>();
  readonly namedRecords = new Map<string, { readonly key: Buffer; readonly value: Uint8Array | null }>();

  get size(): number {
    return this.documents.size + this.namedRecords.size;
  }

  /** Whether nothing is written but what deletions need. */
  onlyDeletes(): boolean {
    for (const value of this.documents.values()) if (value !== null) return false;
    for (const { key, value } of this.namedRecords.values())
      if (value !== null && !BESIDE_DELETIONS.has(key[0])) return false;
    return true;
  }

  *places(): Generator<Place> {
    for (const place of this.documents.keys())
      yield { collection: Math.floor(place / RID_LIMIT), rid: place % RID_LIMIT };
  }

  *writes(): Generator<Write> {
    for (const [place, value] of this.documents) yield sealed(documentKey(place), value);
    for (const { key, value } of this.namedRecords.values()) yield sealed(key, value);
  }

  *values(): Generator<Uint8Array | null> {
    yield* this.documents.values();
    for (const { value } of this.namedRecords.values()) yield value;
  }
}

export interface RecordStoreOptions {
  /** How much can still be written to the disk. */
  readonly freeBytes?: () => number;
  /** Told what is damaged, in sentences. */
  readonly report?: (sentence: string) => void;
}

/**
 * Records on disk. Writes are collected and become durable together in `commit`, one synced lmdb
 * transaction in a thread of lmdb's; until then reads see them. What is written meanwhile is
 * collected for the next one. After a failed commit the disk is as it was before it.
 */
export class RecordStore {
  #collected = new Batch();
  /** On its way to the disk. */
  #written: Batch | undefined;

  /** True once lmdb says that its environment can not be used any more: it has to be opened anew. */
  isBroken = false;
  /** Grows with every write: tells whether a command wrote anything. */
  revision = 0;
  /** Told in which collection a document is damaged. */
  onDamage: ((collection: number) => void) | undefined;
  /** Told what a commit is going to change; what it writes goes along. */
  beforeCommit: ((places: Iterable<Place>) => void) | undefined;
  /** Told that the file was replaced by a copy. */
  onReplaced: (() => void) | undefined;
  #tellsFormat = false;

  private constructor(
    private readonly environment: Environment,
    private readonly options: Required<RecordStoreOptions>,
  ) {}

  /** @throws DamagedStoreError when nothing of the folder's store can be read. */
  static async open(path: string, options: RecordStoreOptions = {}): Promise<RecordStore> {
    const all = { freeBytes: () => freeDiskBytes(path), report: () => undefined, ...options };
    return new RecordStore(await openEnvironment(path, all.report), all);
  }

  /** Why nothing can be written: a sentence. */
  get readOnlyReason(): string | undefined {
    return this.environment.readOnlyReason;
  }

  /** Whether there is something to commit, besides what a commit under way takes along. */
  get hasPending(): boolean {
    return this.#collected.size > 0;
  }

  /** How many writes wait for a commit. */
  get pending(): number {
    return this.#collected.size;
  }

  /** Whether so much more may be written. */
  hasRoom(bytes: number): boolean {
    return this.options.freeBytes() >= bytes;
  }

  /** What is on disk under a name; undefined also for a damaged record. */
  oneNamed(kind: RecordKind, name: string): Uint8Array | undefined {
    const key = namedKey(kind, name);
    const record = this.environment.get(key);
    return record && unseal(key, record);
  }

  /** What is on disk of a kind whose name begins so; undefined for a damaged record. */
  *under(kind: RecordKind, prefix: string): Generator<{ name: string; value: Uint8Array | undefined }> {
    const range = [namedKey(kind, prefix), namedKey(kind, `${prefix}\xff`)] as const;
    for (const { key, value } of this.environment.range(...range))
      yield { name: Buffer.from(key).toString('latin1', 1), value: unseal(key, value) };
  }

  /** Whether a record is about to leave the disk. */
  isRemoved(kind: RecordKind, name: string): boolean {
    const id = `${KIND[kind]}${name}`;
    return [this.#collected, this.#written].some((batch) => batch?.namedRecords.get(id)?.value === null);
  }

  /** Documents of a collection that are not on disk as they are. */
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

  /** All documents of a collection, in the order they were first written. */
  *scan(collection: number): Generator<{ rid: number; bytes: Uint8Array }> {
    const [first, end] = [placeOf(collection, 0), placeOf(collection + 1, 0)];
    const pending = this.#pendingBetween(first, end);
    for (const { key, value } of this.environment.range(documentKey(first), documentKey(end))) {
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
    // Record numbers only grow, so what is not on disk yet comes after what is.
    const additions = [...pending].sort(([a], [b]) => a - b);
    for (const [place, bytes] of additions) if (bytes) yield { rid: place - first, bytes };
  }

  /** Removes some documents of a collection. @returns whether there were any. */
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

  /** What is on disk of a kind. */
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
   * Makes everything collected so far durable, or rejects and forgets it all, with what was
   * collected meanwhile, which may be built on it. One at a time.
   * @throws MongoCommandError 14031 when the disk is full, 1 for other failures of the disk.
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
      // Reads go on from what is on disk now.
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

  /** The first commit says how the store is kept from now on: an older release's store may be looked at. */
  *#withFormat(batch: Batch): Generator<Write> {
    yield* batch.writes();
    const format = this.#tellsFormat ? undefined : formatWrite(this.environment);
    if (format) yield format;
    this.#tellsFormat = true;
  }

  /** @throws MongoCommandError 14031 when the disk may not take these values (null: deletions). */
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
    // Pages that deletions freed inside the file need no room on the disk.
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

  /** Bytes of the file, and of those the free ones. */
  bytes(): { readonly file: number; readonly free: number } {
    return this.environment.bytes();
  }

  /** Writes a copy of what is on disk now. */
  copyTo(path: string): Promise<void> {
    return this.environment.copyTo(path);
  }

  /** Replaces the file by a copy of it; nothing may be read or written meanwhile. */
  async replaceBy(copy: string): Promise<void> {
    await this.environment.replaceBy(copy);
    this.onReplaced?.();
  }

  /** What the file says of the newest commit and of the one before it. */
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

/** lmdb tells why a commit failed a moment after it failed. */
async function reasonOf(error: unknown): Promise<unknown> {
  const later = error instanceof Error && 'commitError' in error ? error.commitError : undefined;
  if (!(later instanceof Promise)) return error;
  const soon = new Promise<unknown>((resolve) => setTimeout(resolve, REASON_LIMIT_MS, error));
  return Promise.race([later.catch((reason: unknown) => reason), soon]);
}

/** MDB_PANIC and MDB_CORRUPTED, by their texts in mdb_strerror. */
const isPanic = (error: unknown): boolean =>
  error instanceof Error && /MDB_(PANIC|CORRUPTED|PAGE_NOTFOUND)/.test(error.message);

/** A disk that took only the beginning of a page is reported as an input/output error. */
function commitError(error: unknown, isDiskFull: boolean): MongoCommandError {
  const reason = error instanceof Error ? error.message : String(error);
  if (isDiskFull || /ENOSPC|No space|EFBIG|File too large|MAP_FULL|map.*full/i.test(reason)) {
    return new MongoCommandError(14031, `the disk is full, nothing was written: ${reason}`);
  }
  return new MongoCommandError(1, `the write could not be stored: ${reason}`);
}
