import { Binary, Long } from 'bson';
import { decodeTyped, encode, isDoc, type Doc } from '../bson/values.js';
import type { RecordStore } from '../storage/record-store.js';
import type { WriteIdentity } from './retryable-writes.js';

/** An event of a document or collection, with everything change streams report about it. */
export interface LoggedEvent {
  readonly time: bigint;
  readonly at: Date;
  readonly operation: 'insert' | 'update' | 'replace' | 'delete' | 'drop' | 'rename' | 'dropDatabase';
  readonly database: string;
  readonly collection: string | undefined;
  readonly before: Uint8Array | undefined;
  readonly after: Uint8Array | undefined;
  /** The paths an update's operators changed; `undefined` for any other change. */
  readonly paths: readonly string[] | undefined;
  /** Whether the collection keeps document images for change streams. */
  readonly hasImages: boolean;
  readonly to: { readonly database: string; readonly collection: string } | undefined;
  /** The transaction it is part of. */
  readonly transaction: WriteIdentity | undefined;
}

/** What a stream watches: a collection, a database or everything. */
export interface Scope {
  readonly database: string | undefined;
  readonly collection: string | undefined;
}

/** How long events of a watched scope are kept, in ms. */
const KEPT_MS = 24 * 60 * 60_000;
const KEPT_EVENTS = 20_000;
const KEPT_BYTES = 64 * 1024 * 1024;
/** How often it is recorded that a scope is still being watched, in ms. */
const NOTE_MS = 60_000;

interface Watch {
  /** The time from which all its events have been kept. */
  readonly since: bigint;
  seenAt: number;
}

interface Entry {
  readonly time: bigint;
  readonly at: number;
  readonly bytes: number;
}

/**
 * The events of watched scopes, stored on disk in the same commit as the change itself, so that a stream can
 * resume after a restart. Unwatched events are not kept, as that would double every write.
 */
export class EventLog {
  readonly #watched = new Map<string, Watch>();
  #entries: Entry[] = [];
  #bytes = 0;
  /** Events up to this time may no longer exist. */
  #forgottenUpTo = 0n;

  constructor(
    private readonly records: RecordStore,
    private readonly now: () => Date,
  ) {
    this.reload();
  }

  reload(): void {
    this.#watched.clear();
    this.#entries = [];
    this.#bytes = 0;
    for (const { name, value } of this.records.namedRecords('watch')) {
      const { since, seenAt } = decodeTyped(value);
      if (typeof since === 'string' && seenAt instanceof Date) {
        this.#watched.set(name, { since: BigInt(`0x${since}`), seenAt: seenAt.getTime() });
      }
    }
    for (const { name, value } of this.records.namedRecords('event')) {
      const { at } = decodeTyped(value);
      this.#note({
        time: BigInt(`0x${name}`),
        at: at instanceof Date ? at.getTime() : 0,
        bytes: value.length,
      });
    }
  }

  #note(entry: Entry): void {
    this.#entries.push(entry);
    this.#bytes += entry.bytes;
  }

  get newest(): bigint {
    return this.#entries.at(-1)?.time ?? 0n;
  }

  /** Keeps the events of this scope from now on. */
  watch(scope: Scope, time: bigint): void {
    const name = nameOf(scope);
    const now = this.now().getTime();
    const previous = this.#watched.get(name);
    if (previous && now - previous.seenAt < NOTE_MS) return;
    const since = previous?.since ?? time;
    this.#watched.set(name, { since, seenAt: now });
    this.records.putNamed('watch', name, encode({ since: hex(since), seenAt: new Date(now) }));
  }

  /** Adds an event to the commit being built if it is being watched. */
  add(event: LoggedEvent): void {
    if (this.#watched.size === 0 || !this.#isWatched(event)) return;
    const { before, after, paths, to, collection, transaction } = event;
    const value = encode({
      at: event.at,
      operation: event.operation,
      database: event.database,
      ...(collection === undefined ? {} : { collection }),
      ...(before ? { before: new Binary(before) } : {}),
      ...(after ? { after: new Binary(after) } : {}),
      ...(paths ? { paths } : {}),
      ...(to ? { to } : {}),
      ...(transaction
        ? { session: transaction.session, transaction: Long.fromBigInt(transaction.number) }
        : {}),
      hasImages: event.hasImages,
    });
    this.records.putNamed('event', hex(event.time), value);
    this.#note({ time: event.time, at: event.at.getTime(), bytes: value.length });
  }

  #isWatched({ database, collection }: LoggedEvent): boolean {
    return (
      this.#watched.has('') ||
      this.#watched.has(nameOf({ database, collection: undefined })) ||
      (collection !== undefined && this.#watched.has(nameOf({ database, collection })))
    );
  }

  /** The time from which all events of a scope have been kept; `undefined` if it is not watched. */
  keptSince({ database, collection }: Scope): bigint | undefined {
    const names = ['', nameOf({ database, collection: undefined }), nameOf({ database, collection })];
    const since = names.flatMap((name) => this.#watched.get(name)?.since ?? []);
    const [first] = since.sort((a, b) => (a < b ? -1 : 1));
    return first === undefined ? undefined : first > this.#forgottenUpTo ? first : this.#forgottenUpTo;
  }

  /** The events after a time, in order. */
  *after(time: bigint): Generator<LoggedEvent> {
    for (const { name, value } of this.records.namedRecords('event')) {
      const at = BigInt(`0x${name}`);
      if (at > time) yield eventOf(at, decodeTyped(value));
    }
  }

  /** Removes events that are too old or too many, and watches that are no longer read. */
  tidy(): void {
    const now = this.now().getTime();
    for (const [name, { seenAt }] of this.#watched) {
      if (now - seenAt <= KEPT_MS) continue;
      this.#watched.delete(name);
      this.records.removeNamed('watch', name);
    }
    let expiredCount = 0;
    for (const entry of this.#entries) {
      const isOver = this.#entries.length - expiredCount > KEPT_EVENTS || this.#bytes > KEPT_BYTES;
      if (!isOver && now - entry.at <= KEPT_MS) break;
      this.records.removeNamed('event', hex(entry.time));
      this.#bytes -= entry.bytes;
      this.#forgottenUpTo = entry.time;
      expiredCount += 1;
    }
    this.#entries.splice(0, expiredCount);
  }
}

export const hex = (time: bigint): string => time.toString(16).padStart(16, '0');

const nameOf = ({ database, collection }: Scope): string =>
  database === undefined ? '' : Buffer.from(`${database}\0${collection ?? ''}`, 'utf8').toString('hex');

const bytesOf = (value: unknown): Uint8Array | undefined =>
  value instanceof Binary ? value.buffer : undefined;

function eventOf(
  time: bigint,
  { at, operation, database, collection, before, after, paths, to, hasImages, session, transaction }: Doc,
): LoggedEvent {
  return {
    time,
    at: at instanceof Date ? at : new Date(0),
    operation: operation as LoggedEvent['operation'],
    database: String(database),
    collection: typeof collection === 'string' ? collection : undefined,
    before: bytesOf(before),
    after: bytesOf(after),
    paths: Array.isArray(paths) ? paths.map(String) : undefined,
    hasImages: hasImages === true,
    to: isDoc(to) ? { database: String(to.database), collection: String(to.collection) } : undefined,
    transaction:
      typeof session === 'string' && transaction instanceof Long
        ? { session, number: transaction.toBigInt() }
        : undefined,
  };
}
