import type { Document } from 'mongodb';
import type { SearchRequest } from '../../../contracts/retriever.js';
import { VECTORS_INDEX, WORDS_INDEX } from './search-indexes.js';

/** Fields of a row returned by a search. */
const PROJECTED_FIELDS = {
  documentId: 1,
  version: 1,
  chunkId: 1,
  title: 1,
  text: 1,
  locale: 1,
  terms: 1,
  heads: 1,
} as const;
/** How much more a word in the title or headings counts than one in the text. */
export const HEAD_BOOST = 2;
/** Nearest neighbours examined per result requested, and the maximum a server allows. */
const CANDIDATES_EACH = 20;
const MOST_CANDIDATES = 10_000;
/** Weights of the two halves, as in `fuse`: a model may hardly know the language. */
const WEIGHTS = { keyword: 0.7, semantic: 0.3 } as const;

type Filter = NonNullable<SearchRequest['filter']>;

export interface WordsQuery {
  readonly terms: readonly string[];
  readonly filter: Filter;
  readonly limit: number;
}

export interface VectorQuery {
  readonly vector: Float32Array;
  readonly modelId: string;
  readonly filter: Filter;
  readonly limit: number;
}

/** A metadata value as a single token. */
export function facet(name: string, value: string | number | boolean): string {
  return `${name}=${typeof value}:${String(value)}`;
}

function facetsOf({ metadata = {} }: Filter): readonly string[] {
  return Object.entries(metadata).map(([name, value]) => facet(name, value));
}

function searchWords({ terms, filter }: WordsQuery): Document {
  const query = terms.join(' ');
  const { locale, documentIds } = filter;
  const conditions = [
    ...(locale === undefined ? [] : [{ equals: { path: 'locale', value: locale } }]),
    ...(documentIds === undefined ? [] : [{ in: { path: 'documentId', value: [...documentIds] } }]),
    ...facetsOf(filter).map((value) => ({ equals: { path: 'facets', value } })),
  ];
  return {
    $search: {
      index: WORDS_INDEX,
      compound: {
        should: [
          { text: { query, path: 'terms' } },
          { text: { query, path: 'heads', score: { boost: { value: HEAD_BOOST } } } },
        ],
        minimumShouldMatch: 1,
        ...(conditions.length === 0 ? {} : { filter: conditions }),
      },
    },
  };
}

function searchVectors({ vector, modelId, filter, limit }: VectorQuery): Document {
  const { locale, documentIds } = filter;
  const conditions = [
    { modelId: { $eq: modelId } },
    ...(locale === undefined ? [] : [{ locale: { $eq: locale } }]),
    ...(documentIds === undefined ? [] : [{ documentId: { $in: [...documentIds] } }]),
    ...facetsOf(filter).map((value) => ({ facets: { $eq: value } })),
  ];
  return {
    $vectorSearch: {
      index: VECTORS_INDEX,
      path: 'vector',
      queryVector: [...vector],
      numCandidates: Math.min(MOST_CANDIDATES, limit * CANDIDATES_EACH),
      limit,
      filter: { $and: conditions },
    },
  };
}

export function wordsPipeline(query: WordsQuery): readonly Document[] {
  return [
    searchWords(query),
    { $limit: query.limit },
    { $project: { ...PROJECTED_FIELDS, keyword: { $meta: 'searchScore' } } },
  ];
}

export function vectorPipeline(query: VectorQuery): readonly Document[] {
  return [
    searchVectors(query),
    { $project: { ...PROJECTED_FIELDS, semantic: { $meta: 'vectorSearchScore' } } },
  ];
}

/** Runs both halves in one call; `details` holds the score each half gave a row. */
export function fusionPipeline(words: WordsQuery, vectors: VectorQuery): readonly Document[] {
  return [
    {
      $rankFusion: {
        input: {
          pipelines: {
            keyword: [searchWords(words), { $limit: words.limit }],
            semantic: [searchVectors(vectors)],
          },
        },
        combination: { weights: WEIGHTS },
        scoreDetails: true,
      },
    },
    { $limit: words.limit },
    { $project: { ...PROJECTED_FIELDS, details: { $meta: 'scoreDetails' } } },
  ];
}
