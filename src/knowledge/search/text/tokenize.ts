/** Letters and digits, and joiners that may hold a number, a code or a contraction together. */
const ASCII_TOKEN = /[a-z0-9]+(?:[.,'/_-][a-z0-9]+)*/g;
const UNICODE_TOKEN = /[\p{L}\p{N}\p{M}]+(?:[.,'’/_-][\p{L}\p{N}\p{M}]+)*/gu;
const NON_ASCII = /[^\0-\x7f]/;
const JOINER = /[.,'’/_-]/;
/** Accents of Latin, Greek and Cyrillic letters; vowel signs of other scripts are letters, not decoration. */
const DIACRITICS = /[\u0300-\u036f]/g;
/** Scripts written without spaces: word boundaries are not visible, so pairs of characters are indexed. */
const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u;
const GROUPED_NUMBER = /^\p{N}+(?:[.,]\p{N}+)+$/u;
const RUPIAH = /^(?:rp|idr)(?=\p{N})/u;

/**
 * Converts to lower case, unifies compatibility forms and removes accents: "Café" and "ＣＡＦＥ" become "cafe".
 */
export function fold(text: string): string {
  const lower = text.toLowerCase();
  if (!NON_ASCII.test(lower)) return lower;
  return lower.normalize('NFKD').replace(DIACRITICS, '').normalize('NFC').toLowerCase();
}

/**
 * The words, numbers and codes of a text, folded, in order. A grouped number is one token without its
 * separators ("75.000" and "75,000" are "75000"); a code such as "SKU-12" yields "sku12" and its parts.
 */
export function tokenize(text: string): string[] {
  const folded = fold(text);
  const matches = folded.match(NON_ASCII.test(folded) ? UNICODE_TOKEN : ASCII_TOKEN);
  if (matches === null) return [];
  const tokens: string[] = [];
  for (const token of matches) {
    if (isPlain(token)) tokens.push(token);
    else splitToken(token, tokens);
  }
  return tokens;
}

/** Whether the token is only a-z, the usual case; checked without a regular expression for speed. */
function isPlain(token: string): boolean {
  for (let i = 0; i < token.length; i += 1) {
    const code = token.charCodeAt(i);
    if (code < 97 || code > 122) return false;
  }
  return true;
}

function splitToken(token: string, into: string[]): void {
  if (UNSPACED.test(token)) {
    pushPairs(token, into);
    return;
  }
  if (!JOINER.test(token)) {
    into.push(token.replace(RUPIAH, ''));
    return;
  }
  const amount = token.replace(RUPIAH, '');
  if (GROUPED_NUMBER.test(amount)) {
    into.push(amount.replaceAll(/[.,]/g, ''));
    return;
  }
  const word = token.replaceAll(/['’]s$/g, '').replaceAll(/['’]/g, '');
  const parts = word.split(/[/_-]|[.,](?!\p{N})|(?<!\p{N})[.,]/u).filter((part) => part !== '');
  if (isCode(parts)) into.push(parts.join('').replaceAll(/[.,]/g, ''));
  for (const part of parts) into.push(part.replaceAll(/[.,]/g, '').replace(RUPIAH, ''));
}

/**
 * Whether letters and digits are combined, as in "sku-12" or "covid-19", but not "medan-jakarta" or "26/8".
 */
function isCode(parts: readonly string[]): boolean {
  return (
    parts.length > 1 && parts.some((part) => /\p{N}/u.test(part)) && parts.some((part) => /\p{L}/u.test(part))
  );
}

function pushPairs(token: string, into: string[]): void {
  const characters = [...token];
  if (characters.length === 1) into.push(token);
  for (let i = 0; i + 1 < characters.length; i += 1)
    into.push(`${characters[i] ?? ''}${characters[i + 1] ?? ''}`);
}
