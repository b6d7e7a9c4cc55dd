import { INDONESIAN_ROOTS } from './indonesian-roots.js';

const VOWEL = /[aeiou]/g;
/** The rules leave words with fewer vowels (syllables) alone; a listed root may be shorter. */
const MINIMUM_VOWELS = 3;

const PARTICLES = ['kah', 'lah', 'pun'];
const POSSESSIVES = ['nya', 'ku', 'mu'];
const SUFFIXES = ['kan', 'an', 'i', 'in'];

/**
 * Prefixes with the letters they may have replaced: meN- and peN- absorb the first letter of a root in k, p,
 * s or t ("mengirim" from "kirim"). Longer prefixes precede those they begin with. `restored` is tried in
 * order, in search of a listed root.
 */
const PREFIXES: readonly { readonly prefix: string; readonly restored: readonly string[] }[] = [
  { prefix: 'meny', restored: ['s'] },
  { prefix: 'peny', restored: ['s'] },
  { prefix: 'meng', restored: ['', 'k'] },
  { prefix: 'peng', restored: ['', 'k'] },
  { prefix: 'mem', restored: ['', 'p'] },
  { prefix: 'pem', restored: ['', 'p'] },
  { prefix: 'men', restored: ['', 't'] },
  { prefix: 'pen', restored: ['', 't'] },
  { prefix: 'nge', restored: [''] },
  { prefix: 'ber', restored: ['', 'r'] },
  { prefix: 'ter', restored: ['', 'r'] },
  { prefix: 'per', restored: ['', 'r'] },
  { prefix: 'me', restored: [''] },
  { prefix: 'pe', restored: [''] },
  { prefix: 'di', restored: [''] },
  { prefix: 'ke', restored: [''] },
  { prefix: 'se', restored: [''] },
  { prefix: 'be', restored: [''] },
  { prefix: 'ng', restored: ['', 'k'] },
  { prefix: 'ny', restored: ['s', 'c'] },
  { prefix: 'n', restored: ['t'] },
  { prefix: 'm', restored: ['p'] },
];
/**
 * Too many roots begin with these, or they are colloquial ("ngirim", "nukar"): only removed if that leads to
 * a listed root.
 */
const UNRULED_PREFIXES: ReadonlySet<string> = new Set(['se', 'be', 'ng', 'ny', 'n', 'm']);
/** At most two prefixes, as in "memper-", "diber-", "keter-". */
const MAXIMUM_PREFIXES = 2;

/**
 * Stem of a folded Indonesian word. Removes affixes until a listed root is left; if there is none, applies
 * the rules of Tala's Porter stemmer for Indonesian (F. Z. Tala, "A Study of Stemming Effects on Information
 * Retrieval in Bahasa Indonesia", 2003), as in Snowball.
 */
export function stemIndonesian(word: string): string {
  if (word.length < 4 || INDONESIAN_ROOTS.has(word)) return word;
  return rootOf(word) ?? byRules(word);
}

function rootOf(word: string): string | undefined {
  for (const withoutEndings of endings(word)) {
    const root = unprefixed(withoutEndings, MAXIMUM_PREFIXES);
    if (root !== undefined) return root;
  }
  return undefined;
}

/** The word without any, some or all of its endings, in order of how much is removed. */
function* endings(word: string): Generator<string> {
  const bare = [word];
  for (const group of [PARTICLES, POSSESSIVES, SUFFIXES]) {
    for (const form of [...bare]) {
      for (const ending of group) if (form.endsWith(ending)) bare.push(form.slice(0, -ending.length));
    }
  }
  yield* bare;
}

function unprefixed(word: string, left: number): string | undefined {
  if (INDONESIAN_ROOTS.has(word)) return word;
  if (left === 0) return undefined;
  for (const { prefix, restored } of PREFIXES) {
    if (!word.startsWith(prefix)) continue;
    const rest = word.slice(prefix.length);
    for (const letter of restored) {
      if (letter !== '' && !startsWithVowel(rest)) continue;
      const root = unprefixed(letter + rest, left - 1);
      if (root !== undefined) return root;
    }
  }
  return undefined;
}

function byRules(word: string): string {
  let stem = withoutEnding(withoutEnding(word, PARTICLES), POSSESSIVES);
  const prefix = PREFIXES.find(
    (entry) => stem.startsWith(entry.prefix) && !UNRULED_PREFIXES.has(entry.prefix),
  );
  if (prefix !== undefined && syllables(stem) >= MINIMUM_VOWELS) {
    stem = restoredBy(prefix.prefix, stem.slice(prefix.prefix.length));
  }
  return withoutSuffix(stem, prefix?.prefix ?? '');
}

function restoredBy(prefix: string, rest: string): string {
  if (!startsWithVowel(rest)) return rest;
  switch (prefix) {
    case 'meny':
    case 'peny':
      return `s${rest}`;
    case 'mem':
    case 'pem':
      return `p${rest}`;
    case 'men':
    case 'pen':
      return `t${rest}`;
    default:
      return rest;
  }
}

/** di-, me- and ter- do not combine with -an, nor ke- and pe- with -kan or -i. */
function withoutSuffix(stem: string, prefix: string): string {
  if (syllables(stem) < MINIMUM_VOWELS) return stem;
  const verbal = prefix.startsWith('me') || prefix === 'di' || prefix === 'ter';
  const nominal = prefix.startsWith('pe') || prefix === 'ke';
  if (stem.endsWith('kan') && !nominal) return stem.slice(0, -3);
  if (stem.endsWith('an') && !verbal) return stem.slice(0, -2);
  if (stem.endsWith('i') && !nominal && !stem.endsWith('si')) return stem.slice(0, -1);
  return stem;
}

function withoutEnding(word: string, group: readonly string[]): string {
  if (syllables(word) < MINIMUM_VOWELS) return word;
  const ending = group.find((candidate) => word.endsWith(candidate));
  return ending === undefined ? word : word.slice(0, -ending.length);
}

function startsWithVowel(word: string): boolean {
  return /^[aeiou]/.test(word);
}

function syllables(word: string): number {
  return word.match(VOWEL)?.length ?? 0;
}
