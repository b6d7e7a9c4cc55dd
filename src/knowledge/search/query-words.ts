import type { Locale } from '../../contracts/message.js';
import type { Bm25Index } from './bm25-index.js';
import type { Analyzer } from './text/analyzer.js';
import { tokenize } from './text/tokenize.js';

/** A longer query is really a document; its beginning says what it is about. */
const MAXIMUM_CHARACTERS = 4_000;
/** Maximum number of different words looked up. */
const MAXIMUM_WORDS = 128;

export interface QueryWord {
  /** The word's terms in the index, one per language it may belong to; empty if it is unknown. */
  readonly termIds: readonly number[];
  /** Inverse document frequency: the weight of the word in `coverage`. */
  readonly idf: number;
}

/**
 * The distinct content words of a query, stemmed for every language in the index, because a short question
 * rarely reveals its language.
 */
export function queryWords(
  query: string,
  index: Bm25Index,
  analyzer: Analyzer,
  languages: readonly Locale[],
): QueryWord[] {
  const words: QueryWord[] = [];
  const seen = new Set<string>();
  for (const token of tokenize(query.slice(0, MAXIMUM_CHARACTERS))) {
    if (seen.has(token)) continue;
    seen.add(token);
    const word = queryWord(token, index, analyzer, languages);
    if (word !== undefined) words.push(word);
    if (words.length === MAXIMUM_WORDS) break;
  }
  return words;
}

/**
 * `undefined` for a function word. In an index of two languages, "are" is a function word of one and unknown
 * in the other: it counts only if a document of the other contains it.
 */
function queryWord(
  token: string,
  index: Bm25Index,
  analyzer: Analyzer,
  languages: readonly Locale[],
): QueryWord | undefined {
  const termIds: number[] = [];
  let isFunctionWord = false;
  let matches = 0;
  for (const language of languages) {
    const term = analyzer.term(token, language);
    if (term === '') isFunctionWord = true;
    const id = term === '' ? undefined : index.termId(term);
    if (id === undefined || termIds.includes(id)) continue;
    termIds.push(id);
    matches += index.frequency(id);
  }
  return isFunctionWord && termIds.length === 0 ? undefined : { termIds, idf: index.idf(matches) };
}

/** Share of the query's information that the document covers, 0..1; 0 for a query without words. */
export function coverage(words: readonly QueryWord[], index: Bm25Index, document: number): number {
  let all = 0;
  let covered = 0;
  for (const { termIds, idf } of words) {
    all += idf;
    if (termIds.some((id) => index.holds(document, id))) covered += idf;
  }
  return all === 0 ? 0 : covered / all;
}

/** The highest possible BM25 score for these words; dividing by it scales scores to 0..1. */
export function highestScore(words: readonly QueryWord[]): number {
  return words.reduce((sum, { idf }) => sum + idf, 0);
}
