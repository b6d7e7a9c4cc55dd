const MENTION = /(?:^|\s)@[\w.]+/g;
/** Whoever only repeats a letter, or writes fewer than these, has not asked anything. */
const FEWEST_LETTERS = 3;
/** Scripts that write a whole word with a letter or two. */
const SHORT_WORDS = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u;

/** Whether somebody could answer it: no lone signs, numbers, letters or mentions. */
export function isQuestion(text: string): boolean {
  const letters = text.replace(MENTION, ' ').toLowerCase().match(/\p{L}/gu) ?? [];
  if (letters.some((letter) => SHORT_WORDS.test(letter))) return true;
  return letters.length >= FEWEST_LETTERS && new Set(letters).size > 1;
}
