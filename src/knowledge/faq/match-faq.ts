import type { FaqEntry, FaqMatch } from '../../contracts/knowledge.js';
import { LOCALES, type Locale } from '../../contracts/message.js';
import type { Analyzer } from '../search/text/analyzer.js';
import { FAQ_THRESHOLD } from './calibration.js';
import { exactForm, FaqIndex } from './faq-index.js';

/** One index per language that has entries. */
export type FaqIndexes = ReadonlyMap<Locale, FaqIndex>;

/**
 * What an entry in another language than the question's is worth: an answer one cannot read is
 * hardly one, and short words are spelt alike by chance.
 */
const OTHER_LANGUAGE_WEIGHT = 0.9;
/** So many words in the same order are of the entry's language, not alike by chance. */
const WORDS_OF_A_LANGUAGE = 3;

/** Newest entries first, so that of two alike the newer one answers. */
export function buildFaqIndexes(entries: readonly FaqEntry[], analyzer: Analyzer): FaqIndexes {
  const newestFirst = entries.toSorted((a, b) => b.updatedAt.getTime() - a.updatedAt.getTime());
  const indexes = new Map<Locale, FaqIndex>();
  for (const locale of LOCALES) {
    const own = newestFirst.filter((entry) => entry.locale === locale);
    if (own.length > 0) indexes.set(locale, new FaqIndex(own, locale, analyzer));
  }
  return indexes;
}

/** Best entry for the question; one in another language only when none of its own is sure. */
export function matchFaq(indexes: FaqIndexes, question: string, locale: Locale): FaqMatch | undefined {
  const own = matchOwn(indexes.get(locale), question);
  if (own !== undefined && own.score >= FAQ_THRESHOLD) return own;
  let best = own;
  for (const [other, index] of indexes) {
    if (other === locale) continue;
    const match = matchOther(index, question);
    if (match !== undefined && match.score > (best?.score ?? 0)) best = match;
  }
  return best;
}

function matchOwn(index: FaqIndex | undefined, question: string): FaqMatch | undefined {
  const entry = index?.findExact(question);
  if (entry !== undefined) return { entry, score: 1, exact: true };
  const best = index?.find(question)[0];
  return best === undefined ? undefined : { entry: best.entry, score: best.score, exact: false };
}

function matchOther(index: FaqIndex, question: string): FaqMatch | undefined {
  const same = index.findExact(question);
  if (same !== undefined && wordCount(question) >= WORDS_OF_A_LANGUAGE) {
    return { entry: same, score: OTHER_LANGUAGE_WEIGHT, exact: false };
  }
  const best = index.find(question)[0];
  if (best === undefined) return undefined;
  const score = best.score * OTHER_LANGUAGE_WEIGHT;
  // One word in common says nothing of the language it was asked in.
  return {
    entry: best.entry,
    score: best.words < 2 ? Math.min(score, FAQ_THRESHOLD / 2) : score,
    exact: false,
  };
}

function wordCount(question: string): number {
  return exactForm(question).split(' ').length;
}
