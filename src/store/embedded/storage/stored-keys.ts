import { randomBytes } from 'node:crypto';
import { Binary } from 'bson';
import { KEY_FORMAT } from '../bson/key-string.js';
import { decodePlain, encode, isDoc, isTrue, toNumber, type Doc } from '../bson/values.js';
import type { Work } from '../work.js';
import { PackedKeys } from './packed-keys.js';
import type { RecordStore } from './record-store.js';
import type { SecondaryIndex } from './secondary-index.js';

/** A collection with fewer documents is read fast enough without stored keys. */
const WORTH_KEEPING = 10_000;
/** The keys are rewritten after this many changed documents or this share of all, whichever is more. */
const MANY_CHANGES = 5_000;
const MUCH_CHANGED = 0.25;
/** Pieces read between two pauses. */
const PIECES = 4;
/** Most pieces waiting to be written to disk. */
const MAX_WAITING = 64;
/** Free disk space required in addition to the keys, in bytes. */
const SPARE_BYTES = 256 * 1024 * 1024;

/** What is stored of a collection's indexes. */
interface StoredIndexes {
  readonly generation: string;
  readonly indexes: readonly StoredIndex[];
}

interface StoredIndex {
  readonly signature: string;
  readonly isMultikey: boolean;
  readonly pieces: number;
}

/** What a collection gets from its stored indexes. */
export interface LoadedKeys {
  /** Per index. */
  readonly entries: readonly (readonly PackedKeys[])[];
  readonly multikey: readonly boolean[];
  /** Documents written since, whose keys are not included. */
  readonly changed: ReadonlySet<number>;
}

interface TrackedCollection {
  /** The stored generation and the one being written. */
  generations: string[];
  changes: number;
  /** Which indexes are stored. */
  signatures: ReadonlySet<string>;
}

/** The parts of an index definition that determine its keys. */
export const signatureOf = ({ spec, collation: order }: SecondaryIndex): string => {
  const { key, collation, partialFilterExpression, sparse } = spec;
  const parts = { key, collation, partialFilterExpression, sparse: isTrue(sparse) };
  // An earlier release ignored some options of a collation.
  return encode(order ? { ...parts, order: order.id } : parts).toString('latin1');
};

/** The parts of a collection needed to store its keys. */
export interface IndexedCollection {
  readonly id: number;
  readonly size: number;
  readonly indexes: readonly SecondaryIndex[];
}

/**
 * Stores the index keys of large collections on disk, in sorted pieces, so that they can be loaded at startup
 * without reading the documents. Each commit also records the numbers of the documents it changes; stored
 * keys of those are skipped and computed from the documents. All of this is optional: whatever cannot be used
 * is read from the documents.
 *
 * A release without this feature may have written in the meantime without recording its changes. So each
 * commit also names the commit it followed; if the newest one does not, no stored keys are trusted.
 */
export class StoredKeys {
  readonly #tracked = new Map<number, TrackedCollection>();
  /**
   * Collections with a damaged document. Only reading their documents leaves it out, so their keys are not
   * stored.
   */
  readonly #damaged = new Set<number>();
  /** Names of stored keys that must not be used; removed from disk with the next commit. */
  #untrusted: string[] = [];
  readonly #run = randomBytes(4).toString('hex');
  #notes = 0;

  constructor(
    private readonly records: RecordStore,
    private readonly worthKeeping = WORTH_KEEPING,
  ) {
    records.beforeCommit = (places) => {
      this.#note(places);
    };
    records.onReplaced = () => {
      this.#sign();
    };
    records.onDamage = (id) => {
      this.#damaged.add(id);
      this.forget(id);
    };
    this.reload();
  }

  /** Reads again which collections have stored keys. */
  reload(): void {
    this.#tracked.clear();
    this.#untrusted = [];
    const isOurs = this.#isOurs();
    for (const { name, value } of this.records.namedRecords('kept')) {
      const stored = isOurs ? decodeHeader(value) : undefined;
      if (!stored) {
        this.#untrusted.push(name);
        continue;
      }
      const signatures = new Set(stored.indexes.map(({ signature }) => signature));
      this.#tracked.set(Number(name), { generations: [stored.generation], changes: 0, signatures });
    }
  }

  /** Whether the writer of the newest commit recorded its changes. */
  #isOurs(): boolean {
    const signed = this.records.oneNamed('writer', '');
    const { before } = this.records.headers();
    return signed !== undefined && before !== '' && decodePlain(signed).after === before;
  }

  /** Records in the next commit which one it follows. */
  #sign(): void {
    if (this.#tracked.size > 0)
      this.records.putNamed('writer', '', encode({ after: this.records.headers().newest }));
  }

  #note(places: Iterable<{ readonly collection: number; readonly rid: number }>): void {
    for (const name of this.#untrusted) this.records.removeNamed('kept', name);
    this.#untrusted = [];
    this.#sign();
    if (this.#tracked.size === 0) return;
    const changed = new Map<number, number[]>();
    for (const { collection, rid } of places) {
      if (!this.#tracked.has(collection)) continue;
      const rids = changed.get(collection) ?? [];
      rids.push(rid);
      changed.set(collection, rids);
    }
    for (const [id, rids] of changed) {
      const tracked = this.#tracked.get(id);
      if (!tracked) continue;
      tracked.changes += rids.length;
      this.#notes += 1;
      const bytes = Buffer.alloc(rids.length * 4);
      for (const [at, rid] of rids.entries()) bytes.writeUInt32LE(rid, at * 4);
      for (const generation of tracked.generations)
        this.records.putNamed(
          'changed',
          `${prefix(id, generation)}${this.#run}${hex(this.#notes)}`,
          encode({ r: new Binary(bytes) }),
        );
    }
  }

  /** The keys of all these indexes; `undefined` if they must be computed from the documents. */
  *load(id: number, indexes: readonly SecondaryIndex[]): Work<LoadedKeys | undefined> {
    if (this.records.readOnlyReason !== undefined || !this.#tracked.has(id)) return undefined;
    const header = this.records.oneNamed('kept', String(id));
    const stored = header && decodeHeader(header);
    const changed = stored && this.#changedSince(id, stored.generation);
    if (!stored || !changed) return undefined;
    const entries: PackedKeys[][] = [];
    const multikey: boolean[] = [];
    for (const index of indexes) {
      const signature = signatureOf(index);
      const at = stored.indexes.findIndex((other) => other.signature === signature);
      const match = stored.indexes[at];
      const pieces = match && (yield* this.#pieces(id, stored.generation, at, match.pieces, changed));
      if (!pieces) return undefined;
      entries.push(pieces);
      multikey.push(match.isMultikey);
    }
    const tracked = this.#tracked.get(id);
    if (tracked) tracked.changes = Math.max(tracked.changes, changed.size);
    return { entries, multikey, changed };
  }

  *#pieces(
    id: number,
    generation: string,
    index: number,
    count: number,
    changed: ReadonlySet<number>,
  ): Work<PackedKeys[] | undefined> {
    const out: PackedKeys[] = [];
    for (let piece = 0; piece < count; piece += 1) {
      const record = this.records.oneNamed('keys', pieceName(id, generation, index, piece));
      const bytes = record && binaryOf(decodePlain(record).k);
      if (!bytes) return undefined;
      const packed = new PackedKeys(bytes).without(changed);
      if (packed.length > 0) out.push(packed);
      if (piece % PIECES === 0) yield;
    }
    return out;
  }

  /** `undefined` if a record is damaged. */
  #changedSince(id: number, generation: string): Set<number> | undefined {
    const changed = new Set(this.records.pendingRids(id));
    for (const { value } of this.records.under('changed', prefix(id, generation))) {
      const bytes = value && binaryOf(decodePlain(value).r);
      if (!bytes) return undefined;
      for (let at = 0; at + 4 <= bytes.length; at += 4) changed.add(bytes.readUInt32LE(at));
    }
    return changed;
  }

  /** Whether a collection's keys should be written to disk, for the first time or again. */
  isDue({ id, size, indexes }: IndexedCollection): boolean {
    if (size < this.worthKeeping || this.#damaged.has(id)) return false;
    const tracked = this.#tracked.get(id);
    if (!tracked) return true;
    if (tracked.changes > Math.max(MANY_CHANGES, size * MUCH_CHANGED)) return true;
    return indexes.some((index) => index.isReady && !tracked.signatures.has(signatureOf(index)));
  }

  /** Writes the keys to disk while others read and write; `commit` starts a commit. */
  *write(collection: IndexedCollection, commit: () => void): Work<void> {
    const { id } = collection;
    const indexes = collection.indexes.filter(({ isReady }) => isReady);
    const bytes = indexes.reduce((sum, { entries }) => sum + entries.bytes, 0);
    if (!this.records.hasRoom(bytes * 2 + SPARE_BYTES)) return;
    const generation = randomBytes(4).toString('hex');
    const before = this.#tracked.get(id);
    const tracked: TrackedCollection = {
      generations: [...(before?.generations.slice(0, 1) ?? []), generation],
      changes: 0,
      signatures: new Set(indexes.map(signatureOf)),
    };
    this.#tracked.set(id, tracked);
    const written: StoredIndex[] = [];
    for (const [at, index] of indexes.entries()) {
      let pieces = 0;
      for (const packed of index.entries.pieces()) {
        const name = pieceName(id, generation, at, pieces);
        this.records.putNamed('keys', name, encode({ k: new Binary(packed.bytes) }));
        pieces += 1;
        yield;
        if (this.records.pending >= MAX_WAITING) commit();
        while (this.records.pending >= MAX_WAITING) yield 'wait';
        // The collection may have been dropped, or memory may have been reset to what is on disk.
        if (this.#tracked.get(id) !== tracked) return;
      }
      written.push({ signature: signatureOf(index), isMultikey: index.isMultikey, pieces });
    }
    tracked.generations = [generation];
    const header = {
      format: KEY_FORMAT,
      generation,
      indexes: written.map((index) => ({
        ...index,
        signature: new Binary(Buffer.from(index.signature, 'latin1')),
      })),
    };
    this.#untrusted = this.#untrusted.filter((name) => name !== String(id));
    this.records.putNamed('kept', String(id), encode(header));
    commit();
    while (this.#removeSome(id, MAX_WAITING, generation)) {
      commit();
      yield 'wait';
    }
  }

  /** Called when the collection is dropped or has a damaged document. */
  forget(id: number): void {
    if (this.#tracked.delete(id)) this.records.removeNamed('kept', String(id));
  }

  /** Removes part of what is stored of a dropped collection. Returns whether there was any. */
  remove(id: number, maximum: number): boolean {
    this.forget(id);
    return this.#removeSome(id, maximum);
  }

  #removeSome(id: number, maximum: number, except?: string): boolean {
    let removed = 0;
    for (const kind of ['keys', 'changed'] as const) {
      for (const { name } of this.records.under(kind, hex(id))) {
        if (except !== undefined && name.startsWith(prefix(id, except))) continue;
        if (this.records.isRemoved(kind, name)) continue;
        if (removed >= maximum) return true;
        this.records.removeNamed(kind, name);
        removed += 1;
      }
    }
    return removed > 0;
  }
}

const hex = (number: number): string => number.toString(16).padStart(8, '0');

const prefix = (id: number, generation: string): string => hex(id) + generation;

const pieceName = (id: number, generation: string, index: number, piece: number): string =>
  prefix(id, generation) + hex(index) + hex(piece);

const binaryOf = (value: unknown): Buffer | undefined => {
  if (!(value instanceof Binary)) return undefined;
  const { buffer, byteOffset } = value.buffer;
  return Buffer.from(buffer, byteOffset, value.position);
};

/** `undefined` for keys in a different format. */
function decodeHeader(header: Uint8Array): StoredIndexes | undefined {
  const { format, generation, indexes } = decodePlain(header);
  if (format !== KEY_FORMAT || typeof generation !== 'string' || !Array.isArray(indexes)) return undefined;
  return { generation, indexes: indexes.filter(isDoc).map(decodeIndex) };
}

const decodeIndex = ({ signature, isMultikey, pieces }: Doc): StoredIndex => ({
  signature: binaryOf(signature)?.toString('latin1') ?? '',
  isMultikey: isTrue(isMultikey),
  pieces: toNumber(pieces) ?? 0,
});
