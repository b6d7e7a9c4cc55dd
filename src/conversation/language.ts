import type { I18n } from '../contracts/i18n.js';
import type { Locale } from '../contracts/message.js';
import { COURTESIES, TELLING_WORDS } from './language/telling-words.js';
import { indonesianShape } from './language/word-shapes.js';

/** "harganya", "bisakah", "kirimkan": no English chat word ends like this. */
const INDONESIAN_ENDING = /^\p{L}{3,}(?:nya|kah|lah|kan)$/u;
/** Fewer letters than this may be a name or an abbreviation, so their shape is no evidence. */
const ENOUGH_LETTERS = 12;
/** Combined log-odds from which the words' shapes decide the language. */
const CLEAR_SHAPE = 2;
/** Number of distinctive words, all of one language, that show a switch of language. */
const ENOUGH_TO_CHANGE = 2;

/** The language of a text, or `undefined` if it gives no indication. */
export function languageOf(text: string): Locale | undefined {
  const words = wordsOf(text);
  const [id, en] = [countTelling(words, 'id'), countTelling(words, 'en')];
  if (id !== en) return id > en ? 'id' : 'en';
  return languageByShape(words);
}

/**
 * The language of a message from somebody who last wrote in `previous`: a single word or a thank-you does not
 * change it.
 */
function writtenLanguage(text: string, previous: Locale | undefined): Locale | undefined {
  const language = languageOf(text);
  if (previous === undefined || language === undefined || language === previous) return language;
  const words = wordsOf(text).filter((word) => !COURTESIES.has(word));
  const [own, other] = [countTelling(words, language), countTelling(words, previous)];
  const isPure = other === 0 && own > 0 && words.length > 1 && shapeOf(words) === language;
  const isChanged = isPure || own - other >= ENOUGH_TO_CHANGE || words.length > SHORT;
  return isChanged ? language : previous;
}

/** Messages with more words than this are in the language they appear to be in. */
const SHORT = 4;

function languageByShape(words: readonly string[]): Locale | undefined {
  return words.join('').length < ENOUGH_LETTERS ? undefined : shapeOf(words);
}

function shapeOf(words: readonly string[]): Locale | undefined {
  const sum = words.reduce((total, word) => total + indonesianShape(word), 0);
  if (Math.abs(sum) < CLEAR_SHAPE) return undefined;
  return sum > 0 ? 'id' : 'en';
}

function wordsOf(text: string): readonly string[] {
  return text.toLowerCase().match(/\p{L}+/gu) ?? [];
}

function countTelling(words: readonly string[], locale: Locale): number {
  return words.filter(
    (word) => TELLING_WORDS[locale].has(word) || (locale === 'id' && INDONESIAN_ENDING.test(word)),
  ).length;
}

export interface LanguageSigns {
  readonly text: string;
  /** Chosen by the person with /language. */
  readonly preferred: Locale | undefined;
  /** Requested by the message itself. */
  readonly requested: Locale | undefined;
  /** The language of the previous turn. */
  readonly previous: Locale | undefined;
  /** Reported by the platform. */
  readonly languageTag: string | undefined;
  readonly fallback: Locale;
}

/**
 * Decides the language of a turn once: the chosen, then the written, the requested, the previous, and the
 * platform's language.
 */
export function turnLocale(signs: LanguageSigns, i18n: I18n): Locale {
  return (
    signs.preferred ??
    writtenLanguage(signs.text, signs.previous) ??
    signs.requested ??
    signs.previous ??
    i18n.match(signs.languageTag) ??
    signs.fallback
  );
}
