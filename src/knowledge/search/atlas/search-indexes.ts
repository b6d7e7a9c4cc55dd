import { isDeepStrictEqual } from 'node:util';
import type { Collection, Document } from 'mongodb';

export const WORDS_INDEX = 'sapa_words';
export const VECTORS_INDEX = 'sapa_vectors';

/** `building`: at least one index cannot be searched yet. */
export type IndexState = 'queryable' | 'building';

interface IndexDefinition {
  readonly name: string;
  readonly type: 'search' | 'vectorSearch';
  readonly definition: Document;
}

/** Terms are already stemmed, so the server only splits them. */
const TERMS = { type: 'string', analyzer: 'lucene.whitespace' } as const;
const TOKEN = { type: 'token' } as const;

function indexDefinitions(dimensions: number | undefined): readonly IndexDefinition[] {
  const words: IndexDefinition = {
    name: WORDS_INDEX,
    type: 'search',
    definition: {
      mappings: {
        dynamic: false,
        fields: {
          terms: TERMS,
          heads: TERMS,
          documentId: TOKEN,
          version: TOKEN,
          locale: TOKEN,
          facets: TOKEN,
        },
      },
    },
  };
  if (dimensions === undefined) return [words];
  const vector = { type: 'vector', path: 'vector', numDimensions: dimensions, similarity: 'cosine' };
  const filters = ['documentId', 'locale', 'facets', 'modelId'].map((path) => ({ type: 'filter', path }));
  return [words, { name: VECTORS_INDEX, type: 'vectorSearch', definition: { fields: [vector, ...filters] } }];
}

/**
 * Creates missing indexes and updates those that differ. The server builds an index in the background, which
 * takes from seconds to minutes; the state is `building` until all of them can be searched.
 */
export async function keepSearchIndexes(
  collection: Collection,
  dimensions: number | undefined,
): Promise<IndexState> {
  const definitions = indexDefinitions(dimensions);
  const existing = await indexesOf(collection);
  let hasChanges = false;
  for (const index of definitions) {
    const existingIndex = existing.find(({ name }) => name === index.name);
    if (existingIndex === undefined) await create(collection, index);
    else if (!sameDefinition(existingIndex['latestDefinition'], index.definition)) {
      await collection.updateSearchIndex(index.name, index.definition);
    } else continue;
    hasChanges = true;
  }
  const now = hasChanges ? await indexesOf(collection) : existing;
  const isReady = ({ name }: IndexDefinition): boolean =>
    now.some((index) => index['name'] === name && index['queryable'] === true);
  return definitions.every(isReady) ? 'queryable' : 'building';
}

function indexesOf(collection: Collection): Promise<Document[]> {
  return collection.listSearchIndexes().toArray();
}

/** The collection must exist first; another process may create either of them before us. */
async function create(collection: Collection, { name, type, definition }: IndexDefinition): Promise<void> {
  try {
    await collection.createSearchIndex({ name, type, definition });
  } catch (error) {
    if (!isCode(error, NAMESPACE_NOT_FOUND) && !isCode(error, INDEX_EXISTS)) throw error;
    if (isCode(error, INDEX_EXISTS)) return;
    await collection.db.createCollection(collection.collectionName).catch((failure: unknown) => {
      if (!isCode(failure, NAMESPACE_EXISTS)) throw failure;
    });
    await collection.createSearchIndex({ name, type, definition });
  }
}

const NAMESPACE_NOT_FOUND = 26;
const NAMESPACE_EXISTS = 48;
const INDEX_EXISTS = 68;

/** Whether a driver error carries this server error code. */
export function isCode(error: unknown, code: number): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === code;
}

/** The server may add defaults of its own, so only the values we wrote are compared. */
function sameDefinition(existing: unknown, definition: unknown): boolean {
  if (Array.isArray(definition)) {
    return (
      Array.isArray(existing) &&
      existing.length === definition.length &&
      definition.every((item, at) => sameDefinition(existing[at], item))
    );
  }
  if (typeof definition !== 'object' || definition === null) return isDeepStrictEqual(existing, definition);
  return Object.entries(definition).every(([name, value]) =>
    sameDefinition((existing as Readonly<Record<string, unknown>> | undefined)?.[name], value),
  );
}

/** Whether this server supports search indexes; servers without them reject the call. */
export async function answersSearchIndexes(collection: {
  listSearchIndexes(): { toArray(): Promise<unknown[]> };
}): Promise<boolean> {
  try {
    await collection.listSearchIndexes().toArray();
    return true;
  } catch {
    return false;
  }
}
