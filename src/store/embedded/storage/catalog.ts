import { Binary } from 'bson';
import { MongoCommandError } from '../errors.js';
import { decodeTyped, isDoc, toNumber } from '../bson/values.js';
import {
  Collection,
  encodeRecord,
  newCollectionRecord,
  type CollectionRecord,
  type CollectionTools,
} from './collection.js';
import type { Doc } from '../bson/values.js';

const SEPARATOR = '\x00';
const MAX_NAMESPACE_BYTES = 255;

/** What the running command looked at, by namespace: its reply may show what was written there. */
export class TouchedNamespaces {
  readonly namespaces = new Set<string>();
  /** True when it looked at more than can be told. */
  all = false;

  add(namespace: string): void {
    this.namespaces.add(namespace);
  }

  everything(): void {
    this.all = true;
  }

  clear(): void {
    this.namespaces.clear();
    this.all = false;
  }
}

/** Every database and collection by name. A collection is read from disk when it is first used. */
export class Catalog {
  readonly #records = new Map<string, Map<string, CollectionRecord>>();
  readonly #open = new Map<string, Collection>();
  #nextId = 1;
  readonly touched = new TouchedNamespaces();

  constructor(private readonly tools: CollectionTools) {
    this.reload();
  }

  /** Forgets what is in memory and reads the names from disk again. */
  reload(): void {
    this.#records.clear();
    this.#open.clear();
    for (const { name, value } of this.tools.records.named('catalog')) {
      const [database = '', collection = ''] = Buffer.from(name, 'latin1').toString('utf8').split(SEPARATOR);
      const record = decodeRecord(value);
      this.#nextId = Math.max(this.#nextId, record.id + 1);
      this.#setRecord(database, collection, record);
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
      record: this.#open.get(key(database, name))?.toRecord() ?? record,
    }));
  }

  find(database: string, name: string): Collection | undefined {
    this.touched.add(`${database}.${name}`);
    const open = this.#open.get(key(database, name));
    if (open) return open;
    const record = this.#records.get(database)?.get(name);
    if (!record) return undefined;
    const collection = new Collection(database, name, record, this.tools);
    this.#open.set(key(database, name), collection);
    return collection;
  }

  /** The collection, made when it does not exist yet, as the first insert does. */
  findOrCreate(database: string, name: string): Collection {
    return this.find(database, name) ?? this.create(database, name, {});
  }

  create(database: string, name: string, options: Doc): Collection {
    checkNamespace(database, name);
    this.touched.add(`${database}.${name}`);
    const record = newCollectionRecord(this.#nextId, options);
    const collection = new Collection(database, name, record, this.tools);
    this.#nextId += 1;
    this.#open.set(key(database, name), collection);
    this.save(collection);
    return collection;
  }

  /** Writes options and indexes of a collection after they changed. */
  save(collection: Collection): void {
    const record = collection.toRecord();
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
    this.#open.delete(key(database, name));
    const names = this.#records.get(database);
    names?.delete(name);
    if (names?.size === 0) this.#records.delete(database);
    this.tools.records.removeNamed('catalog', recordName(database, name));
  }

  rename(collection: Collection, database: string, name: string): void {
    checkNamespace(database, name);
    this.touched.add(`${database}.${name}`);
    const record = collection.toRecord();
    this.#open.delete(key(collection.database, collection.name));
    const names = this.#records.get(collection.database);
    names?.delete(collection.name);
    if (names?.size === 0) this.#records.delete(collection.database);
    this.tools.records.removeNamed('catalog', recordName(collection.database, collection.name));
    this.#setRecord(database, name, record);
    this.tools.records.putNamed('catalog', recordName(database, name), encodeRecord(record));
  }

  #setRecord(database: string, name: string, record: CollectionRecord): void {
    const names = this.#records.get(database) ?? new Map<string, CollectionRecord>();
    names.set(name, record);
    this.#records.set(database, names);
  }
}

const key = (database: string, name: string): string => `${database}${SEPARATOR}${name}`;

const recordName = (database: string, name: string): string =>
  Buffer.from(key(database, name), 'utf8').toString('latin1');

function checkNamespace(database: string, name: string): void {
  const isBad = name === '' || name.includes('$') || name.includes('\0') || name.startsWith('.');
  if (isBad || Buffer.byteLength(`${database}.${name}`) > MAX_NAMESPACE_BYTES) {
    throw new MongoCommandError(73, `Invalid namespace specified '${database}.${name}'`);
  }
}

function decodeRecord(value: Uint8Array): CollectionRecord {
  const { id, uuid, options, indexes } = decodeTyped(value);
  return {
    id: toNumber(id) ?? 0,
    uuid: uuid instanceof Binary ? uuid : new Binary(),
    options: isDoc(options) ? options : {},
    indexes: Array.isArray(indexes) ? indexes.filter(isDoc) : [],
  };
}
