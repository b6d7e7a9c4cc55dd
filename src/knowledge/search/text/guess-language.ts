import type { Locale } from '../../../contracts/message.js';
import { QUESTION_WORDS, STOP_WORDS } from './stop-words.js';
import { tokenize } from './tokenize.js';

/** Enough text to recognise the language. */
const SAMPLE_CHARACTERS = 2_000;

/**
 * The language whose function words are more frequent in the text; English on a tie, because its stemmer does
 * no harm to other languages: questions in them are stemmed the same way.
 */
export function guessLanguage(text: string): Locale {
  let balance = 0;
  for (const token of tokenize(text.slice(0, SAMPLE_CHARACTERS))) {
    if (isFunctionWord(token, 'id')) balance += 1;
    if (isFunctionWord(token, 'en')) balance -= 1;
  }
  return balance > 0 ? 'id' : 'en';
}

function isFunctionWord(token: string, language: Locale): boolean {
  return STOP_WORDS[language].has(token) || QUESTION_WORDS[language].has(token);
}
