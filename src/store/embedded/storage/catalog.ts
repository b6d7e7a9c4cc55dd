import { Binary } from 'bson';
import { randomUUID } from 'node:crypto';
import { MongoCommandError } from '../errors.js';
import { decodeTyped, encode, isDoc, toNumber } from '../bson/values.js';
import { nextExpiry } from './expiry.js';
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

/**
 * Every database and collection by name. A collection is read from disk when it is first used and
 * let go when it was not used for long: its indexes are in memory.
 */
export class Catalog {
  readonly #records = new Map<string, Map<string, CollectionRecord>>();
  readonly #open = new Map<string, OpenCollection>();
  /** Collections whose documents expire, and when the next one may. */
  readonly #expiring = new Map<string, ExpiringCollection>();
  #shared = new SharedDefinitions();
  #round = 0;
  #nextId = 1;
  readonly touched = new TouchedNamespaces();

  constructor(private readonly tools: CollectionTools) {
    this.reload();
  }

  /** Forgets what is in memory and reads the names from disk again. */
  reload(): void {
    this.#records.clear();
    this.#open.clear();
    this.#expiring.clear();
    this.#shared = new SharedDefinitions();
    for (const { name, value } of this.tools.records.named('catalog')) {
      const [database = '', collection = ''] = Buffer.from(name, 'latin1').toString('utf8').split(SEPARATOR);
      const record = this.#shared.of(decodeRecord(value));
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
      record: this.#open.get(key(database, name))?.collection.toRecord() ?? record,
    }));
  }

  find(database: string, name: string): Collection | undefined {
    this.touched.add(`${database}.${name}`);
    const open = this.#open.get(key(database, name));
    if (open) {
      open.usedInRound = this.#round;
      return open.collection;
    }
    const record = this.#records.get(database)?.get(name);
    if (!record) return undefined;
    const collection = new Collection(database, name, record, this.tools);
    this.#open.set(key(database, name), { collection, usedInRound: this.#round });
    return collection;
  }

  /** Lets go the collections that were in no command for so many calls of this. */
  closeIdle(rounds: number, now: Date): void {
    this.#round += 1;
    for (const { collection, usedInRound } of this.#open.values()) {
      if (this.#round - usedInRound > rounds) this.#close(collection, now);
    }
  }

  #close(collection: Collection, now: Date): void {
    const name = key(collection.database, collection.name);
    const expiring = this.#expiring.get(name);
    if (expiring) expiring.nextAt = nextExpiry(collection, now);
    this.#open.delete(name);
  }

  /**
   * Collections that may have documents to expire at this time; one that is read from disk for
   * this is let go again. At most `maximum` are read from disk.
   */
  *expiring(now: Date, maximum: number): Generator<Collection> {
    let read = 0;
    for (const [name, { database, collection: short, nextAt }] of this.#expiring) {
      const open = this.#open.get(name);
      if (open) yield open.collection;
      else if (nextAt <= now.getTime() && read < maximum) {
        read += 1;
        const collection = this.find(database, short);
        if (!collection) continue;
        yield collection;
        this.#close(collection, now);
      }
    }
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
    this.#open.set(key(database, name), { collection, usedInRound: this.#round });
    this.save(collection);
    return collection;
  }

  /** Writes options and indexes of a collection after they changed. */
  save(collection: Collection): void {
    const record = this.#shared.of(collection.toRecord());
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
    this.#expiring.delete(key(database, name));
    this.tools.records.removeNamed('catalog', recordName(database, name));
  }

  rename(collection: Collection, database: string, name: string): void {
    checkNamespace(database, name);
    this.touched.add(`${database}.${name}`);
    const record = collection.toRecord();
    this.#open.delete(key(collection.database, collection.name));
    this.#expiring.delete(key(collection.database, collection.name));
    const names = this.#records.get(collection.database);
    names?.delete(collection.name);
    if (names?.size === 0) this.#records.delete(collection.database);
    this.tools.records.removeNamed('catalog', recordName(collection.database, collection.name));
    this.#setRecord(database, name, record);
    this.tools.records.putNamed('catalog', recordName(database, name), encodeRecord(record));
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

interface OpenCollection {
  readonly collection: Collection;
  usedInRound: number;
}

interface ExpiringCollection {
  readonly database: string;
  readonly collection: string;
  /** While the collection is not open: milliseconds. */
  nextAt: number;
}

/**
 * Index definitions and options that are the same in many collections, kept once: every tenant has
 * the same collections. They are never changed, only replaced.
 */
class SharedDefinitions {
  readonly #known = new Map<string, Pick<CollectionRecord, 'options' | 'indexes'>>();

  of({ id, uuid, options, indexes }: CollectionRecord): CollectionRecord {
    const name = encode({ options, indexes }).toString('latin1');
    const known = this.#known.get(name) ?? { options, indexes };
    this.#known.set(name, known);
    return { id, uuid, ...known };
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
    uuid: uuid instanceof Binary ? uuid.toUUID().toHexString() : randomUUID(),
    options: isDoc(options) ? options : {},
    indexes: Array.isArray(indexes) ? indexes.filter(isDoc) : [],
  };
}
