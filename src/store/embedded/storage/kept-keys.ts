import { randomBytes } from 'node:crypto';
import { Binary } from 'bson';
import { KEY_FORMAT } from '../bson/key-string.js';
import { decodePlain, encode, isDoc, isTrue, toNumber, type Doc } from '../bson/values.js';
import type { Work } from '../work.js';
import { PackedKeys } from './packed-keys.js';
import type { RecordStore } from './record-store.js';
import type { SecondaryIndex } from './secondary-index.js';

/** A collection of fewer documents is read in no time. */
const WORTH_KEEPING = 10_000;
/** Changed documents after which the keys are kept anew: so many, and a part of all. */
const MANY_CHANGES = 5_000;
const MUCH_CHANGED = 0.25;
/** Pieces between two pauses while they are read. */
const PIECES = 4;
/** Pieces that wait for the disk at most. */
const MAX_WAITING = 64;
/** What has to be free on the disk beside the keys, bytes. */
const SPARE_BYTES = 256 * 1024 * 1024;

/** What is kept of a collection's indexes. */
interface Kept {
  readonly generation: string;
  readonly indexes: readonly KeptIndex[];
}

interface KeptIndex {
  readonly signature: string;
  readonly isMultikey: boolean;
  readonly pieces: number;
}

/** What a collection finds of its indexes. */
export interface LoadedKeys {
  /** By index. */
  readonly entries: readonly (readonly PackedKeys[])[];
  readonly multikey: readonly boolean[];
  /** Documents that were written since, whose keys are not among these. */
  readonly changed: ReadonlySet<number>;
}

interface Tracked {
  /** What is kept, and what is being written. */
  generations: string[];
  changes: number;
  /** Which indexes are kept. */
  signatures: ReadonlySet<string>;
}

/** What of an index decides about its keys. */
export const signatureOf = ({ spec }: SecondaryIndex): string => {
  const { key, collation, partialFilterExpression, sparse } = spec;
  return encode({ key, collation, partialFilterExpression, sparse: isTrue(sparse) }).toString('latin1');
};

/** A collection as far as its keys are kept. */
export interface Keeping {
  readonly id: number;
  readonly size: number;
  readonly indexes: readonly SecondaryIndex[];
}

/**
 * The index keys of large collections on the disk, in sorted pieces, so that they are read after a start
 * without reading the documents. With each commit the numbers of the documents that it changes are noted:
 * keys of those are left out and made from the documents. Nothing here is needed: what can not be used is
 * read from the documents.
 *
 * A release that knows nothing of all this may have written meanwhile, and noted nothing. So each commit
 * also says which one it followed: when the newest one does not, no kept key is believed.
 */
export class KeptKeys {
  readonly #tracked = new Map<number, Tracked>();
  /** Collections with a damaged document: read anew, they leave it out. */
  readonly #damaged = new Set<number>();
  /** Names of what is kept and may not be used, and leaves the disk with the next commit. */
  #unbelieved: string[] = [];
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

  /** Reads again which collections have kept keys. */
  reload(): void {
    this.#tracked.clear();
    this.#unbelieved = [];
    const isOurs = this.#isOurs();
    for (const { name, value } of this.records.namedRecords('kept')) {
      const kept = isOurs ? keptOf(value) : undefined;
      if (!kept) {
        this.#unbelieved.push(name);
        continue;
      }
      const signatures = new Set(kept.indexes.map(({ signature }) => signature));
      this.#tracked.set(Number(name), { generations: [kept.generation], changes: 0, signatures });
    }
  }

  /** Whether whoever wrote the newest commit noted its changes. */
  #isOurs(): boolean {
    const signed = this.records.oneNamed('writer', '');
    const { before } = this.records.headers();
    return signed !== undefined && before !== '' && decodePlain(signed).after === before;
  }

  /** The next commit says which one it follows. */
  #sign(): void {
    if (this.#tracked.size > 0)
      this.records.putNamed('writer', '', encode({ after: this.records.headers().newest }));
  }

  #note(places: Iterable<{ readonly collection: number; readonly rid: number }>): void {
    for (const name of this.#unbelieved) this.records.removeNamed('kept', name);
    this.#unbelieved = [];
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

  /** The keys of all these indexes; undefined when they have to be made from the documents. */
  *load(id: number, indexes: readonly SecondaryIndex[]): Work<LoadedKeys | undefined> {
    if (this.records.readOnlyReason !== undefined || !this.#tracked.has(id)) return undefined;
    const header = this.records.oneNamed('kept', String(id));
    const kept = header && keptOf(header);
    const changed = kept && this.#changedSince(id, kept.generation);
    if (!kept || !changed) return undefined;
    const entries: PackedKeys[][] = [];
    const multikey: boolean[] = [];
    for (const index of indexes) {
      const signature = signatureOf(index);
      const at = kept.indexes.findIndex((other) => other.signature === signature);
      const found = kept.indexes[at];
      const pieces = found && (yield* this.#pieces(id, kept.generation, at, found.pieces, changed));
      if (!pieces) return undefined;
      entries.push(pieces);
      multikey.push(found.isMultikey);
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

  /** Undefined when a note is damaged. */
  #changedSince(id: number, generation: string): Set<number> | undefined {
    const changed = new Set(this.records.pendingRids(id));
    for (const { value } of this.records.under('changed', prefix(id, generation))) {
      const bytes = value && binaryOf(decodePlain(value).r);
      if (!bytes) return undefined;
      for (let at = 0; at + 4 <= bytes.length; at += 4) changed.add(bytes.readUInt32LE(at));
    }
    return changed;
  }

  /** Whether the keys of a collection should be written to the disk, or anew. */
  isDue({ id, size, indexes }: Keeping): boolean {
    if (size < this.worthKeeping || this.#damaged.has(id)) return false;
    const tracked = this.#tracked.get(id);
    if (!tracked) return true;
    if (tracked.changes > Math.max(MANY_CHANGES, size * MUCH_CHANGED)) return true;
    return indexes.some((index) => index.isReady && !tracked.signatures.has(signatureOf(index)));
  }

  /** Writes the keys to the disk while others read and write; `commit` begins a commit. */
  *keep(collection: Keeping, commit: () => void): Work<void> {
    const { id } = collection;
    const indexes = collection.indexes.filter(({ isReady }) => isReady);
    const bytes = indexes.reduce((sum, { entries }) => sum + entries.bytes, 0);
    if (!this.records.hasRoom(bytes * 2 + SPARE_BYTES)) return;
    const generation = randomBytes(4).toString('hex');
    const before = this.#tracked.get(id);
    const tracked: Tracked = {
      generations: [...(before?.generations.slice(0, 1) ?? []), generation],
      changes: 0,
      signatures: new Set(indexes.map(signatureOf)),
    };
    this.#tracked.set(id, tracked);
    const kept: KeptIndex[] = [];
    for (const [at, index] of indexes.entries()) {
      let pieces = 0;
      for (const packed of index.entries.pieces()) {
        const name = pieceName(id, generation, at, pieces);
        this.records.putNamed('keys', name, encode({ k: new Binary(packed.bytes) }));
        pieces += 1;
        yield;
        if (this.records.pending >= MAX_WAITING) commit();
        while (this.records.pending >= MAX_WAITING) yield 'wait';
        // The collection may have been dropped, or memory brought back to what is on the disk.
        if (this.#tracked.get(id) !== tracked) return;
      }
      kept.push({ signature: signatureOf(index), isMultikey: index.isMultikey, pieces });
    }
    tracked.generations = [generation];
    const header = {
      format: KEY_FORMAT,
      generation,
      indexes: kept.map((index) => ({
        ...index,
        signature: new Binary(Buffer.from(index.signature, 'latin1')),
      })),
    };
    this.#unbelieved = this.#unbelieved.filter((name) => name !== String(id));
    this.records.putNamed('kept', String(id), encode(header));
    commit();
    while (this.#removeSome(id, MAX_WAITING, generation)) {
      commit();
      yield 'wait';
    }
  }

  /** The collection is dropped. */
  forget(id: number): void {
    if (this.#tracked.delete(id)) this.records.removeNamed('kept', String(id));
  }

  /** Removes some of what is kept of a dropped collection. @returns whether there was any. */
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

/** Undefined for keys that were made in another way than today's. */
function keptOf(header: Uint8Array): Kept | undefined {
  const { format, generation, indexes } = decodePlain(header);
  if (format !== KEY_FORMAT || typeof generation !== 'string' || !Array.isArray(indexes)) return undefined;
  return { generation, indexes: indexes.filter(isDoc).map(keptIndexOf) };
}

const keptIndexOf = ({ signature, isMultikey, pieces }: Doc): KeptIndex => ({
  signature: binaryOf(signature)?.toString('latin1') ?? '',
  isMultikey: isTrue(isMultikey),
  pieces: toNumber(pieces) ?? 0,
});
