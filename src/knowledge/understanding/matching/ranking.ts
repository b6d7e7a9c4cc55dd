import { modelCosine, type Features, type TopFeature } from './features.js';
import { WITH_MODEL, WITHOUT_MODEL, type Judgement, type Weights } from './weights.js';

export interface Ranking {
  /** Positions of the texts, best first. */
  readonly order: readonly number[];
  readonly scores: readonly number[];
  /** Probability that the best text answers the message, and that one of the best three does. */
  readonly best: number;
  readonly bestThree: number;
}

/** Leads are capped at this; a text without rivals has `LEAD_ALONE`. */
const MOST_LEAD = 6;
const LEAD_ALONE = 8;
/** How many texts after the best are checked for saying the same thing. */
const MOST_TWINS = 8;

/** How many of the best texts count as rivals if they contain the kind of answer requested. */
const RIVALS = 2;

/**
 * Ranks texts by how well they answer, and estimates the probability of being right. `size` is the number of
 * all texts.
 */
export function rank(
  rows: readonly Features[],
  size: number,
  {
    bias = () => 0,
    haveSameMeaning = () => false,
    judgement = hasModel(rows) ? WITH_MODEL : WITHOUT_MODEL,
  }: {
    /** Added to each score, e.g. because a text is in another language than the message. */
    readonly bias?: (position: number) => number;
    /** Whether two texts say the same; such texts are not rivals. */
    readonly haveSameMeaning?: (one: number, other: number) => boolean;
    readonly judgement?: Judgement;
  } = {},
): Ranking {
  const scores = rows.map((row, position) => weigh(judgement.pair, row) + bias(position));
  const order = scores.map((_, i) => i).sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0));
  const rivals = withoutTwins(order, haveSameMeaning);
  const features = topFeatures(rows, scores, rivals, size);
  if (features === undefined) return { order, scores, best: 0, bestThree: 0 };
  return {
    order,
    scores,
    best: probability(weigh(judgement.top, features)),
    bestThree: probability(weigh(judgement.topThree, features)),
  };
}

/** The order without texts that say the same thing as the best one. */
export function withoutTwins(
  order: readonly number[],
  haveSameMeaning: (one: number, other: number) => boolean,
): readonly number[] {
  return order.filter(
    (position, place) => place === 0 || place > MOST_TWINS || !haveSameMeaning(order[0] ?? 0, position),
  );
}

export function topFeatures(
  rows: readonly Features[],
  scores: readonly number[],
  order: readonly number[],
  size: number,
): Record<TopFeature, number> | undefined {
  const [first, second, third] = order;
  const row = first === undefined ? undefined : rows[first];
  if (first === undefined || row === undefined) return undefined;
  const score = scores[first] ?? 0;
  const secondScore = second === undefined ? score - LEAD_ALONE : (scores[second] ?? 0);
  const thirdScore = third === undefined ? secondScore : (scores[third] ?? 0);
  return {
    ...row,
    score,
    leadSecond: Math.min(MOST_LEAD, score - secondScore),
    leadThird: Math.min(MOST_LEAD, score - thirdScore),
    overMean: score - scores.reduce((sum, value) => sum + value, 0) / scores.length,
    softmax: 1 / order.reduce((sum, position) => sum + Math.exp((scores[position] ?? 0) - score), 0),
    cosine: Math.max(row.headCosine, row.bodyCosine),
    logSize: Math.log(size),
    rivalHasSign:
      row.sign === -1 && order.slice(0, RIVALS).some((position) => rows[position]?.sign === 1) ? 1 : 0,
    rowIsOther: row.isRow * row.bothOpen,
    modelCosine: modelCosine(row),
  };
}

/** Whether the features include an embedding model's. */
function hasModel(rows: readonly Features[]): boolean {
  return rows.some(({ modelHead, modelWhole }) => modelHead !== 0 || modelWhole !== 0);
}

export function weigh<Name extends string>(
  { bias, of }: Weights<Name>,
  values: Readonly<Record<Name, number>>,
): number {
  let sum = bias;
  for (const name in of) sum += (of[name] ?? 0) * values[name];
  return sum;
}

function probability(logOdds: number): number {
  return 1 / (1 + Math.exp(-logOdds));
}
