/** What people write where there is nothing, in lower case. */
export const MISSING_WORDS: ReadonlySet<string> = new Set([
  '',
  'na',
  'n/a',
  'nan',
  'null',
  'none',
  'nil',
  '#n/a',
  '-',
  '--',
  '?',
  'kosong',
  'inf',
  '-inf',
  'infinity',
  '-infinity',
]);

/** Yes and no in the languages of the house, in lower case; each column uses one pair or several. */
export const YES = ['yes', 'y', 'ya', 'true', 't', 'benar', '1', 'on', 'iya'] as const;
export const NO = ['no', 'n', 'tidak', 'false', 'f', 'salah', '0', 'off', 'tdk', 'bukan'] as const;
const YES_WORDS: ReadonlySet<string> = new Set(YES);
const NO_WORDS: ReadonlySet<string> = new Set(NO);

/** A cell as it is compared: trimmed, and empty where it only says that there is nothing. */
export function cleanCell(cell: string): string {
  const text = cell.trim();
  return text.length <= 9 && MISSING_WORDS.has(text.toLowerCase()) ? '' : text;
}

/** 1, 0 or NaN. */
export function readBoolean(cell: string): number {
  if (cell.length > 6) return Number.NaN;
  const word = cell.toLowerCase();
  if (YES_WORDS.has(word)) return 1;
  return NO_WORDS.has(word) ? 0 : Number.NaN;
}
