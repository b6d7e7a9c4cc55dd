/** A class this rare is hardly ever the likelier one of two, however well it can be recognised. */
const RARE_SHARE = 0.15;
/** With fewer rows of the rare class nothing can be decided. */
const FEWEST_ROWS = 20;
/** Factor by which the F1 must improve, or the likelier class is predicted as usual. */
const WORTH_IT = 1.1;
/** A class less likely than this is never predicted. */
const SMALLEST_THRESHOLD = 0.02;

export interface RareClass {
  /** Number of the class. */
  readonly index: number;
  /** Share of all rows. */
  readonly share: number;
  /** Probability from which the class is predicted. */
  readonly threshold: number;
  readonly recall: number;
  readonly precision: number;
  readonly f1: number;
}

/** The predicted class of each row, and how it was decided. */
export interface Saying {
  readonly predictions: Uint8Array;
  readonly rare: RareClass | undefined;
}

interface Scored {
  /** Probability of the rare class, by row. */
  readonly probability: Float64Array;
  readonly isRare: Uint8Array;
}

/**
 * For two classes, one of them rare: the probability from which the rare one is predicted, so that recall and
 * precision are in balance (the largest F1). The threshold for the rows of a part is chosen on the other
 * parts, so that no row influences the figure it is part of. `parts`: where each ends.
 */
export function thresholdRareClass(
  probabilities: Float64Array,
  actual: Float64Array,
  parts: readonly number[],
): Saying {
  const rows = actual.length;
  const ones = actual.reduce((sum, value) => sum + value, 0);
  const index = ones * 2 <= rows ? 1 : 0;
  const count = index === 1 ? ones : rows - ones;
  const probability = Float64Array.from(actual, (_, row) => probabilities[row * 2 + index] as number);
  const isRare = Uint8Array.from(actual, (value) => Number(value === index));
  const usual = Uint8Array.from(probability, (value) => (value > 0.5 ? index : 1 - index));
  if (count > rows * RARE_SHARE || count < FEWEST_ROWS) return { predictions: usual, rare: undefined };
  const predictions = new Uint8Array(rows);
  let start = 0;
  for (const end of parts) {
    const threshold = bestThreshold(
      without({ probability, isRare }, parts.length === 1 ? [0, 0] : [start, end]),
    );
    for (let row = start; row < end; row += 1) {
      predictions[row] = (probability[row] as number) >= threshold ? index : 1 - index;
    }
    start = end;
  }
  const gained = figuresOf(predictions, isRare, index);
  if (gained.f1 < WORTH_IT * figuresOf(usual, isRare, index).f1)
    return { predictions: usual, rare: undefined };
  const threshold = bestThreshold({ probability, isRare });
  return { predictions, rare: { index, share: count / rows, threshold, ...gained } };
}

/**
 * The weights by which the likelier class is chosen, so that the rare one is predicted from its threshold on.
 */
export function sayWeights({ index, threshold }: RareClass): readonly [number, number] {
  return index === 1 ? [threshold, 1 - threshold] : [1 - threshold, threshold];
}

function without({ probability, isRare }: Scored, [start, end]: readonly [number, number]): Scored {
  const keep = (_: unknown, row: number): boolean => row < start || row >= end;
  return { probability: probability.filter(keep), isRare: isRare.filter(keep) };
}

function bestThreshold({ probability, isRare }: Scored): number {
  const order = Uint32Array.from(probability, (_, row) => row);
  order.sort((a, b) => (probability[b] as number) - (probability[a] as number));
  const all = isRare.reduce((sum, value) => sum + value, 0);
  let hits = 0;
  let best = { f1: 0, threshold: 0.5 };
  for (let place = 0; place < order.length; place += 1) {
    hits += isRare[order[place] as number] as number;
    const here = probability[order[place] as number] as number;
    const next = probability[order[place + 1] as number] ?? 0;
    if (here < SMALLEST_THRESHOLD) break;
    if (here === next) continue;
    const f1 = (2 * hits) / (place + 1 + all);
    if (f1 > best.f1) best = { f1, threshold: Math.max(SMALLEST_THRESHOLD, (here + next) / 2) };
  }
  return Math.min(0.5, best.threshold);
}

function figuresOf(
  predictions: Uint8Array,
  isRare: Uint8Array,
  index: number,
): Pick<RareClass, 'recall' | 'precision' | 'f1'> {
  let hits = 0;
  let predictedRare = 0;
  let all = 0;
  isRare.forEach((rare, row) => {
    const isPredicted = predictions[row] === index;
    all += rare;
    predictedRare += Number(isPredicted);
    hits += Number(isPredicted && rare === 1);
  });
  return {
    recall: all === 0 ? 0 : hits / all,
    precision: predictedRare === 0 ? 0 : hits / predictedRare,
    f1: predictedRare + all === 0 ? 0 : (2 * hits) / (predictedRare + all),
  };
}
