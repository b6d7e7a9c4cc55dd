import { ObjectId } from 'bson';
import type { SearchIndex } from '../aggregation/pipeline.js';
import { isDoc, plain, type Doc } from '../bson/values.js';
import { MongoCommandError } from '../errors.js';
import type { Command, CommandTable } from '../server/context.js';
import type { Collection } from '../storage/collection.js';
import { collectionName, docs } from './arguments.js';

/** The collection option that holds the definitions; MongoDB has no option of this name. */
export const SEARCH_INDEXES = 'sapaSearchIndexes';

export function searchIndexesOf(options: Doc | undefined): readonly SearchIndex[] {
  const list = options?.[SEARCH_INDEXES];
  return Array.isArray(list) ? (list as SearchIndex[]) : [];
}

const existing = (collection: Collection | undefined, namespace: string): Collection => {
  if (!collection) throw new MongoCommandError(26, `Collection '${namespace}' does not exist.`);
  return collection;
};

function definitionOf(spec: Doc): Doc {
  const definition = plain(spec.definition);
  if (isDoc(definition)) return definition;
  throw new MongoCommandError(
    40414,
    "BSON field 'createSearchIndexes.indexes.definition' is missing but a required field",
  );
}

function newIndex(spec: Doc): SearchIndex {
  const { name, type = 'search' } = spec;
  if (type !== 'search' && type !== 'vectorSearch')
    throw new MongoCommandError(8, `"type" must be one of [search, vectorSearch]`);
  const definition = definitionOf(spec);
  if (type === 'vectorSearch' && !Array.isArray(definition.fields))
    throw new MongoCommandError(8, '"fields" is required');
  return {
    id: new ObjectId().toHexString(),
    name: typeof name === 'string' ? name : type === 'search' ? 'default' : 'vector_index',
    type,
    definition,
  };
}

const createSearchIndexes: Command = function* create(request, { catalog }) {
  const { database, body } = request;
  const name = collectionName(request);
  const collection = existing(yield* catalog.find(database, name), `${database}.${name}`);
  const newIndexes = docs(body.indexes, 'indexes').map(newIndex);
  const current = searchIndexesOf(collection.options);
  const duplicate = newIndexes.find((index) => current.some((other) => other.name === index.name));
  if (duplicate)
    throw new MongoCommandError(68, `Duplicate Index: an index named "${duplicate.name}" is already defined`);
  change(collection, [...current, ...newIndexes]);
  catalog.save(collection);
  return { indexesCreated: newIndexes.map((index) => ({ id: index.id, name: index.name })), ok: 1 };
};

function change(collection: Collection, indexes: readonly SearchIndex[]): void {
  const { [SEARCH_INDEXES]: _old, ...options } = collection.options;
  collection.setOptions(indexes.length === 0 ? options : { ...options, [SEARCH_INDEXES]: indexes });
}

function find(collection: Collection, { name, id }: Doc): SearchIndex {
  const match = searchIndexesOf(collection.options).find((index) =>
    id === undefined ? index.name === name : index.id === id,
  );
  if (!match) throw new MongoCommandError(27, `search index named '${String(name ?? id)}' does not exist`);
  return match;
}

const updateSearchIndex: Command = function* update(request, { catalog }) {
  const { database, body } = request;
  const name = collectionName(request);
  const collection = existing(yield* catalog.find(database, name), `${database}.${name}`);
  const old = find(collection, body);
  const definition = definitionOf(body);
  change(
    collection,
    searchIndexesOf(collection.options).map((index) =>
      index.id === old.id ? { ...old, definition } : index,
    ),
  );
  catalog.save(collection);
  return { ok: 1 };
};

const dropSearchIndex: Command = function* drop(request, { catalog }) {
  const { database, body } = request;
  const name = collectionName(request);
  const collection = existing(yield* catalog.find(database, name), `${database}.${name}`);
  const old = find(collection, body);
  change(
    collection,
    searchIndexesOf(collection.options).filter((index) => index.id !== old.id),
  );
  catalog.save(collection);
  return { ok: 1 };
};

export const searchIndexCommands: CommandTable = { createSearchIndexes, updateSearchIndex, dropSearchIndex };
