import { isDoc, isTrue, plain, toNumber, type Doc } from '../bson/values.js';
import { encode } from '../bson/values.js';
import { parseCollation } from '../bson/collation.js';
import { encodeKey } from '../bson/key-string.js';
import { MongoCommandError } from '../errors.js';
import { compileFilter, isOperatorDoc } from '../query/filter.js';
import { ListSource } from '../server/cursors.js';
import type { Command, CommandTable } from '../server/context.js';
import type { Collection } from '../storage/collection.js';
import { indexTypeOf } from '../storage/index-type.js';
import { collectionName, docs, wholeNumber } from './arguments.js';

/** MongoDB's limit for a collection, with the index of `_id`. */
const MAX_INDEXES = 64;
/** Options in which two indexes must agree to be the same. */
const SIGNIFICANT = [
  'unique',
  'sparse',
  'partialFilterExpression',
  'expireAfterSeconds',
  'collation',
] as const;
/** Options that are accepted but have no effect here. */
const WITHOUT_EFFECT = new Set(['background', 'v', 'ns', 'clustered', 'comment']);

const createIndexes: Command = function* createIndexes(request, { catalog, data }) {
  const name = collectionName(request);
  const specs = docs(request.body.indexes, 'indexes').map(checkedSpec);
  const isNew = !catalog.has(request.database, name);
  const indexing = yield* data.indexing(request.database, name);
  const { collection } = indexing;
  const before = collection.indexes.filter(({ isReady }) => isReady).length;
  const newSpecs: Doc[] = [];
  try {
    for (const spec of specs) {
      // The same index may be under construction for somebody else, whose build can still fail.
      while (isBeingBuilt(collection, spec)) yield 'wait';
      if (isPresent(collection, spec)) continue;
      if (collection.indexes.length >= MAX_INDEXES)
        throw new MongoCommandError(67, `add index fails, too many indexes for ${collection.namespace}`);
      yield* indexing.add(spec);
      newSpecs.push(spec);
    }
  } catch (error) {
    // All of them or none.
    collection.indexes = collection.indexes.filter((index) => !newSpecs.includes(index.spec));
    throw error;
  }
  if (newSpecs.length > 0) indexing.save();
  return {
    numIndexesBefore: before,
    numIndexesAfter: collection.indexes.filter(({ isReady }) => isReady).length,
    createdCollectionAutomatically: isNew,
    ...(newSpecs.length === 0 ? { note: 'all indexes already exist' } : {}),
    ok: 1,
  };
};

const isBeingBuilt = (collection: Collection, { name, key }: Doc): boolean =>
  collection.indexes.some(
    ({ isReady, spec }) => !isReady && (spec.name === name || encodeKey(spec.key) === encodeKey(key)),
  );

/** Types of indexes besides ascending and descending ones. */
const TYPES = new Set(['2d', '2dsphere', 'hashed']);
/** Options that only these types have. */
const TYPE_OPTIONS = new Set(['min', 'max', 'bits', '2dsphereIndexVersion']);

/** Throws `MongoCommandError` 67 or 197 for an index this store does not support. */
function checkedSpec(spec: Doc): Doc {
  const { key, name } = spec;
  if (!isDoc(key) || Object.keys(key).length === 0)
    throw new MongoCommandError(67, 'Index keys cannot be empty.');
  parseCollation(spec.collation);
  for (const [path, direction] of Object.entries(key)) {
    if (path.includes('$**')) throw refusedIndex('wildcard');
    if (typeof direction === 'string' && !TYPES.has(direction)) throw refusedIndex(direction);
    if (typeof direction !== 'string' && !toNumber(direction))
      throw new MongoCommandError(67, `Values in the index key pattern must not be 0: ${path}`);
  }
  if (typeof name !== 'string' || name === '') {
    throw new MongoCommandError(9, "The 'name' field is a required property of an index specification");
  }
  const indexSpec: Doc = { v: 2, key, name };
  for (const [option, value] of Object.entries(spec)) {
    if (option in indexSpec || WITHOUT_EFFECT.has(option)) continue;
    const isTyped = TYPE_OPTIONS.has(option) && indexTypeOf(key) === 'geo';
    if (option !== 'hidden' && !isTyped && !SIGNIFICANT.some((significant) => significant === option)) {
      throw new MongoCommandError(197, `The field '${option}' is not valid for an index specification`);
    }
    if (value !== false) indexSpec[option] = value;
  }
  checkOptions(indexSpec, key);
  if (Object.values(key).includes('2dsphere')) indexSpec['2dsphereIndexVersion'] ??= 3;
  return indexSpec;
}

function checkOptions(spec: Doc, key: Doc): void {
  const type = indexTypeOf(key);
  if (isTrue(spec.unique) && type === 'geo') refuse('a geospatial index cannot be unique');
  if (isTrue(spec.unique) && type === 'hashed')
    throw new MongoCommandError(
      16764,
      'Currently hashed indexes cannot guarantee uniqueness. Use a regular index.',
    );
  const partial = plain(spec.partialFilterExpression);
  if (partial !== undefined)
    checkPartial(isDoc(partial) ? partial : refuse('partialFilterExpression must be an object'));
  if (partial !== undefined && isTrue(spec.sparse)) {
    throw new MongoCommandError(67, "cannot mix 'partialFilterExpression' and 'sparse' options");
  }
  if (spec.expireAfterSeconds === undefined) return;
  if (Object.keys(key).length !== 1) throw new MongoCommandError(67, 'TTL indexes are single-field indexes');
  if ((toNumber(spec.expireAfterSeconds) ?? -1) < 0) refuse('expireAfterSeconds must be a number >= 0');
}

const PARTIAL_OPERATORS = new Set(['$eq', '$gt', '$gte', '$lt', '$lte', '$in', '$type', '$exists']);

/** Checks that a partial index only uses supported conditions (the manual's page on partial indexes). */
function checkPartial(filter: Doc): void {
  compileFilter(filter);
  for (const [name, condition] of Object.entries(filter)) {
    if ((name === '$and' || name === '$or') && Array.isArray(condition)) {
      for (const branch of condition) if (isDoc(branch)) checkPartial(branch);
    } else if (name.startsWith('$') || (isOperatorDoc(condition) && !isKeptByIndex(condition))) {
      refuse(`Expression not supported in partial index: ${name}`);
    }
  }
}

const isKeptByIndex = (condition: Doc): boolean =>
  Object.entries(condition).every(
    ([operator, operand]) => PARTIAL_OPERATORS.has(operator) && (operator !== '$exists' || isTrue(operand)),
  );

const refuse = (message: string): never => {
  throw new MongoCommandError(67, message);
};

const refusedIndex = (type: string): MongoCommandError =>
  new MongoCommandError(67, `Index type '${type}' is not supported by the embedded store`);

/**
 * Whether the same index exists. Throws `MongoCommandError` 85 or 86 if a different one conflicts with it.
 */
function isPresent(collection: Collection, spec: Doc): boolean {
  for (const { spec: other } of collection.indexes) {
    const sameKey = encodeKey(other.key) === encodeKey(spec.key);
    const sameOptions =
      other.name === '_id_' || SIGNIFICANT.every((name) => encodeKey(other[name]) === encodeKey(spec[name]));
    if (other.name === spec.name) {
      if (sameKey && sameOptions) return true;
      throw new MongoCommandError(
        sameKey && sameButExpiry(other, spec) ? 85 : 86,
        `An existing index has the same name as the requested index. Requested index: ${String(spec.name)}`,
      );
    }
    if (!sameKey) continue;
    if (other.name === '_id_') return true;
    const samePartial = encodeKey(other.partialFilterExpression) === encodeKey(spec.partialFilterExpression);
    if (sameOptions) {
      throw new MongoCommandError(85, `Index already exists with a different name: ${String(other.name)}`);
    }
    if (samePartial) {
      throw new MongoCommandError(
        85,
        `An equivalent index already exists with different options: ${String(other.name)}`,
      );
    }
  }
  return false;
}

/** Whether the indexes differ only in their expiry, which `collMod` can change. */
const sameButExpiry = (a: Doc, b: Doc): boolean =>
  SIGNIFICANT.every((name) => name === 'expireAfterSeconds' || encodeKey(a[name]) === encodeKey(b[name]));

const dropIndexes: Command = function* dropIndexes(request, { catalog }) {
  const collection = yield* catalog.find(request.database, collectionName(request));
  if (!collection) throw new MongoCommandError(26, 'ns not found');
  const { index: requested } = request.body;
  const nIndexesWas = collection.indexes.length;
  if (requested === '*') collection.indexes = [collection.idIndex];
  else
    for (const item of Array.isArray(requested) ? (requested as unknown[]) : [requested])
      dropOne(collection, item);
  catalog.save(collection);
  return { nIndexesWas, ok: 1 };
};

function dropOne(collection: Collection, requested: unknown): void {
  const match = collection.indexes.find(
    ({ name, spec }) =>
      name === requested || (isDoc(requested) && encodeKey(spec.key) === encodeKey(requested)),
  );
  if (!match) throw new MongoCommandError(27, `index not found with name [${String(requested)}]`);
  if (match === collection.idIndex) throw new MongoCommandError(72, 'cannot drop _id index');
  collection.indexes = collection.indexes.filter((index) => index !== match);
}

const listIndexes: Command = function* listIndexes(request, { catalog, cursors }) {
  const name = collectionName(request);
  if (catalog.view(request.database, name)) {
    throw new MongoCommandError(166, `Namespace ${request.database}.${name} is a view, not a collection`);
  }
  const collection = yield* catalog.find(request.database, name);
  if (!collection) throw new MongoCommandError(26, `ns does not exist: ${request.database}.${name}`);
  const source = new ListSource(
    collection.indexes.filter(({ isReady }) => isReady),
    ({ spec }) => encode(spec),
  );
  const cursor = isDoc(request.body.cursor) ? request.body.cursor : {};
  return cursors.firstReply(
    { namespace: `${request.database}.${name}`, body: request.body },
    source,
    wholeNumber(cursor.batchSize, 'batchSize'),
  );
};

export const indexCommands: CommandTable = {
  createIndexes,
  dropIndexes,
  deleteIndexes: dropIndexes,
  listIndexes,
};
