import type { AskedByModel, ModelVectors } from './features.js';
import type { Draft } from './leads.js';
import { SAME, type Term } from '../words/lexicon.js';
import type { PreparedText } from '../texts/prepared-text.js';
import { fits, type RequestedSigns } from './signs.js';
import { dot } from '../words/vectors.js';
import type { AnswerKind } from '../words/words.js';

/** A text among the others that a message is compared with. */
export interface Entry {
  readonly text: PreparedText;
  readonly position: number;
  /** The terms of the head without duplicates. */
  readonly head: Int32Array;
  /** The weight of each term of the head, by its rarity among all heads. */
  readonly headWeights: readonly number[];
  readonly headWeight: number;
  /** Number of terms. */
  readonly length: number;
  /** Unit vectors of the head and the whole text, minus the average of all texts of the business. */
  readonly centred: { readonly head: Float32Array; readonly whole: Float32Array };
  /** Vectors from the embedding model, if there is one. */
  readonly model: ModelVectors | undefined;
}

/** The words of a message, ready to be compared with all texts of one vocabulary. */
export interface AskedWords {
  readonly terms: readonly Term[];
  /** In the order of the terms. */
  readonly rarities: readonly number[];
  readonly weights: readonly number[];
  readonly weight: number;
  /** For each term, its nearness to every term of the vocabulary, by number. */
  readonly nearness: readonly Float64Array[];
  /** For each term and each of its keys, the numbers of the vocabulary's terms with that key. */
  readonly forms: readonly (readonly (readonly number[])[])[];
}

/** A message, ready to be compared in every way. */
export interface AskedMessage extends AskedWords {
  /** Whether each term asks for a price. */
  readonly asksPrice: readonly boolean[];
  readonly vector: Float32Array;
  /** The vector minus the average of all texts. */
  readonly centred: Float32Array;
  /** Letter-group similarity to each text, by position. */
  readonly letters: Float64Array;
  readonly isNegated: boolean;
  readonly numbers: ReadonlySet<string>;
  readonly asks: ReadonlySet<AnswerKind>;
  /** The signs a fitting answer contains. */
  readonly signs: readonly RequestedSigns[];
  readonly length: number;
  readonly byModel: AskedByModel | undefined;
}

/** Word cosines below `from` mean nothing; from `to` upwards, the words mean the same. */
const NEAR = { from: 0.35, to: 0.85 } as const;
const EXPLAINED = 0.45;
const WELL_EXPLAINED = 0.6;
const BODY_WORTH = 0.95;
const K1 = 1.2;

/** How a message compares with one text, with the nearness of each term. */
export interface Compared {
  readonly draft: Draft;
  /** In the order of the terms, 0..1. */
  readonly nears: readonly number[];
}

/** How much a message and the head of a text cover each other, and what the text leaves unexplained. */
export type WordsInCommon = Pick<Draft, 'askedNearHead' | 'headNearAsked' | 'unexplained'>;

/** The part of `compare` that only needs words. */
export function wordsInCommon(words: AskedWords, entry: Entry): WordsInCommon {
  const { weights, nearness, weight: total } = words;
  let [nearHead, unexplained] = [0, 0];
  for (let i = 0; i < nearness.length; i += 1) {
    const row = nearness[i] ?? NOTHING;
    const weight = weights[i] ?? 0;
    const head = nearest(row, entry.head);
    nearHead += weight * near(head);
    if (Math.max(head, nearest(row, entry.text.body) * BODY_WORTH) < EXPLAINED) unexplained += weight;
  }
  const divisor = total === 0 ? Infinity : total;
  return {
    askedNearHead: nearHead / divisor,
    headNearAsked: whatIsWanted(words, entry).near,
    unexplained: unexplained / divisor,
  };
}

/**
 * How a message compares with one text. Features that depend on the other texts are left at 0 for `addLeads`,
 * `addShares` and `addContentWords`.
 */
export function compare(message: AskedMessage, entry: Entry, meanLength: number): Compared {
  const { text, model } = entry;
  const coverage = whatIsSaid(message, entry, meanLength);
  const headCoverage = whatIsWanted(message, entry);
  const sign = fits(message.signs, text.signs);
  const draft = {
    askedInHead: coverage.inHead,
    askedNearHead: coverage.nearHead,
    headNearAsked: headCoverage.near,
    askedNearEntry: coverage.nearEntry,
    letters: message.letters[entry.position] ?? 0,
    headCosine: dot(message.vector, text.headVector),
    bodyCosine: dot(message.vector, text.bodyVector),
    wholeCosine: dot(message.vector, text.wholeVector),
    unexplained: coverage.unexplained,
    mostUnexplained: coverage.mostOpen,
    negation: message.isNegated === text.isNegated ? 0 : 1,
    number: holdsAll(text.numbers, message.numbers) ? 0 : 1,
    questionWord: questionWords(message.asks, text.asks),
    standsOut: 0,
    isEntry: text.kind === 'entry' ? 1 : 0,
    bm25: coverage.bm25,
    length: Math.log(1 + message.length),
    isRow: text.kind === 'row' ? 1 : 0,
    askedNearContext: coverage.nearContext,
    contextGain: coverage.nearContext - coverage.nearEntry,
    sign,
    askedSameEntry: coverage.same,
    headFullyAsked: entry.head.length > 0 && headCoverage.near > 0.95 ? 1 : 0,
    headOpen: headCoverage.mostOpen,
    // Each side mentions something that the other does not: Jakarta for Medan, red for blue.
    bothOpen: Math.min(coverage.mostOpen, headCoverage.mostOpen),
    mostShared: coverage.mostShared,
    askedSoft: 0,
    lift: 0,
    share: 0,
    centredHead: dot(message.centred, entry.centred.head),
    centredWhole: dot(message.centred, entry.centred.whole),
    heavyCount: 0,
    heavySaid: 0,
    saidElsewhere: 0,
    saidHereOnly: 0,
    modelHead: byModel(message.byModel, model?.head),
    modelWhole: byModel(message.byModel, model?.whole),
    modelLead: 0,
    modelStandsOut: 0,
  };
  return { draft, nears: coverage.nears };
}

/** How much of the message the text covers: shares of its weight, and weights of single terms. */
interface Coverage {
  inHead: number;
  same: number;
  nearHead: number;
  nearEntry: number;
  nearContext: number;
  unexplained: number;
  mostOpen: number;
  mostShared: number;
  bm25: number;
  readonly nears: number[];
}

function whatIsSaid(message: AskedWords, entry: Entry, meanLength: number): Coverage {
  const { weights, nearness } = message;
  const coverage: Coverage = {
    inHead: 0,
    same: 0,
    nearHead: 0,
    nearEntry: 0,
    nearContext: 0,
    unexplained: 0,
    mostOpen: 0,
    mostShared: 0,
    bm25: 0,
    nears: [],
  };
  const saturation = K1 * (0.25 + (0.75 * entry.length) / meanLength);
  for (let i = 0; i < nearness.length; i += 1) {
    const row = nearness[i] ?? NOTHING;
    const weight = weights[i] ?? 0;
    const head = nearest(row, entry.head);
    const body = nearest(row, entry.text.body);
    const best = Math.max(head, body * BODY_WORTH);
    const isSame = head === SAME || body === SAME;
    if (head === SAME) coverage.inHead += weight;
    if (isSame) {
      coverage.same += weight;
      coverage.mostShared = Math.max(coverage.mostShared, weight);
      // Only exact matches have a term frequency.
      const count = countOf(message.forms[i] ?? [], entry.text);
      coverage.bm25 += ((message.rarities[i] ?? 0) * count * (K1 + 1)) / (count + saturation);
    }
    coverage.nearHead += weight * near(head);
    coverage.nears.push(near(best));
    coverage.nearEntry += weight * near(best);
    coverage.nearContext += weight * near(Math.max(best, nearest(row, entry.text.context) * BODY_WORTH));
    if (best < EXPLAINED) coverage.unexplained += weight;
    coverage.mostOpen = Math.max(coverage.mostOpen, open(weight, best));
  }
  coverage.bm25 /= message.weight + 1;
  return asShares(coverage, message.weight);
}

function asShares(coverage: Coverage, weight: number): Coverage {
  const divisor = weight === 0 ? Infinity : weight;
  coverage.inHead /= divisor;
  coverage.same /= divisor;
  coverage.nearHead /= divisor;
  coverage.nearEntry /= divisor;
  coverage.nearContext /= divisor;
  coverage.unexplained /= divisor;
  return coverage;
}

/** How much of the text's head the message covers, and the heaviest term it leaves open. */
function whatIsWanted(
  { nearness }: AskedWords,
  { head, headWeights, headWeight }: Entry,
): { readonly near: number; readonly mostOpen: number } {
  let [nearSum, mostOpen] = [0, 0];
  for (let i = 0; i < head.length; i += 1) {
    const number = head[i] ?? 0;
    const weight = headWeights[i] ?? 0;
    let best = 0;
    for (const row of nearness) best = Math.max(best, row[number] ?? 0);
    nearSum += weight * near(best);
    mostOpen = Math.max(mostOpen, open(weight, best));
  }
  return { near: headWeight === 0 ? 0 : nearSum / headWeight, mostOpen };
}

const NOTHING = new Float64Array(0);

/** Nearness of the nearest of some terms. */
function nearest(row: Float64Array, numbers: Int32Array): number {
  let best = 0;
  for (let i = 0; i < numbers.length; i += 1) {
    const value = row[numbers[i] ?? 0] ?? 0;
    if (value > best) best = value;
  }
  return best;
}

/** How often a term occurs in a text, by its most frequent key. */
function countOf(forms: readonly (readonly number[])[], { head, body }: PreparedText): number {
  let most = 0;
  for (const numbers of forms) most = Math.max(most, count(head, numbers) + count(body, numbers));
  return most;
}

function count(terms: Int32Array, numbers: readonly number[]): number {
  let total = 0;
  for (let i = 0; i < terms.length; i += 1) if (numbers.includes(terms[i] ?? -1)) total += 1;
  return total;
}

/** How much of a term's weight remains uncovered. */
function open(weight: number, nearest: number): number {
  return weight * clip((WELL_EXPLAINED - nearest) / 0.4);
}

function holdsAll(all: ReadonlySet<string>, some: ReadonlySet<string>): boolean {
  for (const each of some) if (!all.has(each)) return false;
  return true;
}

/**
 * The embedding model's cosine, rescaled so that unrelated texts are at 0 and identical ones at 1:
 * models differ in how high and how close together their cosines lie.
 */
function byModel(message: AskedByModel | undefined, textVector: Float32Array | undefined): number {
  if (message === undefined || textVector === undefined) return 0;
  return (dot(message.vector, textVector) - message.unrelated) / (1 - message.unrelated);
}

function questionWords(kinds: ReadonlySet<AnswerKind>, textKinds: ReadonlySet<AnswerKind>): number {
  if (kinds.size === 0 || textKinds.size === 0) return 0;
  for (const kind of kinds) if (textKinds.has(kind)) return 1;
  return asksHowMany(kinds) && asksHowMany(textKinds) ? 0 : -1;
}

function asksHowMany(kinds: ReadonlySet<AnswerKind>): boolean {
  return kinds.has('how-much') || kinds.has('how-many');
}

function near(cosine: number): number {
  return clip((cosine - NEAR.from) / (NEAR.to - NEAR.from));
}

function clip(value: number): number {
  return Math.min(1, Math.max(0, value));
}
