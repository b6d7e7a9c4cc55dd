import { DesignBuilder, type Design } from '../linear/design.js';
import type { LinearOptions } from '../linear/fit-linear.js';
import { meaningDimensions, meaningOf, wordVectors } from './meaning.js';
import { termWeights, type Vocabulary } from './vocabulary.js';

/** What a linear model sees of a text: the terms it knows, followed by the meaning of the words. */
export interface TextFeatures {
  readonly vocabulary: Vocabulary;
  /** Revision of the word table; absent in models that only know terms. */
  readonly tableRevision?: number;
}

/**
 * Measured on parts of CLINC150: more iterations add nothing, a smaller penalty only makes it overconfident.
 */
export const TEXT_OPTIONS = { penalty: 0.03, iterations: 60 } as const satisfies LinearOptions;

export function textDesign({ vocabulary, tableRevision }: TextFeatures, texts: readonly string[]): Design {
  const terms = vocabulary.terms.length;
  const hasMeaning = tableRevision !== undefined;
  const builder = new DesignBuilder(terms + (hasMeaning ? meaningDimensions() : 0));
  for (const text of texts) {
    for (const [place, weight] of termWeights(vocabulary, text)) builder.add(place, weight);
    if (hasMeaning)
      meaningOf(wordVectors(text)).vector.forEach((value, at) => builder.add(terms + at, value));
    builder.endRow();
  }
  return builder.finish();
}

/** Whether a model has seen any word of a text, or knows the meaning of one. */
export function knowsAnyWord({ vocabulary, tableRevision }: TextFeatures, text: string): boolean {
  if (termWeights(vocabulary, text).length > 0) return true;
  return tableRevision !== undefined && wordVectors(text).length > 0;
}

export interface WordContribution {
  readonly word: string;
  readonly value: number;
}

/**
 * What each term or word of a text adds to one score, as a term and by its meaning. `weightAt` takes a
 * position in the design.
 */
export function wordContributions(
  { vocabulary, tableRevision }: TextFeatures,
  text: string,
  weightAt: (place: number) => number,
): WordContribution[] {
  const terms = vocabulary.terms.length;
  const sums = new Map<string, number>();
  const add = (word: string, value: number): void => void sums.set(word, (sums.get(word) ?? 0) + value);
  for (const [place, weight] of termWeights(vocabulary, text))
    add(vocabulary.terms[place] ?? '', weight * weightAt(place));
  if (tableRevision !== undefined) {
    const words = wordVectors(text);
    const { length } = meaningOf(words);
    for (const { word, vector } of words)
      add(word, vector.reduce((sum, value, at) => sum + value * weightAt(terms + at), 0) / length);
  }
  return [...sums].map(([word, value]) => ({ word, value }));
}
