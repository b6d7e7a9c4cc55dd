import { MongoCommandError } from '../errors.js';
import { encode, isDoc } from '../bson/values.js';
import { buildAborted, buildIndex } from './build-index.js';
import { nextExpiry } from './expiry.js';
import {
  Collection,
  encodeRecord,
  newCollectionRecord,
  type CollectionRecord,
  type CollectionTools,
} from './collection.js';
import type { Doc } from '../bson/values.js';
import type { DataAccess, Indexing } from './data-access.js';
import { indexTypeOf } from './index-type.js';
import { decodeRecord, SharedDefinitions } from './shared-definitions.js';
import { TouchedNamespaces } from './touched-namespaces.js';
import { finish, type Work } from '../work.js';

const SEPARATOR = '\x00';
const MAX_NAMESPACE_BYTES = 255;
/** Prefix of the names of collections that `$out` is filling. */
export const UNFINISHED = 'tmp.agg_out.';

/**
 * All databases and collections by name. A collection is read from disk on first use and closed when idle.
 */
export class Catalog implements DataAccess {
  readonly #records = new Map<string, Map<string, CollectionRecord>>();
  readonly #open = new Map<string, OpenCollection>();
  /** Collections with expiring documents, and when the next one may expire. */
  readonly #expiring = new Map<string, ExpiringCollection>();
  #shared = new SharedDefinitions();
  /** Numbers of dropped collections whose documents are still on disk. */
  readonly #discarded = new Set<number>();
  #round = 0;
  #nextId = 1;
  /** Of the current command. */
  touched = new TouchedNamespaces();
  /** Of all running commands. */
  readonly running = new Set<TouchedNamespaces>();

  constructor(private readonly tools: CollectionTools) {
    this.reload();
  }

  /** Discards what is in memory and reads the names from disk again. */
  reload(): void {
    this.#records.clear();
    this.#open.clear();
    this.#expiring.clear();
    this.#shared = new SharedDefinitions();
    this.tools.keys.reload();
    for (const { name, value } of this.tools.records.namedRecords('catalog')) {
      const [database = '', collection = ''] = Buffer.from(name, 'latin1').toString('utf8').split(SEPARATOR);
      const record = this.#shared.share(decodeRecord(value));
      this.#nextId = Math.max(this.#nextId, record.id + 1);
      this.#setRecord(database, collection, record);
    }
    this.#discarded.clear();
    for (const { name } of this.tools.records.namedRecords('dropped')) {
      this.#discarded.add(Number(name));
      this.#nextId = Math.max(this.#nextId, Number(name) + 1);
    }
  }

  databases(): string[] {
    this.touched.everything();
    return [...this.#records.keys()].sort();
  }

  collections(database: string): { name: string; record: CollectionRecord }[] {
    this.touched.everything();
    const names = [...(this.#records.get(database) ?? [])];
    return names.map(([name, record]) => ({
      name,
      record: this.#open.get(key(database, name))?.collection.toRecord() ?? record,
    }));
  }

  /** The collection, read from disk if it is not open; several callers can ask for it at once. */
  *find(database: string, name: string): Work<Collection | undefined> {
    this.touched.add(`${database}.${name}`);
    const open = this.#open.get(key(database, name));
    if (open) {
      open.usedInRound = this.#round;
      if (!open.collection.isLoaded) yield* open.collection.ready();
      return open.collection;
    }
    const record = this.#records.get(database)?.get(name);
    if (!record || isView(record)) return undefined;
    const collection = new Collection(database, name, record, this.tools);
    this.#open.set(key(database, name), { collection, usedInRound: this.#round });
    yield* collection.ready();
    // It may have been dropped in the meantime, or memory may have been reset to what is on disk.
    return this.#open.get(key(database, name))?.collection === collection
      ? collection
      : yield* this.find(database, name);
  }

  /** The definition of a view; `undefined` for a collection or an unused name. */
  view(database: string, name: string): View | undefined {
    const record = this.#records.get(database)?.get(name);
    return record && isView(record) ? viewOf(record) : undefined;
  }

  /** Keeps a collection open while it is being read. */
  use(namespace: string): void {
    this.touched.add(namespace);
    this.#markUsed(namespace);
  }

  #markUsed(namespace: string): void {
    // The name of a database contains no dot.
    const open = this.#open.get(namespace.replace('.', SEPARATOR));
    if (open) open.usedInRound = this.#round;
  }

  /** The key patterns of a collection's indexes. */
  indexKeys(database: string, name: string): Doc[] {
    const record = this.#records.get(database)?.get(name);
    return (record?.indexes ?? []).map(({ key: fields }) => fields).filter(isDoc);
  }

  /** Whether an index of the collection starts with this path. */
  hasIndex(database: string, name: string, path: string): boolean {
    const record = this.#records.get(database)?.get(name);
    return (record?.indexes ?? []).some(
      (spec) =>
        isDoc(spec.key) &&
        Object.keys(spec.key)[0] === path &&
        indexTypeOf(spec.key) !== 'geo' &&
        spec.partialFilterExpression === undefined &&
        spec.sparse === undefined &&
        spec.collation === undefined,
    );
  }

  /** Whether a collection or view has this name, without reading it. */
  has(database: string, name: string): boolean {
    return this.#records.get(database)?.has(name) === true;
  }

  /**
   * Closes collections unused for this many calls; then the least recently used ones, except those used by a
   * running command, until the rest takes no more than `budget` bytes of memory.
   */
  closeIdle(rounds: number, now: Date, budget = Infinity): void {
    this.#round += 1;
    let bytes = 0;
    for (const { namespaces } of this.running) for (const namespace of namespaces) this.#markUsed(namespace);
    const open = [...this.#open.values()].filter(({ collection }) => collection.isLoaded);
    for (const { collection, usedInRound } of open.sort((a, b) => b.usedInRound - a.usedInRound)) {
      const age = this.#round - usedInRound;
      bytes += collection.memory;
      if (age > rounds || (bytes > budget && age > 1)) this.#close(collection, now);
    }
  }

  #close(collection: Collection, now: Date): void {
    const name = key(collection.database, collection.name);
    const expiring = this.#expiring.get(name);
    if (expiring) expiring.nextAt = nextExpiry(collection, now);
    this.#open.delete(name);
  }

  /**
   * Runs `work` on the collections that may have expired documents at this time. A collection that is read
   * from disk for this is closed again; at most `maximum` are.
   */
  *expiring(now: Date, maximum: number, work: (collection: Collection) => void): Work<void> {
    let read = 0;
    for (const [name, { database, collection: short, nextAt }] of [...this.#expiring]) {
      const open = this.#open.get(name);
      if (open?.collection.isLoaded === true) work(open.collection);
      else if (!open && nextAt <= now.getTime() && read < maximum) {
        read += 1;
        const collection = yield* this.find(database, short);
        if (!collection) continue;
        work(collection);
        this.#close(collection, now);
      }
      yield;
    }
  }

  /** Writes the index keys of large collections to disk if that is due. */
  *keepKeys(commit: () => void): Work<void> {
    for (const { collection } of [...this.#open.values()]) {
      if (collection.isLoaded && this.tools.keys.isDue(collection))
        yield* this.tools.keys.write(collection, commit);
    }
  }

  /** The collection, created if it does not exist, as the first insert does. */
  *findOrCreate(database: string, name: string): Work<Collection> {
    const view = this.view(database, name);
    if (view) throw new MongoCommandError(166, `Namespace ${database}.${name} is a view, not a collection`);
    return (yield* this.find(database, name)) ?? this.create(database, name, {});
  }

  create(database: string, name: string, options: Doc): Collection {
    const collection = this.prepare(database, name, options);
    this.adopt(collection);
    return collection;
  }

  /** A new collection that is not in the catalog yet. */
  prepare(database: string, name: string, options: Doc): Collection {
    this.#checkNew(database, name);
    const collection = new Collection(database, name, newCollectionRecord(this.#nextId, options), this.tools);
    finish(collection.ready());
    this.#nextId += 1;
    return collection;
  }

  /** Adds the collection to the catalog. */
  adopt(collection: Collection): void {
    this.touched.add(collection.namespace);
    this.#open.set(key(collection.database, collection.name), { collection, usedInRound: this.#round });
    this.save(collection);
  }

  *indexing(database: string, name: string): Work<Indexing> {
    const collection = yield* this.findOrCreate(database, name);
    return {
      collection,
      add: (spec) => buildIndex(collection, spec),
      save: () => {
        if (collection.isDetached) throw buildAborted(collection);
        this.save(collection);
      },
    };
  }

  /** Saves a collection's options and indexes after a change. */
  save(collection: Collection): void {
    const record = this.#shared.share(collection.toRecord());
    this.#setRecord(collection.database, collection.name, record);
    this.tools.records.putNamed(
      'catalog',
      recordName(collection.database, collection.name),
      encodeRecord(record),
    );
  }

  drop(collection: Collection): void {
    const { database, name } = collection;
    collection.clear();
    this.#forget(database, name);
    this.#discard(collection.id);
  }

  /** Drops what a killed process left unfinished. */
  discardLeftovers(prefix: string): void {
    for (const [database, names] of [...this.#records]) {
      for (const [name, { id }] of [...names]) {
        if (!name.startsWith(prefix)) continue;
        this.#forget(database, name);
        this.#discard(id);
      }
    }
  }

  #forget(database: string, name: string): void {
    this.#open.delete(key(database, name));
    const names = this.#records.get(database);
    names?.delete(name);
    if (names?.size === 0) this.#records.delete(database);
    this.#expiring.delete(key(database, name));
    this.tools.records.removeNamed('catalog', recordName(database, name));
  }

  /** A view has a name and a definition, but no documents. */
  createView(database: string, name: string, options: Doc): void {
    this.#checkNew(database, name);
    const record = { ...newCollectionRecord(this.#nextId, options), indexes: [] };
    this.#nextId += 1;
    this.#setRecord(database, name, record);
    this.tools.records.putNamed('catalog', recordName(database, name), encodeRecord(record));
  }

  /** The options a collection or view was created with; `undefined` if there is none. */
  optionsOf(database: string, name: string): Doc | undefined {
    return (
      this.#open.get(key(database, name))?.collection.options ??
      this.#records.get(database)?.get(name)?.options
    );
  }

  changeView(database: string, name: string, options: Doc): void {
    this.#forget(database, name);
    this.createView(database, name, options);
  }

  dropView(database: string, name: string): void {
    this.#forget(database, name);
  }

  /** Documents of a dropped collection are removed gradually; a note of it survives restarts. */
  #discard(id: number): void {
    this.#discarded.add(id);
    this.tools.keys.forget(id);
    this.tools.records.putNamed('dropped', String(id), encode({ id }));
  }

  /** Removes part of what dropped collections left. Returns whether there is more. */
  removeDiscarded(maximum: number): boolean {
    const [id] = this.#discarded;
    if (id === undefined) return false;
    if (this.tools.records.removeDocuments(id, maximum) || this.tools.keys.remove(id, maximum)) return true;
    this.#discarded.delete(id);
    this.tools.records.removeNamed('dropped', String(id));
    return this.#discarded.size > 0;
  }

  rename(collection: Collection, database: string, name: string): void {
    this.#checkNew(database, name);
    this.touched.add(`${database}.${name}`);
    const record = collection.toRecord();
    collection.detach();
    this.#open.delete(key(collection.database, collection.name));
    this.#expiring.delete(key(collection.database, collection.name));
    const names = this.#records.get(collection.database);
    names?.delete(collection.name);
    if (names?.size === 0) this.#records.delete(collection.database);
    this.tools.records.removeNamed('catalog', recordName(collection.database, collection.name));
    this.#setRecord(database, name, record);
    this.tools.records.putNamed('catalog', recordName(database, name), encodeRecord(record));
  }

  /** Throws `MongoCommandError` 73 for a bad name, 13297 for one that differs only in case. */
  #checkNew(database: string, name: string): void {
    checkNamespace(database, name);
    if (this.#records.has(database)) return;
    const lower = database.toLowerCase();
    const other = [...this.#records.keys()].find((known) => known.toLowerCase() === lower);
    if (other === undefined) return;
    throw new MongoCommandError(
      13297,
      `db already exists with different case already have: [${other}] trying to create [${database}]`,
    );
  }

  #setRecord(database: string, name: string, record: CollectionRecord): void {
    const place = key(database, name);
    if (!record.indexes.some((spec) => spec.expireAfterSeconds !== undefined)) this.#expiring.delete(place);
    else if (!this.#expiring.has(place)) {
      this.#expiring.set(place, { database, collection: name, nextAt: 0 });
    }
    const names = this.#records.get(database) ?? new Map<string, CollectionRecord>();
    names.set(name, record);
    this.#records.set(database, names);
  }
}

/** A named pipeline over another collection. */
export interface View {
  readonly on: string;
  readonly pipeline: readonly unknown[];
}

const isView = ({ options }: CollectionRecord): boolean => typeof options.viewOn === 'string';

const viewOf = ({ options }: CollectionRecord): View => ({
  on: String(options.viewOn),
  pipeline: Array.isArray(options.pipeline) ? (options.pipeline as unknown[]) : [],
});

interface OpenCollection {
  readonly collection: Collection;
  usedInRound: number;
}

interface ExpiringCollection {
  readonly database: string;
  readonly collection: string;
  /** In ms, while the collection is not open. */
  nextAt: number;
}

const key = (database: string, name: string): string => `${database}${SEPARATOR}${name}`;

const recordName = (database: string, name: string): string =>
  Buffer.from(key(database, name), 'utf8').toString('latin1');

/** Characters not allowed in the name of a database (the manual's page on limits, for Linux). */
const BAD_IN_DATABASE = /[/\\. "$\0]/;
const MAX_DATABASE_BYTES = 63;

function checkNamespace(database: string, name: string): void {
  if (database === '' || BAD_IN_DATABASE.test(database) || Buffer.byteLength(database) > MAX_DATABASE_BYTES)
    throw new MongoCommandError(73, `Invalid database name: '${database}'`);
  const isBad = name === '' || name.includes('$') || name.includes('\0') || name.startsWith('.');
  if (isBad || Buffer.byteLength(`${database}.${name}`) > MAX_NAMESPACE_BYTES) {
    throw new MongoCommandError(73, `Invalid namespace specified '${database}.${name}'`);
  }
}
