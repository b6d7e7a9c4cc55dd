import { UUID } from 'bson';
import { compilePipeline } from '../aggregation/pipeline.js';
import { STAGES } from '../aggregation/stages.js';
import { parseCollation } from '../bson/collation.js';
import { encodeKey } from '../bson/key-string.js';
import { encode, isDoc, isTrue, plain, toNumber, type Doc } from '../bson/values.js';
import { MongoCommandError } from '../errors.js';
import { compileFilter } from '../query/filter.js';
import { ListSource } from '../server/cursors.js';
import type { Command, CommandContext, CommandTable } from '../server/context.js';
import type { Collection } from '../storage/collection.js';
import { UNFINISHED } from '../storage/catalog.js';
import { idIndexSpec } from '../storage/secondary-index.js';
import { isPause } from '../work.js';
import { collectionName, plainDoc, wholeNumber } from './arguments.js';
import { checkPart } from './command-fields.js';
import { SEARCH_INDEXES } from './search-indexes.js';
import { storageStats } from './collection-stages.js';

const KEPT_OPTIONS = [
  'validator',
  'validationLevel',
  'validationAction',
  'changeStreamPreAndPostImages',
] as const;
const REFUSED_OPTIONS = ['capped', 'timeseries', 'clusteredIndex', 'encryptedFields'] as const;

const create: Command = (request, { catalog, data }) => {
  const { body, database } = request;
  const name = collectionName(request);
  if (parseCollation(body.collation)) {
    throw new MongoCommandError(
      115,
      'a collation of a whole collection is not supported by the embedded store',
    );
  }
  for (const option of REFUSED_OPTIONS) {
    if (body[option] !== undefined && body[option] !== false) {
      throw new MongoCommandError(115, `the option '${option}' is not supported by the embedded store`);
    }
  }
  if (body.expireAfterSeconds !== undefined) {
    throw new MongoCommandError(
      72,
      "'expireAfterSeconds' is only supported on time-series collections or when the 'clusteredIndex' option is specified",
    );
  }
  const options = body.viewOn === undefined ? collectionOptions(body) : viewOptions(body);
  const currentOptions = catalog.optionsOf(database, name);
  if (currentOptions) {
    if (encodeKey(currentOptions) === encodeKey(options)) return { ok: 1 };
    throw new MongoCommandError(48, `Collection ${database}.${name} already exists.`);
  }
  if (body.viewOn === undefined) data.create(database, name, options);
  else catalog.createView(database, name, options);
  return { ok: 1 };
};

function viewOptions({ viewOn, pipeline = [] }: Doc): Doc {
  if (typeof viewOn !== 'string' || viewOn === '')
    throw new MongoCommandError(2, "'viewOn' must be the name of a collection");
  if (!Array.isArray(pipeline)) throw new MongoCommandError(14, "'pipeline' must be an array");
  compilePipeline(pipeline as unknown[], STAGES);
  return { viewOn, pipeline };
}

function collectionOptions(body: Doc): Doc {
  const out: Doc = {};
  for (const option of KEPT_OPTIONS) if (body[option] !== undefined) out[option] = plain(body[option]);
  if (isDoc(out.validator)) compileFilter(out.validator);
  checkChoice(body, 'validationLevel', ['off', 'strict', 'moderate']);
  checkChoice(body, 'validationAction', ['error', 'warn', 'errorAndLog']);
  const { changeStreamPreAndPostImages: images } = body;
  if (isDoc(images)) checkPart('create.changeStreamPreAndPostImages', images);
  return out;
}

function checkChoice(body: Doc, option: string, choices: readonly string[]): void {
  const value = body[option];
  if (typeof value === 'string' && !choices.includes(value))
    throw new MongoCommandError(
      2,
      `Enumeration value '${value}' for field '${option}' is not a valid value.`,
    );
}

const collMod: Command = function* collMod(request, { catalog }) {
  const { body, database } = request;
  const name = collectionName(request);
  if (catalog.view(database, name)) {
    catalog.changeView(database, name, viewOptions({ ...body }));
    return { ok: 1 };
  }
  const collection = existing(yield* catalog.find(database, name));
  const { index } = body;
  if (isDoc(index)) checkPart('collMod.index', index);
  const result = isDoc(index) ? changeIndex(collection, index) : {};
  collection.setOptions({ ...collection.options, ...collectionOptions(body) });
  catalog.save(collection);
  return { ...result, ok: 1 };
};

/** Changes the expiry and visibility of an index. Returns the old and new values. */
function changeIndex(collection: Collection, indexSpec: Doc): Doc {
  const key = isDoc(indexSpec.keyPattern) ? encodeKey(plain(indexSpec.keyPattern)) : undefined;
  const index = collection.indexes.find(
    ({ name, spec }) => name === indexSpec.name || (key !== undefined && encodeKey(plain(spec.key)) === key),
  );
  if (!index)
    throw new MongoCommandError(
      27,
      `cannot find index ${String(indexSpec.name)} for ns ${collection.namespace}`,
    );
  const out: Doc = {};
  if (indexSpec.expireAfterSeconds !== undefined) {
    if (index.expireAfterSeconds !== undefined) out.expireAfterSeconds_old = index.spec.expireAfterSeconds;
    out.expireAfterSeconds_new = indexSpec.expireAfterSeconds;
    index.change({ expireAfterSeconds: indexSpec.expireAfterSeconds });
  }
  if (indexSpec.hidden !== undefined) {
    if (index === collection.idIndex) throw new MongoCommandError(2, "can't hide _id index");
    out.hidden_old = index.isHidden;
    out.hidden_new = isTrue(indexSpec.hidden);
    index.change({ hidden: isTrue(indexSpec.hidden) ? true : undefined });
  }
  return out;
}

function existing(collection: Collection | undefined): Collection {
  if (!collection) throw new MongoCommandError(26, 'ns does not exist');
  return collection;
}

function dropCollection(collection: Collection, { catalog, announce }: CommandContext): void {
  catalog.drop(collection);
  announce({ type: 'drop', database: collection.database, collection: collection.name });
}

const drop: Command = function* drop(request, context) {
  const { database } = request;
  const name = collectionName(request);
  if (context.catalog.view(database, name)) {
    context.catalog.dropView(database, name);
    return { ns: `${database}.${name}`, ok: 1 };
  }
  const collection = yield* context.catalog.find(database, name);
  if (!collection) return { ok: 1 };
  const nIndexesWas = collection.indexes.length;
  dropCollection(collection, context);
  return { nIndexesWas, ns: collection.namespace, ok: 1 };
};

const dropDatabase: Command = function* dropDatabase({ database }, context) {
  const { catalog } = context;
  const names = catalog.collections(database).map(({ name }) => name);
  for (const name of names) {
    if (catalog.view(database, name)) catalog.dropView(database, name);
    const collection = yield* catalog.find(database, name);
    if (collection) dropCollection(collection, context);
  }
  if (names.length > 0) context.announce({ type: 'dropDatabase', database });
  return { ...(names.length > 0 ? { dropped: database } : {}), ok: 1 };
};

const renameCollection: Command = function* renameCollection({ body }, context) {
  const [from, to] = [splitNamespace(body.renameCollection), splitNamespace(body.to)];
  const collection = existing(yield* context.catalog.find(from.database, from.name));
  if (from.database === to.database && from.name === to.name) {
    throw new MongoCommandError(20, "Can't rename a collection to itself");
  }
  const targetCollection = yield* context.catalog.find(to.database, to.name);
  if ((targetCollection || context.catalog.has(to.database, to.name)) && !isTrue(body.dropTarget)) {
    throw new MongoCommandError(48, 'target namespace exists');
  }
  if (targetCollection) context.catalog.drop(targetCollection);
  context.catalog.rename(collection, to.database, to.name);
  context.announce({
    type: 'rename',
    database: from.database,
    collection: from.name,
    to: { database: to.database, collection: to.name },
    hasDropped: targetCollection !== undefined,
  });
  return { ok: 1 };
};

function splitNamespace(value: unknown): { database: string; name: string } {
  const [database = '', ...name] = String(value).split('.');
  return { database, name: name.join('.') };
}

const shownOptions = ({ [SEARCH_INDEXES]: _searchIndexes, ...options }: Doc): Doc => options;

const listCollections: Command = ({ body, database }, { catalog, cursors }) => {
  const test = compileFilter(plainDoc(body.filter));
  const visible = catalog.collections(database).filter(({ name }) => !name.startsWith(UNFINISHED));
  const rows = visible.map(({ name, record }) => ({
    name,
    type: record.options.viewOn === undefined ? 'collection' : 'view',
    options: shownOptions(record.options),
    ...(record.options.viewOn === undefined
      ? { info: { readOnly: false, uuid: new UUID(record.uuid) }, idIndex: idIndexSpec() }
      : { info: { readOnly: true } }),
  }));
  const cursor = isDoc(body.cursor) ? body.cursor : {};
  const matches: Doc[] = rows.filter(test);
  const source = new ListSource(matches, (row) =>
    encode(isTrue(body.nameOnly) ? { name: row.name, type: row.type } : row),
  );
  return cursors.firstReply(
    { namespace: `${database}.$cmd.listCollections`, body },
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

const collStats: Command = function* collStats(request, { catalog }) {
  const name = collectionName(request);
  const collection = yield* catalog.find(request.database, name);
  const scale = toNumber(request.body.scale) ?? 1;
  const stats = collection
    ? storageStats(collection)
    : { size: 0, count: 0, storageSize: 0, nindexes: 0, indexSizes: {}, totalIndexSize: 0 };
  const scaled = Object.fromEntries(
    Object.entries(stats).map(([key, value]) => [
      key,
      /size$/i.test(key) && typeof value === 'number' ? Math.floor(value / scale) : value,
    ]),
  );
  return { ns: `${request.database}.${name}`, ...scaled, scaleFactor: scale, ok: 1 };
};

const dbStats: Command = function* dbStats({ database }, { catalog }) {
  const all = catalog.collections(database);
  const present: Collection[] = [];
  for (const { name } of all) {
    const collection = yield* catalog.find(database, name);
    if (collection) present.push(collection);
  }
  const stats = present.map(storageStats);
  const sum = (key: string): number => stats.reduce((total, row) => total + (toNumber(row[key]) ?? 0), 0);
  return {
    db: database,
    collections: present.length,
    views: all.length - present.length,
    objects: sum('count'),
    avgObjSize: sum('count') === 0 ? 0 : sum('size') / sum('count'),
    dataSize: sum('size'),
    storageSize: sum('size'),
    indexes: sum('nindexes'),
    indexSize: sum('totalIndexSize'),
    totalSize: sum('size') + sum('totalIndexSize'),
    scaleFactor: 1,
    ok: 1,
  };
};

/** Reads every document and compares it with the indexes. */
const validate: Command = function* validate(request, { catalog }) {
  const name = collectionName(request);
  const collection = existing(yield* catalog.find(request.database, name));
  const errors: string[] = [];
  let nrecords = 0;
  const keysPerIndex = Object.fromEntries(
    collection.indexes.map((index) => [index.name, index.entries.size]),
  );
  for (const [at, rid] of collection.rids().entries()) {
    try {
      if (collection.get(rid)) nrecords += 1;
    } catch (error) {
      errors.push(error instanceof Error ? error.message : String(error));
    }
    if (isPause(at)) yield;
  }
  return {
    ns: collection.namespace,
    nInvalidDocuments: errors.length,
    nrecords,
    nIndexes: collection.indexes.length,
    keysPerIndex,
    valid: errors.length === 0,
    errors,
    warnings: [],
    ok: 1,
  };
};

/** MongoDB compacts a single collection; here all of them are in one file. */
const compact: Command = async (_request, context) => {
  const { before, after } = await context.compact();
  return { bytesFreed: before - after, bytesBefore: before, bytesAfter: after, ok: 1 };
};

export const collectionCommands: CommandTable = {
  compact,
  validate,
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
