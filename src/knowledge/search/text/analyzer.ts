import { newStemmer } from 'snowball-stemmers';
import type { Locale } from '../../../contracts/message.js';
import { writtenForm } from './chat-forms.js';
import { stemIndonesian } from './indonesian-stemmer.js';
import { QUESTION_WORDS, STOP_WORDS } from './stop-words.js';
import { tokenize } from './tokenize.js';

/** Stems cached per language before the cache is cleared; a vocabulary is rarely larger. */
const MEMO_LIMIT = 50_000;
/**
 * Longer tokens are not words: they are truncated and not stemmed, so that no stemmer receives a megabyte.
 */
const MAXIMUM_TOKEN = 64;

/** Must be raised with every change that gives a text other terms, so that stored terms are made anew. */
const VERSION = '1';

export interface Analyzer {
  /** Terms of two versions cannot be compared. */
  readonly version: string;
  /** The term for one token of `tokenize`, or `''` for a function word. */
  term(token: string, language: Locale): string;
  /** The terms of a text in order, without function words. */
  terms(text: string, language: Locale): string[];
}

export interface AnalyzerOptions {
  /** Keeps "when", "how much", "not": they distinguish two questions about one subject. */
  readonly keepQuestionWords: boolean;
}

/** Turns text into search terms. Caches stems, so that one analyzer can serve a whole process. */
export function createAnalyzer(options: AnalyzerOptions): Analyzer {
  const english = newStemmer('english');
  const stems: Record<Locale, (word: string) => string> = {
    en: (word) => english.stem(word),
    id: stemIndonesian,
  };
  const memos: Record<Locale, Map<string, string>> = { en: new Map(), id: new Map() };

  function analyze(token: string, language: Locale): string {
    const word = language === 'id' ? writtenForm(token) : token;
    // "sampainya" means no more than "sampai".
    if (STOP_WORDS[language].has(word) || STOP_WORDS[language].has(word.replace(/nya$/, ''))) return '';
    if (QUESTION_WORDS[language].has(word)) return options.keepQuestionWords ? word : '';
    if (!/^[a-z]+$/.test(word)) return word;
    return stems[language](word);
  }

  function term(token: string, language: Locale): string {
    if (token.length > MAXIMUM_TOKEN) return token.slice(0, MAXIMUM_TOKEN);
    const memo = memos[language];
    const memoized = memo.get(token);
    if (memoized !== undefined) return memoized;
    const terms = analyze(token, language);
    if (memo.size >= MEMO_LIMIT) memo.clear();
    memo.set(token, terms);
    return terms;
  }

  return {
    version: VERSION,
    term,
    terms: (text, language) =>
      tokenize(text)
        .map((token) => term(token, language))
        .filter((stem) => stem !== ''),
  };
}
