import type { Measure } from './texts/tables.js';

/** The highest or lowest value of a measure: "paling murah", "the fastest". */
export interface Superlative {
  readonly measure: Measure;
  readonly isLeast: boolean;
  /** Words of the message that express it. */
  readonly words: readonly string[];
}

/** Adjectives of measure, lowest first: a closed class of both languages. */
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

/** The superlative in a message; `undefined` if there is none. */
export function superlativeIn(words: readonly string[]): Superlative | undefined {
  for (const [at, word] of words.entries()) {
    const superlative = wholeSuperlative(word);
    if (superlative !== undefined) return { ...superlative, words: [word] };
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
  // "biggest" doubles a letter, "heaviest" and "priciest" change the ending, "largest" drops an e.
  const forms = [stem, stem.slice(0, -1), `${stem}e`, `${stem}y`, `${stem}ey`];
  return forms.map((form) => POLES.get(form)).find((pole) => pole !== undefined);
}

/** Whether things are compared with one another: "lebih murah", "cheaper", "beda", "vs". */
export function isComparison(words: readonly string[]): boolean {
  return measureCompared(words) !== undefined || words.some((word) => COMPARING.has(word));
}

/** The measure by which things are compared: "lebih murah", "cheaper". */
export function measureCompared(words: readonly string[]): Measure | undefined {
  const poles = words.map((word, at) => {
    if (word === 'lebih' || word === 'lbh' || word === 'more') return POLES.get(words[at + 1] ?? '');
    const stem = word.replace(/(?:er|ier)$/, '');
    const forms = stem === word ? [] : [stem, stem.slice(0, -1), `${stem}e`, `${stem}y`];
    return forms.map((form) => POLES.get(form)).find((pole) => pole !== undefined);
  });
  return poles.find((pole) => pole !== undefined)?.measure;
}

const COMPARING = new Set(
  'vs versus beda bedanya perbedaan banding dibanding dibandingkan compare compared difference'.split(' '),
);
