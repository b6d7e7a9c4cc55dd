import { UUID } from 'bson';
import { encode, isDoc, isTrue, plain, toNumber, type Doc } from '../bson/values.js';
import { MongoCommandError } from '../errors.js';
import { compileFilter } from '../query/filter.js';
import { ListSource } from '../server/cursors.js';
import type { Command, CommandContext, CommandTable } from '../server/context.js';
import type { Collection } from '../storage/collection.js';
import { idIndexSpec } from '../storage/secondary-index.js';
import { collectionName, plainDoc, refuseCollation, wholeNumber } from './arguments.js';

const KEPT_OPTIONS = ['validator', 'validationLevel', 'validationAction'] as const;
const REFUSED_OPTIONS = [
  'capped',
  'viewOn',
  'timeseries',
  'clusteredIndex',
  'changeStreamPreAndPostImages',
] as const;

const create: Command = (request, { catalog }) => {
  const { body, database } = request;
  const name = collectionName(request);
  refuseCollation(body);
  for (const option of REFUSED_OPTIONS) {
    if (body[option] !== undefined && body[option] !== false) {
      throw new MongoCommandError(115, `the option '${option}' is not supported by the embedded store`);
    }
  }
  if (catalog.find(database, name)) {
    throw new MongoCommandError(48, `Collection ${database}.${name} already exists.`);
  }
  catalog.create(database, name, collectionOptions(body));
  return { ok: 1 };
};

function collectionOptions(body: Doc): Doc {
  const out: Doc = {};
  for (const option of KEPT_OPTIONS) if (body[option] !== undefined) out[option] = plain(body[option]);
  if (isDoc(out.validator)) compileFilter(out.validator);
  return out;
}

const collMod: Command = (request, { catalog }) => {
  const collection = existing(catalog.find(request.database, collectionName(request)));
  const { index } = request.body;
  if (isDoc(index)) setExpiry(collection, index);
  collection.setOptions({ ...collection.options, ...collectionOptions(request.body) });
  catalog.save(collection);
  return { ok: 1 };
};

function setExpiry(collection: Collection, wanted: Doc): void {
  const index = collection.indexes.find(({ name }) => name === wanted.name);
  if (!index) throw new MongoCommandError(27, `cannot find index ${String(wanted.name)}`);
  if (wanted.expireAfterSeconds !== undefined) index.changeExpiry(wanted.expireAfterSeconds);
}

function existing(collection: Collection | undefined): Collection {
  if (!collection) throw new MongoCommandError(26, 'ns does not exist');
  return collection;
}

function dropCollection(collection: Collection, { catalog, announce }: CommandContext): void {
  catalog.drop(collection);
  announce({ type: 'drop', database: collection.database, collection: collection.name });
}

const drop: Command = (request, context) => {
  const collection = context.catalog.find(request.database, collectionName(request));
  if (!collection) return { ok: 1 };
  const nIndexesWas = collection.indexes.length;
  dropCollection(collection, context);
  return { nIndexesWas, ns: collection.namespace, ok: 1 };
};

const dropDatabase: Command = ({ database }, context) => {
  const names = context.catalog.collections(database).map(({ name }) => name);
  for (const name of names) {
    const collection = context.catalog.find(database, name);
    if (collection) dropCollection(collection, context);
  }
  if (names.length > 0) context.announce({ type: 'dropDatabase', database });
  return { ...(names.length > 0 ? { dropped: database } : {}), ok: 1 };
};

const renameCollection: Command = ({ body }, context) => {
  const [from, to] = [splitNamespace(body.renameCollection), splitNamespace(body.to)];
  const collection = existing(context.catalog.find(from.database, from.name));
  const taken = context.catalog.find(to.database, to.name);
  if (taken && !isTrue(body.dropTarget)) throw new MongoCommandError(48, 'target namespace exists');
  if (taken) dropCollection(taken, context);
  context.catalog.rename(collection, to.database, to.name);
  context.announce({ type: 'drop', database: from.database, collection: from.name });
  return { ok: 1 };
};

function splitNamespace(value: unknown): { database: string; name: string } {
  const [database = '', ...name] = String(value).split('.');
  return { database, name: name.join('.') };
}

const listCollections: Command = ({ body, database }, { catalog, cursors }) => {
  const test = compileFilter(plainDoc(body.filter));
  const rows = catalog.collections(database).map(({ name, record }) => ({
    name,
    type: 'collection',
    options: record.options,
    info: { readOnly: false, uuid: new UUID(record.uuid) },
    idIndex: idIndexSpec(),
  }));
  const cursor = isDoc(body.cursor) ? body.cursor : {};
  const shown: Doc[] = rows.filter(test);
  const source = new ListSource(shown, (row) =>
    encode(isTrue(body.nameOnly) ? { name: row.name, type: row.type } : row),
  );
  return cursors.firstReply(
    `${database}.$cmd.listCollections`,
    source,
    wholeNumber(cursor.batchSize, 'batchSize'),
  );
};

const listDatabases: Command = ({ body }, { catalog }) => {
  const test = compileFilter(plainDoc(body.filter));
  const rows: Doc[] = catalog.databases().map((name) => ({ name, sizeOnDisk: 4096, empty: false }));
  const databases = rows.filter(test).map((row) => (isTrue(body.nameOnly) ? { name: row.name } : row));
  return isTrue(body.nameOnly)
    ? { databases, ok: 1 }
    : { databases, totalSize: databases.length * 4096, ok: 1 };
};

const collStats: Command = (request, { catalog }) => {
  const collection = catalog.find(request.database, collectionName(request));
  const size = collection ? bytesOf(collection) : 0;
  const scale = toNumber(request.body.scale) ?? 1;
  return {
    ns: `${request.database}.${collectionName(request)}`,
    count: collection?.size ?? 0,
    size: Math.floor(size / scale),
    storageSize: Math.floor(size / scale),
    nindexes: collection?.indexes.length ?? 0,
    indexSizes: {},
    totalIndexSize: 0,
    ok: 1,
  };
};

function bytesOf(collection: Collection): number {
  return collection.rids().reduce((sum, rid) => sum + (collection.bytes(rid)?.length ?? 0), 0);
}

const dbStats: Command = ({ database }, { catalog }) => {
  const collections = catalog.collections(database).map(({ name }) => catalog.find(database, name));
  const present = collections.filter((collection) => collection !== undefined);
  return {
    db: database,
    collections: present.length,
    views: 0,
    objects: present.reduce((sum, { size }) => sum + size, 0),
    dataSize: present.reduce((sum, collection) => sum + bytesOf(collection), 0),
    indexes: present.reduce((sum, { indexes }) => sum + indexes.length, 0),
    ok: 1,
  };
};

/** MongoDB compacts one collection; here all of them are in one file. */
const compact: Command = async (_request, context) => {
  const { before, after } = await context.compact();
  return { bytesFreed: before - after, bytesBefore: before, bytesAfter: after, ok: 1 };
};

export const collectionCommands: CommandTable = {
  compact,
  create,
  collMod,
  drop,
  dropDatabase,
  renameCollection,
  listCollections,
  listDatabases,
  collStats,
  dbStats,
  dbstats: dbStats,
};
