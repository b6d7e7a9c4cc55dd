const MENTION = /(?:^|\s)@[\w.]+/g;
/** Fewer letters than this, or one letter repeated, do not make a question. */
const FEWEST_LETTERS = 3;
/** Scripts in which one or two characters can be a whole word. */
const SHORT_WORDS = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u;

/**
 * Whether anybody could answer it; punctuation, numbers, single letters or mentions alone are not questions.
 */
export function isQuestion(text: string): boolean {
  const letters = text.replace(MENTION, ' ').toLowerCase().match(/\p{L}/gu) ?? [];
  if (letters.some((letter) => SHORT_WORDS.test(letter))) return true;
  return letters.length >= FEWEST_LETTERS && new Set(letters).size > 1;
}
