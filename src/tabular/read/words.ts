/** How people write a missing value, in lower case. */
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

/** Among categories these are values of their own: no insurance, out of stock. */
const NOTHING: ReadonlySet<string> = new Set(['none', 'nil', 'kosong']);

/** Yes and no in English and Indonesian, in lower case; a column may use several pairs. */
export const YES = ['yes', 'y', 'ya', 'true', 't', 'benar', '1', 'on', 'iya'] as const;
export const NO = ['no', 'n', 'tidak', 'false', 'f', 'salah', '0', 'off', 'tdk', 'bukan'] as const;
const YES_WORDS: ReadonlySet<string> = new Set(YES);
const NO_WORDS: ReadonlySet<string> = new Set(NO);

/** The trimmed cell; empty if it only says that the value is missing. */
export function cleanCell(cell: string): string {
  const text = cell.trim();
  // Most cells of large tables begin with a digit, and no missing value does.
  const first = text.charCodeAt(0);
  if (first >= 0x30 && first <= 0x39) return text;
  return text.length <= 9 && MISSING_WORDS.has(text.toLowerCase()) ? '' : text;
}

/** The same for a cell of a column of categories. */
export function cleanCategory(cell: string): string {
  const text = cell.trim();
  return NOTHING.has(text.toLowerCase()) ? text : cleanCell(text);
}

/** 1 for yes, 0 for no, NaN for anything else. */
export function readBoolean(cell: string): number {
  if (cell.length > 6) return Number.NaN;
  const word = cell.toLowerCase();
  if (YES_WORDS.has(word)) return 1;
  return NO_WORDS.has(word) ? 0 : Number.NaN;
}
