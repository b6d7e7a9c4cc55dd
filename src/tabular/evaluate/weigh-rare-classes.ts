import { bestClass, macroF1 } from './metrics.js';

/** A class with less than this fraction of an even share is hardly ever the likeliest one. */
const UNEVEN = 0.5;
/** With fewer rows of a rare class nothing can be decided. */
const FEWEST_ROWS = 10;
/** With more classes the confusion counts take more memory than they are worth. */
const MOST_CLASSES = 60;
/** Factor by which the F1 must improve, or the likeliest class is predicted as usual. */
const WORTH_IT = 1.03;
/** How much more a rare class weighs: its rarity to the power of one of these. */
const POWERS = [0, 0.25, 0.5, 0.75, 1] as const;

/** The predicted class of each row, and the weight of each class in that choice. */
export interface WeightedClasses {
  readonly predictions: Uint16Array;
  readonly weights: readonly number[];
}

interface Scored {
  readonly probabilities: Float64Array;
  readonly actual: Float64Array;
  readonly classes: number;
}

/**
 * For many classes, some of them rare: how much more the rare ones weigh, so that recall and precision of all
 * classes are as good as possible (the largest mean F1). The weights for the rows of a part are chosen on the
 * other parts, so that no row influences the figure it is part of. `undefined`: the likeliest class is as
 * good. `parts`: where each ends.
 */
export function weighRareClasses(scored: Scored, parts: readonly number[]): WeightedClasses | undefined {
  const { actual, classes } = scored;
  const counts = new Float64Array(classes);
  for (const value of actual) counts[value] = (counts[value] ?? 0) + 1;
  const isUneven = counts.some((count) => count >= FEWEST_ROWS && count * classes < UNEVEN * actual.length);
  if (!isUneven || classes > MOST_CLASSES) return undefined;
  const ways = POWERS.map((power) => {
    const weights = Array.from(counts, (count) => (actual.length / Math.max(1, count)) ** power);
    const largest = Math.max(...weights);
    return wayOf(
      scored,
      weights.map((weight) => weight / largest),
      parts,
    );
  });
  const usual = ways[0] as Way;
  const predictions = usual.predictions.slice();
  let start = 0;
  parts.forEach((end, part) => {
    const way = bestWay(ways, parts.length === 1 ? -1 : part);
    predictions.set(way.predictions.subarray(start, end), start);
    start = end;
  });
  if (f1Of(predictions, scored) < WORTH_IT * f1Of(usual.predictions, scored)) return undefined;
  return { predictions, weights: bestWay(ways, -1).weights };
}

interface Way {
  readonly weights: readonly number[];
  readonly predictions: Uint16Array;
  /** For each part; row: actual class; column: predicted class. */
  readonly confusions: readonly (readonly Float64Array[])[];
}

function wayOf(
  { probabilities, actual, classes }: Scored,
  weights: readonly number[],
  parts: readonly number[],
): Way {
  const predictions = Uint16Array.from(actual, (_, row) => bestClass(probabilities, row, classes, weights));
  let start = 0;
  const confusions = parts.map((end) => {
    const confusion = confusionOf(predictions, actual, classes, start, end);
    start = end;
    return confusion;
  });
  return { weights, predictions, confusions };
}

/** The best way by all parts but one. */
function bestWay(ways: readonly Way[], without: number): Way {
  const [first] = ways as readonly [Way];
  let best = { way: first, f1: -1 };
  for (const way of ways) {
    const sum = first.weights.map((_, row) =>
      first.weights.map((__, column) =>
        way.confusions.reduce(
          (total, part, index) => total + (index === without ? 0 : (part[row]?.[column] ?? 0)),
          0,
        ),
      ),
    );
    const f1 = macroF1(sum);
    if (f1 > best.f1) best = { way, f1 };
  }
  return best.way;
}

function f1Of(predictions: Uint16Array, { actual, classes }: Scored): number {
  return macroF1(confusionOf(predictions, actual, classes, 0, actual.length));
}

function confusionOf(
  predictions: Uint16Array,
  actual: Float64Array,
  classes: number,
  start: number,
  end: number,
): Float64Array[] {
  const counts = Array.from({ length: classes }, () => new Float64Array(classes));
  for (let row = start; row < end; row += 1) {
    const line = counts[actual[row] as number];
    const column = predictions[row] as number;
    if (line !== undefined) line[column] = (line[column] as number) + 1;
  }
  return counts;
}
