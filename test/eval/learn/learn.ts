import { Comparison } from '../../../src/knowledge/understanding/comparison.js';
import {
  FEATURES,
  TOP_FEATURES,
  type Feature,
  type Features,
  type TopFeature,
} from '../../../src/knowledge/understanding/features.js';
import { lexicon } from '../../../src/knowledge/understanding/lexicon.js';
import { topFeatures, weigh } from '../../../src/knowledge/understanding/ranking.js';
import type { Judgement, Weights } from '../../../src/knowledge/understanding/weights.js';
import { fitLogistic, fitOrder, type Choice, type Example } from './fit.js';
import type { PoolVectors } from './model-vectors.js';
import type { Pool } from './pool.js';

/** One message among the texts of its pool. */
export interface Case {
  readonly source: string;
  readonly text: string;
  readonly rows: readonly Features[];
  readonly right: ReadonlySet<number>;
}

/** What a weight costs: chosen by leaving sources out. */
const RIDGE = { pair: 1e-2, top: 3e-3 } as const;
/** In percent of all there is to learn from. */
export type SourceWeight = (source: string) => number;

/** What only an embedding model can tell. */
const isOfModel = (name: string): boolean => name.startsWith('model');

export function casesOf(pool: Pool, vectors?: PoolVectors): readonly Case[] {
  const comparison = Comparison.of(lexicon(), pool.texts, { model: (i) => vectors?.texts[i] });
  return pool.questions.map(({ text, right }, i) => {
    const vector = vectors?.questions[i];
    const byModel = vector && vectors && { vector, unrelated: vectors.unrelated };
    return { source: pool.source, text, right, rows: comparison.features(text, byModel) };
  });
}

/** Learns to put texts in order, then to say how sure the order is. */
export function learn(cases: readonly Case[], weightOf: SourceWeight, withModel: boolean): Judgement {
  const wanted = <Name extends string>(names: readonly Name[]): readonly Name[] =>
    names.filter((name) => withModel || !isOfModel(name));
  const features = wanted(FEATURES);
  const sizes = new Map<string, number>();
  for (const { source } of cases) sizes.set(source, (sizes.get(source) ?? 0) + 1);
  const shareOf = ({ source }: Case): number => weightOf(source) / (sizes.get(source) ?? 1);
  const choices = cases.flatMap((each) => choiceOf(each, features, shareOf(each)));
  const pair = named(features, { bias: 0, weights: fitOrder(choices, RIDGE.pair) });
  const names = wanted(TOP_FEATURES);
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

/** Which texts should come first; a message that nothing answers says nothing of the order. */
function choiceOf({ rows, right }: Case, names: readonly Feature[], weight: number): Choice[] {
  if (right.size === 0) return [];
  const shares = rows.map((_, position) => (right.has(position) ? 1 / right.size : 0));
  return [{ rows: rows.map((row) => names.map((name) => row[name])), shares, weight }];
}

function topExample(
  { rows, right }: Case,
  pair: Weights<Feature>,
  names: readonly TopFeature[],
  weight: number,
): { first: Example; three: Example }[] {
  const { features, order } = judged(rows, pair);
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
  rows: readonly Features[],
  pair: Weights<Feature>,
): { readonly features: Record<TopFeature, number> | undefined; readonly order: readonly number[] } {
  const scores = rows.map((row) => weigh(pair, row));
  const order = scores.map((_, i) => i).sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0));
  return { features: topFeatures(rows, scores, order, rows.length), order };
}

function named<Name extends string>(
  names: readonly Name[],
  fitted: { readonly bias: number; readonly weights: readonly number[] },
): Weights<Name> {
  const round = (value: number): number => Math.round(value * 1e4) / 1e4;
  const of = Object.fromEntries(names.map((name, i) => [name, round(fitted.weights[i] ?? 0)]));
  return { bias: round(fitted.bias), of: of as Partial<Record<Name, number>> };
}

/** How a judgement does on cases it may not have seen. */
export interface Outcome {
  readonly best: number;
  readonly three: number;
  readonly isFirst: boolean;
  readonly isThree: boolean;
  readonly hasAnswer: boolean;
}

export function outcomeOf({ rows, right }: Case, { pair, top, topThree }: Judgement): Outcome {
  const { features, order } = judged(rows, pair);
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
