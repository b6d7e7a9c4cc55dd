import type { Locale } from '../../../contracts/message.js';
import { inverseFrequency } from '../../../lib/search-maths.js';
import type { Analyzer } from '../text/analyzer.js';
import { tokenize } from '../text/tokenize.js';

/** A longer query is really a document; its beginning says what it is about. */
const MAXIMUM_CHARACTERS = 4_000;
/** Maximum number of different words looked up. */
const MAXIMUM_WORDS = 128;

/** One word of a query, stemmed for each language it may belong to. */
export interface QueryTerm {
  readonly terms: readonly string[];
  /** A function word in one of the languages: it counts only if a passage contains it. */
  readonly isFunctionWord: boolean;
}

export function queryTerms(query: string, analyzer: Analyzer, languages: readonly Locale[]): QueryTerm[] {
  const tokens = new Set(tokenize(query.slice(0, MAXIMUM_CHARACTERS)));
  const words: QueryTerm[] = [];
  for (const token of tokens) {
    const stems = languages.map((language) => analyzer.term(token, language));
    const terms = [...new Set(stems.filter((term) => term !== ''))];
    if (terms.length > 0) words.push({ terms, isFunctionWord: stems.includes('') });
    if (words.length === MAXIMUM_WORDS) break;
  }
  return words;
}

export interface Weighed {
  /** Share of the query's information that each candidate covers, 0..1. */
  readonly coverage: readonly number[];
  /** The highest possible keyword score. */
  readonly highest: number;
}

/**
 * Weighs the words of a query by their rarity. Document frequency is counted among the candidates only: the
 * search by words returns passages containing at least one of the words, so a word found in none of them is
 * rare elsewhere too.
 */
export function weigh(
  words: readonly QueryTerm[],
  candidates: readonly ReadonlySet<string>[],
  size: number,
  headBoost: number,
): Weighed {
  const weights = words.flatMap(({ terms, isFunctionWord }) => {
    const holders = candidates.map((passageTerms) => terms.some((term) => passageTerms.has(term)));
    const matches = holders.filter(Boolean).length;
    if (isFunctionWord && matches === 0) return [];
    return { holders, idf: inverseFrequency(Math.max(size, candidates.length), matches) };
  });
  const all = weights.reduce((sum, { idf }) => sum + idf, 0);
  const coverage = candidates.map((_candidate, at) => {
    const weight = weights.reduce((sum, { holders, idf }) => sum + (holders[at] === true ? idf : 0), 0);
    return all === 0 ? 0 : weight / all;
  });
  return { coverage, highest: all * (1 + headBoost) };
}
