import { open, type RootDatabase } from 'lmdb';
import { MongoCommandError } from '../errors.js';
import { freeDiskBytes } from './disk-space.js';

/** First byte of a key: what kind of record it names. */
const KIND = { catalog: 1, document: 2, session: 3, event: 4 } as const;

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
/** A record that is written may need a new page and a half of its neighbours' page. Bytes. */
const PAGES_PER_RECORD_BYTES = 2 * 4096;

/**
 * Records on disk. Writes are collected and become durable together in `commit`, one synced lmdb
 * transaction; until then reads see them. A failed commit leaves the disk as it was before them.
 */
export class RecordStore {
  readonly #env: RootDatabase<Buffer, Uint8Array>;
  #documents = new Map<number, Uint8Array | null>();
  #named = new Map<string, { key: Buffer; value: Uint8Array | null }>();

  /** True once lmdb says that its environment can not be used any more: it has to be opened anew. */
  isBroken = false;
  /** Grows with every write: tells whether a command wrote anything. */
  revision = 0;

  /** `freeBytes` tells how much can still be written to the disk. */
  constructor(
    path: string,
    private readonly freeBytes: () => number = () => freeDiskBytes(path),
  ) {
    this.#env = openEnvironment(path);
  }

  get hasPending(): boolean {
    return this.#documents.size > 0 || this.#named.size > 0;
  }

  document(place: number): Uint8Array | undefined {
    const pending = this.#documents.get(place);
    if (pending !== undefined) return pending ?? undefined;
    return this.#env.getBinary(documentKey(place));
  }

  putDocument(place: number, bytes: Uint8Array): void {
    this.revision += 1;
    this.#documents.set(place, bytes);
  }

  removeDocument(place: number): void {
    this.revision += 1;
    this.#documents.set(place, null);
  }

  putNamed(kind: RecordKind, name: string, value: Uint8Array): void {
    this.revision += 1;
    this.#named.set(`${KIND[kind]}${name}`, { key: namedKey(kind, name), value });
  }

  removeNamed(kind: RecordKind, name: string): void {
    this.revision += 1;
    this.#named.set(`${KIND[kind]}${name}`, { key: namedKey(kind, name), value: null });
  }

  /** All committed documents of a collection, in the order they were first written. */
  *scan(collection: number): Generator<{ rid: number; bytes: Uint8Array }> {
    const range = {
      start: documentKey(placeOf(collection, 0)),
      end: documentKey(placeOf(collection + 1, 0)),
    };
    for (const { key, value } of this.#env.getRange(range)) {
      yield { rid: Buffer.from(key).readUIntBE(5, 6), bytes: value };
    }
  }

  *named(kind: RecordKind): Generator<{ name: string; value: Uint8Array }> {
    const range = { start: Buffer.from([KIND[kind]]), end: Buffer.from([KIND[kind] + 1]) };
    for (const { key, value } of this.#env.getRange(range)) {
      yield { name: Buffer.from(key).toString('latin1', 1), value };
    }
  }

  /**
   * Makes everything collected so far durable, or throws and forgets it all.
   * @throws MongoCommandError 14031 when the disk is full, 1 for other failures of the disk.
   */
  commit(): void {
    const documents = this.#documents;
    const named = this.#named;
    this.#documents = new Map();
    this.#named = new Map();
    if (documents.size + named.size === 0) return;
    this.#refuseFullDisk([...documents.values(), ...[...named.values()].map(({ value }) => value)]);
    try {
      this.#env.transactionSync(() => {
        for (const [place, bytes] of documents) this.#write(documentKey(place), bytes);
        for (const { key, value } of named.values()) this.#write(key, value);
      });
    } catch (error) {
      this.isBroken ||= isPanic(error);
      throw commitError(error, this.freeBytes() < RESERVE_BYTES);
    }
  }

  /** @throws MongoCommandError 14031 when the disk may not take these values (null: deletions). */
  #refuseFullDisk(values: readonly (Uint8Array | null)[]): void {
    const isDeletion = values.every((value) => value === null);
    let bytes = isDeletion ? DELETION_RESERVE_BYTES : RESERVE_BYTES;
    for (const value of values) bytes += PAGES_PER_RECORD_BYTES + (value?.length ?? 0);
    const free = this.freeBytes();
    if (free >= bytes) return;
    throw new MongoCommandError(
      14031,
      `the disk is full, nothing was written: ${free} bytes are free, ${bytes} have to be`,
    );
  }

  #write(key: Buffer, value: Uint8Array | null): void {
    if (value === null) void this.#env.remove(key);
    else void this.#env.put(key, Buffer.from(value.buffer, value.byteOffset, value.byteLength));
  }

  async close(): Promise<void> {
    await this.#env.close();
  }
}

function openEnvironment(path: string): RootDatabase<Buffer, Uint8Array> {
  return open<Buffer, Uint8Array>({
    path,
    encoding: 'binary',
    keyEncoding: 'binary',
    // A commit returns after its pages are on the disk, not before.
    overlappingSync: false,
    maxDbs: 1,
  });
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
