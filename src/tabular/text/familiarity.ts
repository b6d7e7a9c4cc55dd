import type { OutOfFold } from '../train/cross-validate.js';
import { normaliseText, placesOf, type Vocabulary } from './vocabulary.js';

/**
 * How a text model tells messages like those it was trained on from messages about something else. Two signals
 * are compared with those of the training texts: how far the largest score stands out, and how much of the text
 * consists of words that training texts of the predicted class contain.
 */
export interface Familiarity {
  /** For each class, the places in the vocabulary of the words its training texts contain. */
  readonly classWords: readonly Int32Array[];
  /** The weight of a word that is not in the vocabulary. */
  readonly unknownWeight: number;
  readonly lead: Standard;
  readonly coverage: Standard;
  /** How much the coverage counts beside the lead. */
  readonly coverageWeight: number;
  /** The signals of training texts, as if each were new, ascending. */
  readonly known: Float64Array;
}

interface Standard {
  readonly mean: number;
  readonly deviation: number;
}

interface Signals {
  readonly lead: number;
  readonly coverage: number;
}

/**
 * With so many training texts per class, the coverage counts half: few texts do not contain most of the words
 * that belong to their class. Measured on parts of CLINC150 with 10 to 100 texts per class.
 */
const HALF = 15;
/** In a file whose texts are all alike, a small difference is no sign of anything. */
const LEAST_DEVIATION = 0.05;
/** More training texts than this do not make a share more exact. */
const MOST_KNOWN = 2_000;

/** Learned from the scores that texts got from models that had not seen them. */
export function learnFamiliarity(
  vocabulary: Vocabulary,
  texts: readonly string[],
  target: ArrayLike<number>,
  classes: number,
  { rows, scores }: OutOfFold,
): Familiarity {
  const counts = Array.from({ length: classes }, () => new Map<number, number>());
  texts.forEach((text, row) => {
    const ofClass = counts[target[row] ?? 0];
    for (const place of placesIn(vocabulary, text)) {
      if (place !== undefined) ofClass?.set(place, (ofClass.get(place) ?? 0) + 1);
    }
  });
  const unknownWeight = Math.log(1 + texts.length) + 1;
  const outputs = scores.length / rows.length;
  const signals = Array.from(rows, (row, at): Signals => {
    const own = scores.subarray(at * outputs, (at + 1) * outputs);
    const { best, lead } = standing(own);
    // A word counts as said if another text of the class contains it, too.
    const least = target[row] === best ? 2 : 1;
    const isSaid = (place: number): boolean => (counts[best]?.get(place) ?? 0) >= least;
    return { lead, coverage: coverageOf(vocabulary, texts[row] ?? '', unknownWeight, isSaid) };
  });
  const perClass = texts.length / classes;
  const standards = {
    lead: standardOf(signals.map(({ lead }) => lead)),
    coverage: standardOf(signals.map(({ coverage }) => coverage)),
    coverageWeight: perClass / (perClass + HALF),
  };
  return {
    classWords: counts.map((ofClass) => Int32Array.from(ofClass.keys())),
    unknownWeight,
    ...standards,
    known: thinned(Float64Array.from(signals, (each) => combined(each, standards)).sort()),
  };
}

function thinned(sorted: Float64Array): Float64Array {
  const step = Math.max(1, sorted.length / MOST_KNOWN);
  const length = Math.min(sorted.length, MOST_KNOWN);
  return Float64Array.from({ length }, (_, i) => sorted[Math.floor(i * step)] ?? 0);
}

/**
 * The share of training texts that would be less familiar than this one if they were new, 0..1. Of new messages
 * of the same kind, at most a share of p gets less than p (V. Vovk et al., "Algorithmic Learning in a Random
 * World", 2005).
 */
export function familiarityOf(
  familiarity: Familiarity,
  vocabulary: Vocabulary,
  text: string,
  scores: Float64Array,
): number {
  const { classWords, unknownWeight, known } = familiarity;
  const { best, lead } = standing(scores);
  const words = new Set(classWords[best]);
  const coverage = coverageOf(vocabulary, text, unknownWeight, (place) => words.has(place));
  const signal = combined({ lead, coverage }, familiarity);
  const less = known.findIndex((value) => value >= signal);
  return ((less < 0 ? known.length : less) + 1) / (known.length + 1);
}

/** The class with the largest score, and how far that score is above the mean of all. */
function standing(scores: Float64Array): { readonly best: number; readonly lead: number } {
  // Two classes share one score: that of the second.
  const all = scores.length === 1 ? [0, scores[0] ?? 0] : scores;
  let [best, sum] = [0, 0];
  for (let i = 0; i < all.length; i += 1) {
    sum += all[i] ?? 0;
    if ((all[i] ?? 0) > (all[best] ?? 0)) best = i;
  }
  return { best, lead: (all[best] ?? 0) - sum / all.length };
}

/** The share of a text's words, weighted by their rarity, that are said; 1 for a text without words. */
function coverageOf(
  vocabulary: Vocabulary,
  text: string,
  unknownWeight: number,
  isSaid: (place: number) => boolean,
): number {
  let [said, all] = [0, 0];
  for (const place of placesIn(vocabulary, text)) {
    const weight = place === undefined ? unknownWeight : (vocabulary.idf[place] ?? 0);
    all += weight;
    if (place !== undefined && isSaid(place)) said += weight;
  }
  return all === 0 ? 1 : said / all;
}

/** The place of each different word of a text; `undefined` for words that are not in the vocabulary. */
function placesIn(vocabulary: Vocabulary, text: string): (number | undefined)[] {
  const places = placesOf(vocabulary);
  const words = new Set(
    normaliseText(text)
      .split(' ')
      .filter((word) => word !== ''),
  );
  return [...words].map((word) => places.get(word));
}

function combined(
  signals: Signals,
  { lead, coverage, coverageWeight }: Pick<Familiarity, 'lead' | 'coverage' | 'coverageWeight'>,
): number {
  return scaled(signals.lead, lead) + coverageWeight * scaled(signals.coverage, coverage);
}

function scaled(value: number, { mean, deviation }: Standard): number {
  return (value - mean) / deviation;
}

function standardOf(values: readonly number[]): Standard {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return { mean, deviation: Math.max(LEAST_DEVIATION, Math.sqrt(variance)) };
}
