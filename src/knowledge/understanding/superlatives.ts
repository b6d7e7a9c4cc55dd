import type { Measure } from './tables.js';

/** What is most or least of a measure: "paling murah", "the fastest". */
export interface Superlative {
  readonly measure: Measure;
  readonly isLeast: boolean;
  /** Words of the message that say it. */
  readonly words: readonly string[];
}

/** A closed class of both languages: adjectives of measure, least first. */
const ADJECTIVES: Readonly<Record<Measure, readonly [string, string]>> = {
  price: ['murah hemat ekonomis cheap inexpensive affordable', 'mahal expensive pricey costly'],
  duration: ['cepat singkat kilat fast quick short', 'lama lambat slow long'],
  size: ['kecil pendek sempit small little narrow', 'besar gede panjang luas lebar big large wide'],
  weight: ['ringan enteng light', 'berat heavy'],
  number: ['sedikit rendah few low', 'banyak tinggi many high'],
};
const ENGLISH_ENDING = /(?:est|iest)$/;

const POLES: ReadonlyMap<string, { readonly measure: Measure; readonly isLeast: boolean }> = new Map(
  (Object.keys(ADJECTIVES) as Measure[]).flatMap((measure) =>
    ADJECTIVES[measure].flatMap((words, pole) =>
      words.split(' ').map((word) => [word, { measure, isLeast: pole === 0 }] as const),
    ),
  ),
);

/** The most or the least that a message asks for; `undefined` when it asks for none. */
export function superlativeIn(words: readonly string[]): Superlative | undefined {
  for (const [at, word] of words.entries()) {
    const own = wholeSuperlative(word);
    if (own !== undefined) return { ...own, words: [word] };
    const next = words[at + 1];
    const pole = next === undefined ? undefined : POLES.get(next.replace(/nya$/, ''));
    if (next === undefined || pole === undefined) continue;
    if (word === 'paling' || word === 'plg' || word === 'most') return { ...pole, words: [word, next] };
    if (word === 'least') return { ...pole, isLeast: !pole.isLeast, words: [word, next] };
  }
  return undefined;
}

/** "termurah", "cheapest", "biggest" */
function wholeSuperlative(word: string): Omit<Superlative, 'words'> | undefined {
  if (word.startsWith('ter')) {
    const pole = POLES.get(word.slice(3));
    if (pole !== undefined) return pole;
  }
  if (!ENGLISH_ENDING.test(word)) return undefined;
  const stem = word.replace(ENGLISH_ENDING, '');
  // "biggest" doubles a letter, "pricey" and "heavy" change theirs, "largest" keeps its e.
  const forms = [stem, stem.slice(0, -1), `${stem}e`, `${stem}y`, `${stem}ey`];
  return forms.map((form) => POLES.get(form)).find((pole) => pole !== undefined);
}

/** "lebih murah", "cheaper", "beda", "vs": two or more things are held against one another. */
export function isComparison(words: readonly string[]): boolean {
  return words.some((word, at) => {
    if (COMPARING.has(word)) return true;
    if ((word === 'lebih' || word === 'lbh' || word === 'more') && POLES.has(words[at + 1] ?? ''))
      return true;
    const stem = word.replace(/(?:er|ier)$/, '');
    return stem !== word && [stem, stem.slice(0, -1), `${stem}e`, `${stem}y`].some((form) => POLES.has(form));
  });
}

const COMPARING = new Set(
  'vs versus beda bedanya perbedaan banding dibanding dibandingkan compare compared difference'.split(' '),
);
