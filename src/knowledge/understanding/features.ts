import type { LetterGroups } from './letter-groups.js';
import { SAME, type Term } from './lexicon.js';
import { fits, type Sign } from './signs.js';
import { dot } from './vectors.js';
import type { Asked } from './words.js';

/** What may answer: a question with its answer, a passage, or a row of a table. */
export interface Text {
  readonly kind: 'entry' | 'passage' | 'row';
  /** The question of an entry, the name of a row; empty for a passage. */
  readonly head: string;
  readonly body: string;
  /** What stands around a passage: title, headings, its section. */
  readonly context: string;
}

/** A term of one text with its weight among the texts of the business. */
export interface Weighted {
  readonly term: Term;
  readonly weight: number;
}

export interface Entry {
  readonly head: readonly Weighted[];
  readonly body: readonly Term[];
  readonly context: readonly Term[];
  readonly headWeight: number;
  readonly counts: ReadonlyMap<string, number>;
  readonly length: number;
  readonly letters: LetterGroups;
  readonly numbers: ReadonlySet<string>;
  readonly isNegated: boolean;
  readonly asks: ReadonlySet<Asked>;
  readonly signs: ReadonlySet<Sign>;
  readonly kind: Text['kind'];
  readonly headVector: Float32Array;
  readonly bodyVector: Float32Array;
  readonly wholeVector: Float32Array;
  /** By the embedding model, where there is one. */
  readonly model?: ModelVectors | undefined;
}

/** Vectors that an embedding model gives a text: of its question where it has one, and of all of it. */
export interface ModelVectors {
  readonly head?: Float32Array | undefined;
  readonly whole: Float32Array;
}

/** A message by the embedding model, and what that model says of two texts that have nothing in common. */
export interface AskedByModel {
  readonly vector: Float32Array;
  /** Cosine of texts taken at random. */
  readonly unrelated: number;
}

export interface AskedMessage {
  readonly terms: readonly Weighted[];
  readonly weight: number;
  readonly vector: Float32Array;
  readonly letters: LetterGroups;
  readonly isNegated: boolean;
  readonly numbers: ReadonlySet<string>;
  readonly asks: ReadonlySet<Asked>;
  readonly length: number;
  readonly nearness: Nearness;
  readonly byModel?: AskedByModel | undefined;
}

/** How near two terms are; remembered for the terms of one message. */
export type Nearness = (asked: Term, own: Term) => number;

/** In this order in the weights. */
export const FEATURES = [
  'askedInHead',
  'headInAsked',
  'askedInBody',
  'askedNearHead',
  'headNearAsked',
  'askedNearEntry',
  'letters',
  'headCosine',
  'bodyCosine',
  'wholeCosine',
  'unexplained',
  'mostUnexplained',
  'negation',
  'number',
  'questionWord',
  'leadCosine',
  'standsOut',
  'leadNear',
  'leadSame',
  'isEntry',
  'bm25',
  'length',
  'lengthRatio',
  'isRow',
  'askedNearContext',
  'contextGain',
  'sign',
  'askedSameEntry',
  'headFullyAsked',
  'headOpen',
  'bothOpen',
  'mostShared',
  // By an embedding model; 0 without one.
  'modelHead',
  'modelWhole',
  'modelLead',
  'modelStandsOut',
] as const;
export type Feature = (typeof FEATURES)[number];
export type Features = Record<Feature, number>;

/** What the best text is like, and how it stands beside the others; in this order in the weights. */
export const TOP_FEATURES = [
  'score',
  'leadSecond',
  'leadThird',
  'overMean',
  'softmax',
  'unexplained',
  'mostUnexplained',
  'askedNearEntry',
  'headNearAsked',
  'askedSameEntry',
  'cosine',
  'standsOut',
  'length',
  'logSize',
  'negation',
  'number',
  'questionWord',
  'letters',
  'isEntry',
  'isRow',
  'askedNearContext',
  'sign',
  'headFullyAsked',
  'headOpen',
  'bothOpen',
  'mostShared',
  'askedInHead',
  'askedNearHead',
  'modelCosine',
  'modelLead',
  'modelStandsOut',
] as const;
export type TopFeature = (typeof TOP_FEATURES)[number];

/** Cosines of two words below which they have nothing in common, and from which they mean the same. */
const NEAR = { from: 0.35, to: 0.85 } as const;
const EXPLAINED = 0.45;
const WELL_EXPLAINED = 0.6;
const BODY_WORTH = 0.95;
const K1 = 1.2;

/** How a message compares with one text; what shows beside others only is left 0 for `withLeads`. */
export function compare(
  asked: AskedMessage,
  entry: Entry,
  rarity: (term: Term) => number,
  meanLength: number,
): Features {
  const { terms, weight } = asked;
  const head = bestOf(
    terms,
    entry.head.map(({ term }) => term),
    asked.nearness,
  );
  const body = bestOf(terms, entry.body, asked.nearness);
  const context = bestOf(terms, entry.context, asked.nearness);
  const share = (of: (position: number) => number): number =>
    weight === 0 ? 0 : terms.reduce((sum, term, i) => sum + term.weight * of(i), 0) / weight;
  const best = terms.map((_, i) => Math.max(head.nearest[i] ?? 0, (body.nearest[i] ?? 0) * BODY_WORTH));
  const nearEntry = share((i) => near(best[i] ?? 0));
  const nearContext = share((i) => near(Math.max(best[i] ?? 0, (context.nearest[i] ?? 0) * BODY_WORTH)));
  const headShare = (of: (position: number) => number): number =>
    entry.headWeight === 0
      ? 0
      : entry.head.reduce((sum, own, i) => sum + own.weight * of(i), 0) / entry.headWeight;
  const headNear = headShare((i) => near(head.nearestOf[i] ?? 0));
  const open = (weight: number, nearest: number): number => weight * clip((WELL_EXPLAINED - nearest) / 0.4);
  const mostUnexplained = Math.max(0, ...terms.map((term, i) => open(term.weight, best[i] ?? 0)));
  const headOpen = Math.max(0, ...entry.head.map((own, i) => open(own.weight, head.nearestOf[i] ?? 0)));
  return {
    askedInHead: share((i) => (head.same[i] ? 1 : 0)),
    headInAsked: headShare((i) => (head.sameOf[i] ? 1 : 0)),
    askedInBody: share((i) => (body.same[i] ? 1 : 0)),
    askedNearHead: share((i) => near(head.nearest[i] ?? 0)),
    headNearAsked: headNear,
    askedNearEntry: nearEntry,
    letters: asked.letters.cosine(entry.letters),
    headCosine: dot(asked.vector, entry.headVector),
    bodyCosine: dot(asked.vector, entry.bodyVector),
    wholeCosine: dot(asked.vector, entry.wholeVector),
    unexplained: share((i) => ((best[i] ?? 0) < EXPLAINED ? 1 : 0)),
    mostUnexplained,
    negation: asked.isNegated === entry.isNegated ? 0 : 1,
    number: [...asked.numbers].every((number) => entry.numbers.has(number)) ? 0 : 1,
    questionWord: questionWords(asked.asks, entry.asks),
    leadCosine: 0,
    standsOut: 0,
    leadNear: 0,
    leadSame: 0,
    isEntry: entry.kind === 'entry' ? 1 : 0,
    bm25: bm25(asked, entry, rarity, meanLength),
    length: Math.log(1 + asked.length),
    lengthRatio: Math.min(2, asked.length / Math.max(1, entry.head.length)),
    isRow: entry.kind === 'row' ? 1 : 0,
    askedNearContext: nearContext,
    contextGain: nearContext - nearEntry,
    sign: fits(asked.asks, entry.signs),
    askedSameEntry: share((i) => (head.same[i] || body.same[i] ? 1 : 0)),
    headFullyAsked: entry.head.length > 0 && headNear > 0.95 ? 1 : 0,
    headOpen,
    // Each side speaks of something that the other does not: Jakarta for Medan, red for blue.
    bothOpen: Math.min(mostUnexplained, headOpen),
    mostShared: Math.max(0, ...terms.map(({ weight }, i) => (head.same[i] || body.same[i] ? weight : 0))),
    modelHead: byModel(asked.byModel, entry.model?.head),
    modelWhole: byModel(asked.byModel, entry.model?.whole),
    modelLead: 0,
    modelStandsOut: 0,
  };
}

/**
 * Cosine by the embedding model as a share of the way from unrelated to the same: the cosines of some
 * models lie close together and high, those of others are spread.
 */
function byModel(asked: AskedByModel | undefined, own: Float32Array | undefined): number {
  if (asked === undefined || own === undefined) return 0;
  return (dot(asked.vector, own) - asked.unrelated) / (1 - asked.unrelated);
}

/** What the embedding model says of a text at its best. */
export function modelCosine({ modelHead, modelWhole }: Features): number {
  return Math.max(modelHead, modelWhole);
}

/** What only shows beside the others: how far ahead of the next one it is. */
export function withLeads(rows: readonly Features[]): Features[] {
  const stands = standing(rows.map(({ wholeCosine }) => wholeCosine));
  const byModel = rows.map(modelCosine);
  const modelStands = standing(byModel);
  const modelLeads = leads(byModel);
  const cosines = leads(rows.map((row) => Math.max(row.headCosine, row.bodyCosine * 0.9)));
  const nears = leads(rows.map(({ askedNearEntry }) => askedNearEntry));
  const sames = leads(rows.map(({ askedInHead, headInAsked }) => askedInHead + headInAsked));
  return rows.map((row, i) => ({
    ...row,
    leadCosine: cosines[i] ?? 0,
    standsOut: stands[i] ?? 0,
    modelLead: modelLeads[i] ?? 0,
    modelStandsOut: modelStands[i] ?? 0,
    leadNear: nears[i] ?? 0,
    leadSame: sames[i] ?? 0,
  }));
}

/** How far each value stands out of the others, in thirds of their deviation. */
function standing(values: readonly number[]): readonly number[] {
  const mean = average(values);
  const deviation = Math.sqrt(average(values.map((value) => (value - mean) ** 2)));
  return values.map((value) => (value - mean) / (deviation + 1e-3) / 3);
}

interface Nearest {
  /** For each term of the message: nearness of the nearest term of the text, and whether it is the same. */
  readonly nearest: readonly number[];
  readonly same: readonly boolean[];
  /** The other way round. */
  readonly nearestOf: readonly number[];
  readonly sameOf: readonly boolean[];
}

function bestOf(terms: readonly Weighted[], texts: readonly Term[], nearness: Nearness): Nearest {
  const nearest = terms.map(() => 0);
  const same = terms.map(() => false);
  const nearestOf = texts.map(() => 0);
  const sameOf = texts.map(() => false);
  terms.forEach(({ term }, i) => {
    texts.forEach((own, j) => {
      const value = nearness(term, own);
      if (value === SAME) {
        same[i] = true;
        sameOf[j] = true;
      }
      if (value > (nearest[i] ?? 0)) nearest[i] = value;
      if (value > (nearestOf[j] ?? 0)) nearestOf[j] = value;
    });
  });
  return { nearest, same, nearestOf, sameOf };
}

function bm25(
  { terms, weight }: AskedMessage,
  { counts, length }: Entry,
  rarity: (term: Term) => number,
  meanLength: number,
): number {
  const saturation = K1 * (0.25 + (0.75 * length) / meanLength);
  const sum = terms.reduce((total, { term }) => {
    const count = Math.max(...term.keys.map((key) => counts.get(key) ?? 0));
    return total + (rarity(term) * count * (K1 + 1)) / (count + saturation);
  }, 0);
  return sum / (weight + 1);
}

function questionWords(asked: ReadonlySet<Asked>, own: ReadonlySet<Asked>): number {
  if ([...asked].some((kind) => own.has(kind))) return 1;
  return asked.size > 0 && own.size > 0 ? -1 : 0;
}

/** Of the best how far it is ahead of the second, of the others how far they are behind the best. */
function leads(values: readonly number[]): readonly number[] {
  if (values.length < 2) return values;
  const [first = 0, second = 0] = [...values].sort((a, b) => b - a);
  return values.map((value) => value - (value >= first - 1e-12 ? second : first));
}

function average(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}

function near(cosine: number): number {
  return clip((cosine - NEAR.from) / (NEAR.to - NEAR.from));
}

function clip(value: number): number {
  return Math.min(1, Math.max(0, value));
}
