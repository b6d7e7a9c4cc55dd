/** Numbers that people write as words, in both languages: those of a clock. */
export const NUMBER_WORDS: readonly (readonly [words: string, value: number])[] = [
  ['one|satu', 1],
  ['two|dua', 2],
  ['three|tiga', 3],
  ['four|empat', 4],
  ['five|lima', 5],
  ['six|enam', 6],
  ['seven|tujuh', 7],
  ['eight|delapan', 8],
  ['nine|sembilan', 9],
  ['ten|sepuluh', 10],
  ['eleven|sebelas', 11],
  ['twelve|dua ?belas', 12],
];

/** A pattern for a number of up to two digits, or as a word; the longer of two words first. */
export const SMALL_NUMBER = [String.raw`\d{1,2}`, ...NUMBER_WORDS.map(([words]) => words).toReversed()].join(
  '|',
);

/** The value of what `SMALL_NUMBER` matched. */
export function smallNumber(written: string): number {
  const word = NUMBER_WORDS.find(([words]) => new RegExp(`^(?:${words})$`, 'iu').test(written));
  return word === undefined ? Number(written) : word[1];
}
