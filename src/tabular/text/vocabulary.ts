/** The terms a text model knows (words and pairs of words) with their weights. */
export interface Vocabulary {
  readonly terms: readonly string[];
  readonly idf: readonly number[];
}

/** Rarer terms are noise, and the number of terms limits the size of the model. */
const FEWEST_TEXTS = 2;
const MOST_TERMS = 12_000;
/** Terms counted at a time: of more, those that were rarest so far are forgotten. */
const MOST_COUNTED = 400_000;

/**
 * Text as the model and the artifact see it: in lower case, with everything but letters and digits replaced
 * by single spaces. ONNX cannot do this, so the artifact expects normalised text.
 */
export function normaliseText(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}

function termsOf(normal: string): string[] {
  if (normal === '') return [];
  const words = normal.split(' ');
  const pairs = words.slice(1).map((word, index) => `${words[index] ?? ''} ${word}`);
  return [...words, ...pairs];
}

export function buildVocabulary(texts: readonly string[]): Vocabulary {
  const counts = new Map<string, number>();
  for (const text of texts) {
    for (const term of new Set(termsOf(normaliseText(text)))) counts.set(term, (counts.get(term) ?? 0) + 1);
    if (counts.size > MOST_COUNTED) forgetRarest(counts);
  }
  const fewest = texts.length < 200 ? 1 : FEWEST_TEXTS;
  const entries = [...counts]
    .filter(([, count]) => count >= fewest)
    .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
    .slice(0, MOST_TERMS);
  return {
    terms: entries.map(([term]) => term),
    // Smoothed, as if one more text contained every term.
    idf: entries.map(([, count]) => Math.fround(Math.log((1 + texts.length) / (1 + count)) + 1)),
  };
}

/** Forgets at least half of the terms, so that this happens seldom. */
function forgetRarest(counts: Map<string, number>): void {
  for (let rare = 1; counts.size > MOST_COUNTED / 2; rare *= 2) {
    for (const [term, count] of counts) if (count <= rare) counts.delete(term);
  }
}

const places = new WeakMap<Vocabulary, ReadonlyMap<string, number>>();

/** The position of each term. */
export function placesOf(vocabulary: Vocabulary): ReadonlyMap<string, number> {
  const cached = places.get(vocabulary);
  if (cached !== undefined) return cached;
  const termPositions = new Map(vocabulary.terms.map((term, index) => [term, index]));
  places.set(vocabulary, termPositions);
  return termPositions;
}

/** The known terms of a text: count times idf, scaled to length 1. */
export function termWeights(
  vocabulary: Vocabulary,
  text: string,
): (readonly [place: number, weight: number])[] {
  const place = placesOf(vocabulary);
  const counts = new Map<number, number>();
  for (const term of termsOf(normaliseText(text))) {
    const index = place.get(term);
    if (index !== undefined) counts.set(index, (counts.get(index) ?? 0) + 1);
  }
  const weighted = [...counts].map(
    ([index, count]) => [index, count * (vocabulary.idf[index] ?? 0)] as const,
  );
  const length = Math.sqrt(weighted.reduce((sum, [, value]) => sum + value * value, 0)) || 1;
  return weighted.map(([index, value]) => [index, value / length]);
}
