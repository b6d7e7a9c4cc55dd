import { Comparison } from '../../../src/knowledge/understanding/matching/comparison.js';
import {
  FEATURE_NAMES,
  FEATURES,
  TOP_FEATURES,
  type Feature,
  type Features,
  type TopFeature,
} from '../../../src/knowledge/understanding/matching/features.js';
import { lexicon } from '../../../src/knowledge/understanding/words/lexicon.js';
import { topFeatures, weigh, withoutTwins } from '../../../src/knowledge/understanding/matching/ranking.js';
import type { Judgement, Weights } from '../../../src/knowledge/understanding/matching/weights.js';
import { fitLogistic, fitOrder, type Choice, type Example } from './fit.js';
import type { PoolVectors } from './model-vectors.js';
import type { Pool } from './pool.js';

/** One message and the texts of its pool. */
export interface Case {
  readonly source: string;
  readonly text: string;
  readonly rows: readonly Features[];
  readonly right: ReadonlySet<number>;
  readonly haveSameMeaning: (one: number, other: number) => boolean;
}

/** Penalties on weights, chosen by leaving sources out. */
const RIDGE = { pair: 1e-2, top: 3e-3 } as const;
/** How much the examples of a source count in total, however many messages it has. */
export type SourceWeight = (source: string) => number;

/** Features that need an embedding model. */
const isOfModel = (name: string): boolean => name.startsWith('model');

export function casesOf(pool: Pool, vectors?: PoolVectors): readonly Case[] {
  const comparison = Comparison.of(lexicon(), pool.texts, { model: (i) => vectors?.texts[i] });
  return pool.questions.map(({ text, right }, i) => {
    const vector = vectors?.questions[i];
    const byModel = vector && vectors && { vector, unrelated: vectors.unrelated };
    const { source, haveSameMeaning = () => false } = pool;
    return { source, text, right, haveSameMeaning, rows: comparison.features(text, byModel) };
  });
}

/**
 * Fits the order of texts, for which all sources count the same, then the certainty of that order.
 * `weightOf`: how much a source counts for the latter.
 */
export function learn(cases: readonly Case[], weightOf: SourceWeight, withModel: boolean): Judgement {
  const enabled = <Name extends string>(names: readonly Name[]): readonly Name[] =>
    names.filter((name) => withModel || !isOfModel(name));
  const features = enabled(FEATURE_NAMES);
  const sizes = new Map<string, number>();
  for (const { source } of cases) sizes.set(source, (sizes.get(source) ?? 0) + 1);
  const evenly = ({ source }: Case): number => 1 / (sizes.get(source) ?? 1);
  const shareOf = (each: Case): number => weightOf(each.source) * evenly(each);
  const pair = fitPair(features, (own) => cases.flatMap((each) => choiceOf(each, own, evenly(each))));
  const names = enabled(TOP_FEATURES);
  const tops = cases.flatMap((each) => topExample(each, pair, names, shareOf(each)));
  const top = named(
    names,
    fitLogistic(
      tops.map(({ first }) => first),
      RIDGE.top,
    ),
  );
  const topThree = named(
    names,
    fitLogistic(
      tops.map(({ three }) => three),
      RIDGE.top,
    ),
  );
  return { pair, top, topThree };
}

/**
 * Features with partly the same evidence may get weights of the wrong sign, which does no harm in any source
 * but does in the next business: a row named in full would count less. Such features are left out.
 */
function fitPair(
  names: readonly Feature[],
  choicesWith: (names: readonly Feature[]) => readonly Choice[],
): Weights<Feature> {
  const weights = fitOrder(choicesWith(names), RIDGE.pair);
  const kept = names.filter((name, i) => {
    const weight = weights[i] ?? 0;
    const { speaks } = FEATURES[name];
    return !(weight < 0 && speaks === 'for') && !(weight > 0 && speaks === 'against');
  });
  return kept.length === names.length ? named(names, { bias: 0, weights }) : fitPair(kept, choicesWith);
}

/** The texts that should come first; a message without an answer says nothing about the order. */
function choiceOf({ rows, right }: Case, names: readonly Feature[], weight: number): Choice[] {
  if (right.size === 0) return [];
  const shares = rows.map((_, position) => (right.has(position) ? 1 / right.size : 0));
  return [{ rows: rows.map((row) => names.map((name) => row[name])), shares, weight }];
}

function topExample(
  own: Case,
  pair: Weights<Feature>,
  names: readonly TopFeature[],
  weight: number,
): { first: Example; three: Example }[] {
  const { right } = own;
  const { features, order } = judged(own, pair);
  if (features === undefined) return [];
  const values = names.map((name) => features[name]);
  return [
    {
      first: { values, isTrue: right.has(order[0] ?? -1), weight },
      three: { values, isTrue: order.slice(0, 3).some((position) => right.has(position)), weight },
    },
  ];
}

function judged(
  { rows, haveSameMeaning }: Case,
  pair: Weights<Feature>,
): { readonly features: Record<TopFeature, number> | undefined; readonly order: readonly number[] } {
  const scores = rows.map((row) => weigh(pair, row));
  const order = scores.map((_, i) => i).sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0));
  return { features: topFeatures(rows, scores, withoutTwins(order, haveSameMeaning), rows.length), order };
}

function named<Name extends string>(
  names: readonly Name[],
  fitted: { readonly bias: number; readonly weights: readonly number[] },
): Weights<Name> {
  const round = (value: number): number => Math.round(value * 1e4) / 1e4;
  const of = Object.fromEntries(names.map((name, i) => [name, round(fitted.weights[i] ?? 0)]));
  return { bias: round(fitted.bias), of: of as Partial<Record<Name, number>> };
}

/** How a judgement does on a case, possibly one it was not fitted on. */
export interface Outcome {
  readonly best: number;
  readonly three: number;
  readonly isFirst: boolean;
  readonly isThree: boolean;
  readonly hasAnswer: boolean;
}

export function outcomeOf(own: Case, { pair, top, topThree }: Judgement): Outcome {
  const { right } = own;
  const { features, order } = judged(own, pair);
  const probability = (weights: Weights<TopFeature>): number =>
    features === undefined ? 0 : 1 / (1 + Math.exp(-weigh(weights, features)));
  return {
    best: probability(top),
    three: probability(topThree),
    isFirst: right.has(order[0] ?? -1),
    isThree: order.slice(0, 3).some((position) => right.has(position)),
    hasAnswer: right.size > 0,
  };
}
