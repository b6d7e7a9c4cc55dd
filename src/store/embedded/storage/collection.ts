import { randomUUID } from 'node:crypto';
import { UUID } from 'bson';
import { MongoCommandError } from '../errors.js';
import { decodeFields } from '../bson/decode-fields.js';
import { decodePlain, encode, field, isDoc, type Doc } from '../bson/values.js';
import { documentTest } from '../query/document-test.js';
import { isPause, type Work } from '../work.js';
import type { CollectionAccess, Replacement } from './collection-access.js';
import { haveSameKeys, stageWrites, type StagedWrite, type StagedWrites } from './staged-writes.js';
import type { OwnWrite } from './transaction-writes.js';
import { StoredDocument, type DocumentCache } from './document-cache.js';
import { duplicateKey } from './duplicate-key.js';
import type { StoredKeys, LoadedKeys } from './stored-keys.js';
import { RidSet, runsOf } from './rid-set.js';
import { placeOf } from './record-keys.js';
import type { RecordStore } from './record-store.js';
import { ALL_FIELDS, SecondaryIndex, idIndexSpec } from './secondary-index.js';

/** MongoDB's limit for a document, in bytes. */
export const MAX_DOCUMENT_BYTES = 16 * 1024 * 1024;

/** What the catalog stores about a collection. */
export interface CollectionRecord {
  readonly id: number;
  /** As hexadecimal text. */
  readonly uuid: string;
  readonly options: Doc;
  readonly indexes: readonly Doc[];
}

export interface Change {
  readonly collection: Collection;
  readonly type: 'insert' | 'update' | 'replace' | 'delete';
  readonly before: StoredDocument | undefined;
  readonly after: StoredDocument | undefined;
  /** The paths an update's operators changed; `undefined` for any other change. */
  readonly paths?: readonly string[] | undefined;
}

export interface CollectionTools {
  readonly records: RecordStore;
  readonly cache: DocumentCache;
  readonly keys: StoredKeys;
  onChange(change: Change): void;
}

export const newCollectionRecord = (id: number, options: Doc): CollectionRecord => ({
  id,
  uuid: randomUUID(),
  options,
  indexes: [idIndexSpec()],
});

/** Documents by record number, with indexes in memory and bytes in the record store. */
export class Collection implements CollectionAccess {
  readonly id: number;
  readonly uuid: string;
  options: Doc;
  indexes: SecondaryIndex[];
  readonly #rids = new RidSet();
  #nextRid = 1;
  /** Documents that active transactions have written to, and which transaction. */
  readonly #locks = new Map<number, object>();
  /** Unique keys reserved by transactions, by index and key. */
  readonly #takenKeys = new Map<string, object>();
  #validate: ((document: StoredDocument) => boolean) | undefined;
  #loading: Work<void> | undefined;
  #isDetached = false;

  constructor(
    readonly database: string,
    readonly name: string,
    record: CollectionRecord,
    private readonly tools: CollectionTools,
  ) {
    this.id = record.id;
    this.uuid = record.uuid;
    this.options = record.options;
    this.indexes = record.indexes.map((spec) => new SecondaryIndex(spec));
    this.#loading = this.#load();
    this.setOptions(record.options);
  }

  /** Continues reading the collection from disk; every caller that needs it helps. */
  *ready(): Work<void> {
    while (this.#loading) {
      if (this.#loading.next().done === true) this.#loading = undefined;
      else yield;
    }
  }

  get isLoaded(): boolean {
    return this.#loading === undefined;
  }

  /** Approximate memory it takes, in bytes. */
  get memory(): number {
    return this.indexes.reduce((sum, { entries }) => sum + entries.bytes, this.#rids.bytes);
  }

  get namespace(): string {
    return `${this.database}.${this.name}`;
  }

  get size(): number {
    return this.#rids.size;
  }

  get idIndex(): SecondaryIndex {
    const [first] = this.indexes;
    if (!first) throw new MongoCommandError(1, `${this.namespace} has no _id index`);
    return first;
  }

  toRecord(): CollectionRecord {
    const indexes = this.indexes.filter(({ isReady }) => isReady).map(({ spec }) => spec);
    return { id: this.id, uuid: this.uuid, options: this.options, indexes };
  }

  setOptions(options: Doc): void {
    const { validator } = options;
    this.#validate = isDoc(validator) ? documentTest(validator) : undefined;
    this.options = options;
  }

  /** Uses the index keys stored on disk, or else reads all documents. */
  *#load(): Work<void> {
    const loaded = yield* this.tools.keys.load(this.id, this.indexes);
    if (loaded) yield* this.#take(loaded);
    else yield* this.#readAll();
  }

  *#take({ entries, multikey, changed }: LoadedKeys): Work<void> {
    for (const [at, index] of this.indexes.entries()) {
      index.entries.fill(entries[at] ?? []);
      index.isMultikey = multikey[at] ?? true;
    }
    // The first index has exactly one key per document.
    for (const piece of entries[0] ?? []) {
      for (const rid of piece.rids()) this.#rids.add(rid);
      yield;
    }
    let read = 0;
    const view = this.#indexedFields();
    for (const { rid, bytes } of this.#documents(changed)) {
      const fields = view(bytes);
      for (const index of this.indexes) index.add(index.keysOf(fields), rid);
      this.#rids.add(rid);
      if (isPause(read)) yield;
      read += 1;
    }
    this.#nextRid = this.#rids.highest + 1;
  }

  /** Some documents from disk; those with consecutive numbers, as new ones have, are read in one go. */
  *#documents(rids: ReadonlySet<number>): Generator<{ rid: number; bytes: Uint8Array }> {
    for (const { from, to } of runsOf(rids)) {
      if (to - from >= MIN_RUN) yield* this.tools.records.scan(this.id, from, to);
      else
        for (let rid = from; rid < to; rid += 1) {
          const bytes = this.bytes(rid);
          if (bytes) yield { rid, bytes };
        }
    }
  }

  /** Decodes only the fields that the indexes need. */
  #indexedFields(): (bytes: Uint8Array) => Doc {
    const names = new Set(this.indexes.flatMap(({ neededFields }) => neededFields));
    return names.has(ALL_FIELDS) ? decodePlain : (bytes) => decodeFields(bytes, names);
  }

  *#readAll(): Work<void> {
    const view = this.#indexedFields();
    const rows = this.indexes.map((): { rid: number; keys: string[] }[] => []);
    let read = 0;
    for (const { rid, bytes } of this.tools.records.scan(this.id)) {
      const fields = view(bytes);
      this.indexes.forEach((index, i) => rows[i]?.push({ rid, keys: index.keysOf(fields) }));
      this.#rids.add(rid);
      this.#nextRid = rid + 1;
      if (isPause(read)) yield;
      read += 1;
    }
    for (const [i, index] of this.indexes.entries()) {
      yield* index.buildSlowly(rows[i] ?? []);
    }
  }

  get(rid: number): StoredDocument | undefined {
    this.#refuseDetached();
    const place = placeOf(this.id, rid);
    const cached = this.tools.cache.get(place);
    if (cached) return cached;
    const bytes = this.tools.records.document(place);
    if (!bytes) return undefined;
    const document = new StoredDocument(rid, bytes, undefined, this.tools.cache.noteDecoded);
    this.tools.cache.set(place, document);
    return document;
  }

  has(rid: number): boolean {
    return this.#rids.has(rid);
  }

  isLocked(rid: number): boolean {
    return this.#locks.size > 0 && this.#locks.has(rid);
  }

  /** Locks a document for a transaction. Returns false if another one holds it. */
  lock(rid: number, owner: object): boolean {
    const holder = this.#locks.get(rid);
    if (holder && holder !== owner) return false;
    this.#locks.set(rid, owner);
    return true;
  }

  unlock(owner: object): void {
    for (const [rid, holder] of this.#locks) if (holder === owner) this.#locks.delete(rid);
    for (const [key, holder] of this.#takenKeys) if (holder === owner) this.#takenKeys.delete(key);
  }

  /** Reserves a key of a unique index for a transaction. Returns false if another one holds it. */
  takeKey(index: string, key: string, owner: object): boolean {
    const name = `${index}\0${key}`;
    const holder = this.#takenKeys.get(name);
    if (holder && holder !== owner) return false;
    this.#takenKeys.set(name, owner);
    return true;
  }

  /** A record number for a document a transaction may insert. */
  reserve(): number {
    this.#nextRid += 1;
    return this.#nextRid - 1;
  }

  /** The bytes of a document, without decoding it. */
  bytes(rid: number): Uint8Array | undefined {
    this.#refuseDetached();
    const place = placeOf(this.id, rid);
    return this.tools.cache.get(place)?.bytes ?? this.tools.records.document(place);
  }

  /**
   * Throws `MongoCommandError` 11000 for a duplicate key, 121 if validation fails, 10334 if the document is
   * too large, 175 if the collection was dropped or renamed.
   */
  insert(bytes: Uint8Array, view?: Doc, isTrusted = false): StoredDocument {
    this.#refuseDetached();
    const document = new StoredDocument(this.#nextRid, bytes, view);
    const keys = this.#check(document, !isTrusted);
    this.#nextRid += 1;
    this.#rids.add(document.rid);
    this.#store(document);
    this.indexes.forEach((index, i) => {
      index.add(keys[i] ?? [], document.rid);
    });
    this.tools.onChange({ collection: this, type: 'insert', before: undefined, after: document });
    return document;
  }

  replace(before: StoredDocument, bytes: Uint8Array, change: Replacement, isTrusted = false): StoredDocument {
    this.#refuseDetached();
    const after = new StoredDocument(before.rid, bytes);
    const keys = this.#check(
      after,
      !isTrusted && (change.type === 'replace' || this.options.validationLevel !== 'moderate'),
    );
    this.#store(after);
    this.indexes.forEach((index, i) => {
      moveKeys(index, before.rid, index.keysOf(before.view), keys[i] ?? []);
    });
    this.tools.onChange({ collection: this, ...change, before, after });
    return after;
  }

  remove(document: StoredDocument): void {
    this.#refuseDetached();
    for (const index of this.indexes) index.delete(index.keysOf(document.view), document.rid);
    this.#forget(document.rid);
    this.tools.onChange({ collection: this, type: 'delete', before: document, after: undefined });
  }

  /** The collection has lost its name, so commands that are still using it must end. */
  detach(): void {
    this.#isDetached = true;
  }

  get isDetached(): boolean {
    return this.#isDetached;
  }

  #refuseDetached(): void {
    if (this.#isDetached)
      throw new MongoCommandError(175, `collection dropped or renamed: ${this.namespace}`);
  }

  /** Forgets all documents because the collection is dropped; its records are removed gradually. */
  clear(): void {
    this.detach();
    for (const rid of this.#rids.values()) this.tools.cache.delete(placeOf(this.id, rid));
    this.#rids.clear();
    for (const index of this.indexes) index.entries.load([]);
  }

  /** Record numbers in insertion order; a copy, so that documents can change in the meantime. */
  rids(): number[] {
    return this.#rids.values();
  }

  /** Prepares the writes of a transaction for `applyAll`. */
  stage(writes: ReadonlyMap<number, OwnWrite>): Work<StagedWrites> {
    return stageWrites([...this.indexes], writes, (rid, bytes) => {
      this.tools.records.prepareDocument(placeOf(this.id, rid), bytes);
    });
  }

  /** Applies the writes of a transaction; conflicts have been checked before. */
  applyAll(writes: readonly StagedWrite[]): void {
    for (const { rid, write, moves } of writes) {
      const { type, before, after } = write;
      for (const { index, from, to } of moves) moveKeys(index, rid, from, to);
      if (after) {
        this.#rids.add(rid);
        this.#store(after);
      } else if (before) this.#forget(rid);
      if (before ?? after) this.tools.onChange({ collection: this, type, before, after });
    }
  }

  /** Throws `MongoCommandError` 121 if validation fails, 10334 if the document is too large. */
  validate(document: StoredDocument, isChecked: boolean): void {
    if (document.bytes.length > MAX_DOCUMENT_BYTES) {
      throw new MongoCommandError(
        10334,
        `BSONObj size: ${document.bytes.length} is invalid. Size must be between 0 and ${MAX_DOCUMENT_BYTES}`,
      );
    }
    if (!isChecked || this.options.validationAction === 'warn') return;
    if (this.#validate && !this.#validate(document)) {
      throw new MongoCommandError(121, 'Document failed validation', {
        errInfo: {
          failingDocumentId: field(document.view, '_id'),
          details: {
            operatorName: isDoc(this.options.validator) ? (Object.keys(this.options.validator)[0] ?? '') : '',
          },
        },
      });
    }
  }

  /** Checks a document against the validator and indexes and returns its keys per index. */
  #check(document: StoredDocument, validated: boolean): string[][] {
    this.validate(document, validated);
    return this.indexes.map((index) => {
      const keys = index.keysOf(document.view);
      const conflict = index.conflict(keys, document.rid);
      if (conflict) throw this.duplicate(index, document.view, conflict);
      return keys;
    });
  }

  #store(document: StoredDocument): void {
    const place = placeOf(this.id, document.rid);
    this.tools.records.putDocument(place, document.bytes);
    this.tools.cache.set(place, document);
  }

  #forget(rid: number): void {
    const place = placeOf(this.id, rid);
    this.tools.records.removeDocument(place);
    this.#rids.delete(rid);
    this.tools.cache.delete(place);
  }

  duplicate(index: SecondaryIndex, view: Doc, { key }: { readonly key: string }): MongoCommandError {
    return duplicateKey(this.namespace, index, view, key);
  }
}

/** Fewer consecutive documents are read one by one. */
const MIN_RUN = 16;

/** Replaces a document's keys; most writes leave those of most indexes as they are. */
function moveKeys(index: SecondaryIndex, rid: number, from: readonly string[], to: readonly string[]): void {
  if (from === to || haveSameKeys(from, to)) return;
  index.delete(from, rid);
  index.add(to, rid);
}

export const encodeRecord = (record: CollectionRecord): Buffer =>
  encode({ ...record, uuid: new UUID(record.uuid) });
